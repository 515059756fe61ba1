import type pg from "pg";
import type { Month } from "@/lib/domain/day";

/** What people do that moves the figures of a month or what is said of them. Approving is not among it: it makes nothing. */
const EDITS = [
  "exception.accept",
  "exception.ask-acceptance",
  "exception.reopen",
  "acceptance-rule.propose",
  "mapping-request.ask",
  "mapping-request.edit",
  "settings.item",
  "settings.tax-code",
  "settings.reference",
  "settings.posting-lag",
  "settings.reference-rules",
  "rounding.confirm",
  "proposal.accept",
  "cut-off.set",
  "document.link",
  "document.take-out",
  "document.undo",
  "lines.pair",
  "lines.unpair",
  "lines.undo",
  "resolution.make",
];

/** Who last edited what would be signed, and when. */
export type LastEdit = Readonly<{ actorId: string; actorName: string; at: Date; action: string }>;

/**
 * The last edit that may have moved a month's figures: of an exception of that month, or of something that counts for every
 * month of the entity. Null where nobody edited anything.
 */
export async function lastEditOf(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<LastEdit | null> {
  const { rows } = await client.query<LastEdit>(
    `SELECT a.actor_id AS "actorId", a.actor_name AS "actorName", a.at, a.action FROM audit_event a
      WHERE a.chain = $1 AND a.outcome = 'done' AND a.actor_kind = 'person' AND a.action = ANY ($2)
        AND (a.subject NOT LIKE 'exception:%' OR EXISTS (
          SELECT FROM exception e WHERE e.entity_id = $1 AND 'exception:' || e.id = a.subject
             AND (e.period = $3 OR e.amounts @> $4::jsonb)))
      ORDER BY a.seq DESC LIMIT 1`,
    [entityId, EDITS, month, JSON.stringify([{ period: month }])],
  );
  return rows[0] ?? null;
}
