import type pg from "pg";
import type { Finding } from "@/lib/causes/outcome";
import { statusDrift } from "@/lib/causes/status-drift";
import type { OrderFacts } from "@/lib/domain/status/facts";
import { judge, type Wait } from "@/lib/domain/status/judge";
import { isTransition, transitionOf } from "@/lib/domain/status/transitions";
import type { EntityBooks } from "../settings";
import { isStuck, stepOfSubject } from "./drift";
import { keyedShops, loadFacts } from "./facts";
import { loadNormal } from "./normal";

/** An exception of this cause as it stands now: the step that is missing, and its words in the place of a finding of the books. */
export type Drift = Readonly<{
  orderKey: string;
  drift: Wait;
  finding: Finding;
  /** the order, when it was read last, and its steps that have open exceptions of this cause */
  told: Readonly<{ facts: OrderFacts; open: readonly string[]; readAt: Date; timeZone: string }>;
}>;

/**
 * The missing steps of exceptions, by the exception's id, as both systems stand. One that has come, is not stuck any more, or is no
 * step (what contradicts itself) is left out: nothing is to be pushed for it.
 */
export async function driftsIn(
  client: pg.PoolClient,
  entity: EntityBooks,
  subjects: readonly Readonly<{ orderKey: string; id: string }>[],
  asOf: Date,
): Promise<ReadonlyMap<string, Drift>> {
  const { rows } = await client.query<{
    id: string;
    orderKey: string;
    subject: string;
    kind: "sale" | "credit";
    number: string | null;
    explanation: string;
    signature: string;
  }>(
    `SELECT id, order_key AS "orderKey", source_line AS subject, document_kind AS kind, document_number AS number, explanation, signature
       FROM exception WHERE entity_id = $1 AND order_key = ANY ($2::uuid[]) AND id = ANY ($3::uuid[]) AND cause = $4`,
    [entity.id, subjects.map((one) => one.orderKey), subjects.map((one) => one.id), statusDrift.code],
  );
  const drifts = new Map<string, Drift>();
  if (rows.length === 0) return drifts;
  const keyed = await keyedShops(client, entity.id);
  const normal = await loadNormal(client, entity.id);
  const keys = [...new Set(rows.map((row) => row.orderKey))];
  const held = await loadFacts(client, entity, keys, keyed);
  const byKey = new Map(held.map((one) => [one.facts.orderKey, one]));
  const around = await aroundOf(client, entity.id, keys);
  for (const { id, orderKey, subject, kind, number, explanation, signature } of rows) {
    const step = stepOfSubject(subject);
    const found = byKey.get(orderKey);
    if (!found || !isTransition(step)) continue;
    const drift = judge(found.facts).waiting.find((one) => one.transition === step);
    const { postingLagHours } = entity.settings;
    if (
      !drift ||
      !isStuck(transitionOf(step), drift.since, asOf, normal(found.shopId, step), postingLagHours)
    )
      continue;
    drifts.set(id, {
      orderKey,
      drift,
      told: {
        facts: found.facts,
        open: (around.get(orderKey)?.open ?? []).map(stepOfSubject),
        readAt: around.get(orderKey)?.readAt ?? asOf,
        timeZone: entity.timeZone,
      },
      finding: {
        cause: statusDrift,
        claim: {
          effect: { kind: "aside", lineIds: [] },
          subject: { documentKind: kind, sourceLine: subject, documentNumber: number },
          explanation,
          steps: [],
          signature,
        },
        bucket: statusDrift.bucket,
        parts: [],
        pairIds: [],
        alternatives: [],
      },
    });
  }
  return drifts;
}

type Around = Readonly<{ orderKey: string; readAt: Date; open: readonly string[] }>;

/** When orders were read last, and the subjects of their open exceptions of this cause. */
async function aroundOf(
  client: pg.ClientBase,
  entityId: string,
  orderKeys: readonly string[],
): Promise<ReadonlyMap<string, Around>> {
  const { rows } = await client.query<Around>(
    `SELECT o.order_key AS "orderKey", o.checked_at AS "readAt",
            ARRAY(SELECT e.source_line FROM exception e WHERE e.order_key = o.order_key AND e.cause = $3
                   AND e.state NOT IN ('resolved', 'accepted', 'explained') ORDER BY e.source_line) AS open
       FROM sales_order o WHERE o.entity_id = $1 AND o.order_key = ANY ($2::uuid[])`,
    [entityId, orderKeys, statusDrift.code],
  );
  return new Map(rows.map((row) => [row.orderKey, row]));
}
