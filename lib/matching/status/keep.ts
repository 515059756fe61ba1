import type pg from "pg";
import { type Judgement, judge, type Wait } from "@/lib/domain/status/judge";
import { JUDGED_DAYS, MEASURED_DAYS } from "@/lib/domain/status/lag";
import { transitionOf } from "@/lib/domain/status/transitions";
import { insertJson } from "../write";
import { type HeldFacts, keyedShops, loadFacts } from "./facts";

/** Orders that are judged at a time. */
const BATCH = 2000;

const DAY = 86_400_000;

type Entity = Readonly<{ id: string; timeZone: string }>;

/**
 * Writes down how far orders are in both systems, as they stand: what came (to measure by), what is waited for, what contradicts
 * itself, and codes that nobody knows. Once per match of a group: what only gets older is judged by `reconcileStatusDrift`.
 */
export async function keepSteps(
  client: pg.PoolClient,
  entity: Entity,
  asOf: Date,
  orderKeys: readonly string[],
): Promise<void> {
  if (orderKeys.length === 0) return;
  const keyed = await keyedShops(client, entity.id);
  for (let from = 0; from < orderKeys.length; from += BATCH) {
    const some = orderKeys.slice(from, from + BATCH);
    const held = await loadFacts(client, entity, some, keyed);
    await client.query({
      name: "status-cleared",
      text: "DELETE FROM status_step WHERE order_key = ANY ($1::uuid[])",
      values: [some],
    });
    await insertJson(
      client,
      "status_step",
      COLUMNS,
      held.flatMap((one) => rowsOf(one, entity.id, asOf)),
    );
  }
}

/** The same for the groups in the temporary table `scope`. */
export async function keepStepsOfScope(client: pg.PoolClient, entity: Entity, asOf: Date): Promise<void> {
  const { rows } = await client.query<{ order_key: string }>(
    "SELECT order_key FROM scope ORDER BY order_key",
  );
  await keepSteps(
    client,
    entity,
    asOf,
    rows.map((row) => row.order_key),
  );
}

const COLUMNS =
  "order_key uuid, step text, kind text, entity_id text, shop_id text, since timestamptz, until timestamptz, detail jsonb";

function rowsOf(
  { facts, shopId, isCovered }: HeldFacts,
  entityId: string,
  asOf: Date,
): readonly Record<string, unknown>[] {
  const judged = judge(facts);
  const of = { order_key: facts.orderKey, entity_id: entityId, shop_id: shopId };
  const placed = facts.placedAt ?? facts.confirmedAt ?? asOf;
  const isOld = placed.getTime() < asOf.getTime() - JUDGED_DAYS * DAY;
  return [
    ...judged.done
      .filter(({ until }) => until.getTime() >= asOf.getTime() - MEASURED_DAYS * DAY)
      .map(({ transition, from, until }) => ({
        ...of,
        step: transition,
        kind: "done",
        since: from,
        until,
        detail: {},
      })),
    ...(isOld ? [] : openRows(judged, isCovered, placed).map((row) => ({ ...of, until: null, ...row }))),
  ];
}

/** What is open of an order. What a summary posting covers stands in another group's documents: the books say what is missing of it. */
function openRows({ waiting, contradictions, unknown }: Judgement, isCovered: boolean, placed: Date) {
  return [
    ...waiting
      .filter(({ transition }) => !isCovered || !transitionOf(transition).isOfTheBooks)
      .map((wait) => ({
        step: wait.transition,
        kind: "waiting",
        since: wait.since,
        detail: detailOf(wait),
      })),
    ...contradictions.map(({ key, says }) => ({
      step: key,
      kind: "contradictory",
      since: placed,
      detail: { says },
    })),
    ...[...new Set(unknown.map(({ axis }) => axis))].map((axis) => ({
      step: axis,
      kind: "unknown",
      since: placed,
      detail: { codes: unknown.filter((one) => one.axis === axis).map((one) => one.code) },
    })),
  ];
}

const detailOf = ({ items, documents, worth, key }: Wait) => ({
  items,
  documents,
  worth,
  ...(key === undefined ? {} : { key }),
});
