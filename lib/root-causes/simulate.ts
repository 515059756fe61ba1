import type pg from "pg";
import { codeOf, fixesOf, type LineFix } from "@/lib/causes/as-fixed";
import { explainGroup } from "@/lib/causes/explain";
import { Refusal } from "@/lib/domain/faults";
import type { Group } from "@/lib/domain/group";
import { idOf, quickIdOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { loadGroups } from "@/lib/matching/groups";
import { OPEN_STATES } from "@/lib/matching/root-causes";
import { type EntityBooks, loadEntities } from "@/lib/matching/settings";

const BATCH = 1000;

/**
 * Puts the ERP's lines of a root cause as they would stand without the fault: what each exception is proved with says how.
 * Lines that stand alone (posted twice, posted for a cancelled order) go; what was never posted is posted as SCAYLE states it. To be called in a transaction that is rolled back,
 * before everything is matched again: how many lines it changed.
 */
export async function simulateFix(
  client: pg.PoolClient,
  entityId: string,
  rootCauseId: string,
  asOf: Date,
): Promise<number> {
  const [entity] = await loadEntities(client, entityId);
  if (!entity) return 0;
  const { rows } = await client.query<{ key: string }>(
    `SELECT DISTINCT order_key AS key FROM exception WHERE entity_id = $1 AND root_cause_id = $2 AND state IN ${OPEN_STATES} ORDER BY 1`,
    [entityId, rootCauseId],
  );
  let changed = 0;
  for (let done = 0; done < rows.length; done += BATCH) {
    const keys = rows.slice(done, done + BATCH).map((row) => row.key);
    const groups = await loadGroups(client, entity, asOf, keys);
    const fixes = groups.flatMap((group) => fixesIn(group, entity, rootCauseId));
    await applyFixes(client, fixes);
    const posted = groups.flatMap((group) => postingsIn(group, entity, rootCauseId));
    await post(client, entityId, posted, asOf);
    changed += fixes.length + posted.length;
  }
  return changed;
}

function fixesIn(group: Group, entity: EntityBooks, rootCauseId: string): readonly LineFix[] {
  return explainGroup(group).findings.flatMap(({ cause, claim }) =>
    quickIdOf(entity.id, cause.code, claim.signature) === rootCauseId
      ? fixesOf(group, cause.code, claim)
      : [],
  );
}

/** Causes that are put right by posting what SCAYLE has and the ERP has not. */
const OF_POSTING: ReadonlySet<string> = new Set(["sale-missing-in-erp", "credit-missing-in-erp"]);

/** A line of SCAYLE's as the ERP would post it: the same figures on the same day, with the mapping's tax code. */
type Posting = Readonly<{
  orderKey: string;
  /** SCAYLE's line, and the ERP's that would come */
  of: string;
  id: string;
  documentId: string;
  taxCode: string | null;
}>;

function postingsIn(group: Group, entity: EntityBooks, rootCauseId: string): readonly Posting[] {
  const lines = new Map(group.lines.map((line) => [line.id, line]));
  return explainGroup(group).findings.flatMap(({ cause, claim }) => {
    const isOfIt =
      OF_POSTING.has(cause.code) &&
      claim.effect.kind === "aside" &&
      quickIdOf(entity.id, cause.code, claim.signature) === rootCauseId;
    if (!isOfIt || claim.effect.kind !== "aside") return [];
    return claim.effect.lineIds.flatMap((of) => {
      const line = lines.get(of);
      // What the order's total says beyond its items is no line that an ERP posts.
      if (line?.side !== "scayle" || line.kind === "header") return [];
      const orderKey = line.orderKey ?? group.orderKey;
      const documentId = idOf("posting", rootCauseId, orderKey, line.documentKind);
      return [
        { orderKey, of, id: idOf("posting", documentId, of), documentId, taxCode: codeOf(group, line) },
      ];
    });
  });
}

async function post(
  client: pg.PoolClient,
  entityId: string,
  postings: readonly Posting[],
  at: Date,
): Promise<void> {
  if (postings.length === 0) return;
  const rows =
    'json_to_recordset($1::json) AS p("orderKey" uuid, "of" uuid, id uuid, "documentId" uuid, "taxCode" text)';
  const { rowCount } = await client.query(
    `INSERT INTO document (order_key, id, entity_id, connection_id, side, kind, source_id, number, reference, posted, order_known,
            currency, shop_id, channel, ship_to, posting_day, version, content_hash, seen_at)
     SELECT DISTINCT ON (p."documentId") d.order_key, p."documentId", d.entity_id, c.id, 'erp', l.document_kind, p."documentId"::text,
            'to be posted', d.reference, true, true, l.currency, d.shop_id, d.channel, d.ship_to, l.day, 1, '', $3
       FROM ${rows} JOIN line l ON l.order_key = p."orderKey" AND l.id = p."of"
       JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
       CROSS JOIN (SELECT id FROM connection WHERE entity_id = $2 AND side = 'erp' AND retired_at IS NULL ORDER BY id LIMIT 1) AS c
      ORDER BY p."documentId", l.day`,
    [toJson(postings), entityId, at],
  );
  if (!rowCount) throw new Refusal("invalid", "No ERP is connected that could post it.");
  await client.query(
    `INSERT INTO line (order_key, id, document_id, entity_id, side, document_kind, kind, granularity, source_line_id, position, sku,
            item_key, quantity, unit_price, discount, net, tax, gross, tax_code, tax_rate, currency, day, period, shipment,
            description, shop_id, channel, in_books)
     SELECT l.order_key, p.id, p."documentId", l.entity_id, 'erp', l.document_kind, l.kind, l.granularity, p."of"::text,
            (row_number() OVER (PARTITION BY p."documentId" ORDER BY l.position, l.id))::int - 1, l.sku, l.item_key, l.quantity,
            l.unit_price, l.discount, l.net, l.tax, l.gross, p."taxCode", l.tax_rate, l.currency, l.day, l.period, l.shipment,
            l.description, l.shop_id, l.channel, true
       FROM ${rows} JOIN line l ON l.order_key = p."orderKey" AND l.id = p."of"`,
    [toJson(postings)],
  );
}

async function applyFixes(client: pg.PoolClient, fixes: readonly LineFix[]): Promise<void> {
  const gone = fixes.filter((one) => one.line === null);
  await client.query(
    `DELETE FROM line USING unnest($1::uuid[], $2::uuid[]) AS gone(order_key, id)
      WHERE line.order_key = gone.order_key AND line.id = gone.id`,
    [gone.map((one) => one.orderKey), gone.map((one) => one.id)],
  );
  await client.query(
    `UPDATE line AS l SET item_key = row.item_key, quantity = row.quantity, net = row.net, tax = row.tax, gross = row.gross,
            tax_code = row.tax_code, tax_rate = row.tax_rate, currency = row.currency
       FROM json_to_recordset($1::json) AS row(order_key uuid, id uuid, item_key text, quantity numeric, net bigint, tax bigint,
              gross bigint, tax_code text, tax_rate numeric, currency text)
      WHERE l.order_key = row.order_key AND l.id = row.id`,
    [
      toJson(
        fixes.flatMap(({ orderKey, id, line, taxCode }) =>
          line === null
            ? []
            : [
                {
                  order_key: orderKey,
                  id,
                  item_key: line.itemKey,
                  quantity: line.quantity.toString(),
                  net: line.net,
                  tax: line.tax,
                  gross: line.gross,
                  tax_code: taxCode,
                  tax_rate: line.taxRate?.toString() ?? null,
                  currency: line.currency,
                },
              ],
        ),
      ),
    ],
  );
}
