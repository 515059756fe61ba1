import type pg from "pg";
import { policyFor } from "@/lib/causes/corrections";
import { isReproducedBy } from "@/lib/causes/erp-rounding";
import type { GroupDocument, GroupLine } from "@/lib/domain/group";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { lineFrom } from "./groups";

/** Documents that are looked at to infer a policy: enough to tell policies apart, few enough to stay quick. */
const SAMPLE = 5000;

const CANDIDATES: readonly RoundingPolicy[] = (["document", "line", "unit"] as const).flatMap((level) =>
  (["half-up", "half-even"] as const).flatMap((mode) =>
    (["tax", "net"] as const).map((first) => ({ level, mode, basis: "gross" as const, first })),
  ),
);

/**
 * Proposes how each ERP connection of an entity rounds and which tax codes are right where, from what it has posted.
 * What a person confirmed, or said no to, is left alone. With `confirm` the proposals count at once (accepted in advance).
 * Returns in words what is new.
 */
export async function makeProposals(
  client: pg.PoolClient,
  entityId: string,
  confirm: Readonly<{ at: Date; by: string }> | null,
): Promise<readonly string[]> {
  const rounding = await proposeRounding(client, entityId, confirm);
  const codes = await proposeTaxCodes(client, entityId, confirm);
  return [...rounding, ...codes];
}

async function proposeRounding(
  client: pg.PoolClient,
  entityId: string,
  confirm: Readonly<{ at: Date; by: string }> | null,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string; name: string; rounding: unknown }>(
    `SELECT id, name, rounding FROM connection
      WHERE entity_id = $1 AND side = 'erp' AND rounding_confirmed_at IS NULL AND retired_at IS NULL ORDER BY id`,
    [entityId],
  );
  const words: string[] = [];
  for (const row of rows) {
    const proposal = await inferPolicy(client, entityId, row.id);
    if (!proposal || (!confirm && toJson(proposal) === toJson(row.rounding))) continue;
    await client.query(
      `UPDATE connection SET rounding = $2::jsonb, rounding_confirmed_at = $3 WHERE id = $1`,
      [row.id, toJson(proposal), confirm?.at ?? null],
    );
    words.push(
      `${row.name}: rounds per ${proposal.policy.level}, which gives ${proposal.reproduced} of ${proposal.documents} documents${proposal.runnerUp === proposal.reproduced ? "; another level gives as many, so these documents don't tell them apart" : `, the next best ${proposal.runnerUp}`}`,
    );
  }
  return words;
}

type Proposal = Readonly<{ policy: RoundingPolicy; reproduced: number; documents: number; runnerUp: number }>;

async function inferPolicy(
  client: pg.PoolClient,
  entityId: string,
  connectionId: string,
): Promise<Proposal | null> {
  const { rows } = await client.query<Record<string, unknown>>(
    `WITH sample AS (SELECT order_key, id, prices_include_tax FROM document
                      WHERE entity_id = $1 AND connection_id = $2 AND posted ORDER BY id LIMIT $3)
     SELECT l.*, s.prices_include_tax FROM line l JOIN sample s ON s.order_key = l.order_key AND s.id = l.document_id
      ORDER BY l.document_id, l.id`,
    [entityId, connectionId, SAMPLE],
  );
  const documents = new Map<string, { lines: GroupLine[]; pricesIncludeTax: boolean | null }>();
  for (const row of rows) {
    const line = lineFrom(row);
    const document = documents.get(line.documentId) ?? {
      lines: [],
      pricesIncludeTax: row["prices_include_tax"] as boolean | null,
    };
    document.lines.push(line);
    documents.set(line.documentId, document);
  }
  const usable = [...documents.values()].filter(
    ({ lines }) =>
      lines.every((line) => line.tax !== null && line.taxRate !== null) &&
      lines.some((line) => line.tax !== 0n),
  );
  if (usable.length === 0) return null;
  const scores = CANDIDATES.map((policy) => ({
    policy,
    reproduced: usable.filter(({ lines, pricesIncludeTax }) =>
      isReproducedBy(
        lines,
        policyFor({ pricesIncludeTax } as Pick<GroupDocument, "pricesIncludeTax"> as GroupDocument, policy),
      ),
    ).length,
  }));
  const best = scores.reduce((a, b) => (b.reproduced > a.reproduced ? b : a));
  const runnerUp = Math.max(
    0,
    ...scores.filter((one) => one.policy.level !== best.policy.level).map((one) => one.reproduced),
  );
  // A policy that makes fewer than half of the documents is not how this ERP rounds.
  if (best.reproduced * 2 < usable.length) return null;
  return { policy: best.policy, reproduced: best.reproduced, documents: usable.length, runnerUp };
}

async function proposeTaxCodes(
  client: pg.PoolClient,
  entityId: string,
  confirm: Readonly<{ at: Date; by: string }> | null,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ ship_to: string; rate: string; tax_code: string; used: bigint }>(
    `WITH used AS (
       SELECT o.ship_to, round(l.tax_rate, 5) AS rate, l.tax_code, count(*) AS used
         FROM line l JOIN sales_order o USING (order_key) JOIN entity e ON e.id = l.entity_id
        WHERE l.entity_id = $1 AND l.side = 'erp' AND l.kind = 'item' AND l.in_books AND o.ship_to IS NOT NULL
          AND l.tax_rate IS NOT NULL AND coalesce(l.tax_code, '') <> '' AND NOT l.tax_code = ANY (e.none_tax_codes)
        GROUP BY 1, 2, 3),
     shared AS (SELECT *, sum(used) OVER (PARTITION BY ship_to, rate) AS place FROM used)
     SELECT ship_to, rate, tax_code, used FROM shared s
      WHERE used * 100 >= place
        AND NOT EXISTS (SELECT FROM tax_mapping m WHERE m.entity_id = $1 AND m.ship_to = s.ship_to
                          AND m.rate = s.rate AND m.tax_code = s.tax_code AND (m.confirmed_at IS NOT NULL OR m.confirmed_by IS NOT NULL OR NOT $2))
      ORDER BY 1, 2, 3`,
    [entityId, confirm !== null],
  );
  for (const row of rows) {
    await client.query(
      `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, treatment, tax_code, proposed_from, confirmed_at, confirmed_by)
       VALUES ($1, $2, $3, '*', $4, CASE WHEN $4::numeric = 0 THEN 'zero' ELSE 'standard' END, $5, $6, $7, $8)
       ON CONFLICT (entity_id, ship_to, channel, rate, tax_code)
       DO UPDATE SET proposed_from = excluded.proposed_from, confirmed_at = excluded.confirmed_at, confirmed_by = excluded.confirmed_by`,
      [
        idOf("tax-mapping", entityId, row.ship_to, "*", row.rate, row.tax_code),
        entityId,
        row.ship_to,
        row.rate,
        row.tax_code,
        `${row.used} posted lines`,
        confirm?.at ?? null,
        confirm?.by ?? null,
      ],
    );
  }
  return rows.map(
    (row) => `${row.ship_to} at ${Number(row.rate) * 100} %: ${row.tax_code} (${row.used} lines)`,
  );
}
