import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { askFor, type RequestContext } from "./requests";
import { type MappingChange, ROWS_MOST } from "./schema";

/** Who asks where nobody pressed a button: it was agreed when the entity was connected. */
const ASKER: AuditActor = {
  kind: "machine",
  id: "proposals",
  name: "Tieout, as agreed when the entity was connected",
};

const REASON =
  "Posted lines propose these. They were to be taken as confirmed; a second person has to agree.";

/**
 * Makes a request of the tax codes that are proposed, for an entity that takes proposals in advance and where a second person
 * approves mappings. What was asked for before, whatever became of it, is not asked for again. Null where nothing is new.
 *
 * @throws Refusal `conflict` while a reconciliation is at work
 */
export async function askForProposals(
  entityId: string,
  context: Required<Pick<RequestContext, "pool" | "now">> & RequestContext,
): Promise<Readonly<{ id: string }> | null> {
  const changes = [...(await newProposals(context.pool, entityId))];
  if (changes.length === 0) return null;
  return askFor(ASKER, { entityId, changes, source: "proposals", reason: REASON, again: null }, context);
}

/** Proposed tax codes that no request has named yet; none where they are confirmed in advance, or not taken at all. */
async function newProposals(pool: pg.Pool, entityId: string): Promise<readonly MappingChange[]> {
  const { rows } = await pool.query<
    Readonly<{
      shipTo: string;
      channel: string;
      rate: string;
      taxCode: string;
    }>
  >(
    `SELECT m.ship_to AS "shipTo", m.channel, trim_scale(m.rate)::text AS rate, m.tax_code AS "taxCode"
       FROM tax_mapping m JOIN entity e ON e.id = m.entity_id
      WHERE m.entity_id = $1 AND e.accept_proposals AND e.second_person AND m.confirmed_at IS NULL AND m.confirmed_by IS NULL
        AND m.proposed_from LIKE '% posted lines'
        AND NOT EXISTS (
          SELECT FROM mapping_request r, jsonb_array_elements(r.changes) AS c
           WHERE r.entity_id = m.entity_id AND c ->> 'kind' = 'tax-code' AND c ->> 'shipTo' = m.ship_to
             AND c ->> 'channel' = m.channel AND (c ->> 'rate')::numeric = m.rate AND c ->> 'taxCode' = m.tax_code)
      ORDER BY 1, 3, 4 LIMIT ${ROWS_MOST}`,
    [entityId],
  );
  return rows.map((row) => ({ kind: "tax-code", ...row, right: true }));
}
