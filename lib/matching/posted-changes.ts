import type pg from "pg";
import { postedChanged } from "@/lib/causes/posted-changed";
import { type Day, dayIn, monthOf } from "@/lib/domain/day";
import { idOf } from "@/lib/domain/identity";
import { absolute, formatAmount, type Minor } from "@/lib/domain/money";
import type { Moment } from "./exceptions";
import { keepStanding, type Standing } from "./standing";

type Row = Readonly<{
  order_key: string;
  connection_id: string;
  source_id: string;
  number: string;
  kind: string;
  currency: string;
  day: Day | null;
  order_reference: string | null;
  first_gross: Minor | null;
  gross: Minor | null;
  first_day: Day | null;
  changes: number;
  changed_at: Date;
  gone: boolean;
  content_hash: string;
}>;

/**
 * Opens an exception for each ERP document that says something else than when it was posted, or that its ledger no longer
 * has, and resolves those of documents that are again what they were. Every version is kept: nothing is changed silently.
 */
export async function reconcilePostedChanges(
  client: pg.PoolClient,
  entityId: string,
  ownerTeam: string,
  moment: Moment,
): Promise<void> {
  const { rows } = await client.query<Row>(CHANGED, [entityId]);
  await keepStanding(
    client,
    entityId,
    { cause: postedChanged, ownerTeam, cleared: "The document is again what it was when it was posted." },
    rows.map((row) => standingOf(row, moment)),
    moment,
  );
}

// The versions of a document in its group: few, found by the group's key.
const CHANGED = `
  WITH changed AS (
    SELECT DISTINCT order_key, document_id FROM document_version
     WHERE entity_id = $1 AND reason IN ('posted-changed', 'withdrawn')),
  versions AS (
    SELECT v.*, count(*) FILTER (WHERE reason IN ('posted-changed', 'withdrawn')) OVER w AS changes,
           max(seen_at) FILTER (WHERE reason IN ('posted-changed', 'withdrawn')) OVER w AS changed_at,
           min(version) FILTER (WHERE reason IN ('posted-changed', 'withdrawn')) OVER w AS first_change,
           max(version) OVER w AS newest
      FROM document_version v JOIN changed USING (order_key, document_id)
    WINDOW w AS (PARTITION BY order_key, document_id))
  SELECT now.order_key, was.content ->> 'sourceId' AS source_id, now.content ->> 'number' AS number,
         now.content ->> 'kind' AS kind, now.content ->> 'currency' AS currency, now.content ->> 'postingDay' AS day,
         coalesce(o.reference, now.content ->> 'reference') AS order_reference, was.gross AS first_gross, now.gross,
         was.content ->> 'postingDay' AS first_day, now.changes::int AS changes, now.changed_at, now.reason = 'withdrawn' AS gone,
         now.content_hash
    FROM versions now
    JOIN LATERAL (SELECT * FROM versions v WHERE v.order_key = now.order_key AND v.document_id = now.document_id AND v.version < now.first_change
                   ORDER BY v.version DESC LIMIT 1) was ON true
    LEFT JOIN sales_order o ON o.order_key = now.order_key
   WHERE now.version = now.newest AND (now.reason = 'withdrawn' OR now.content_hash <> was.content_hash)
   ORDER BY now.order_key, now.document_id`;

/** What the change moves: all of a document that is gone or posted on another day, else its difference. */
function worthOfChange({ gone, first_gross, gross, first_day, day }: Row): Minor | null {
  if (gone) return first_gross === null ? null : absolute(first_gross);
  if (first_gross === null || gross === null) return null;
  return first_day === day ? absolute(gross - first_gross) : absolute(gross);
}

function standingOf(row: Row, moment: Moment): Standing {
  const name = `${row.kind === "credit" ? "Credit memo" : "Invoice"} ${row.number}`;
  const amount = (gross: Minor | null): string =>
    gross === null ? "an unknown amount" : `${formatAmount(gross, row.currency)} ${row.currency}`;
  const said = `${amount(row.first_gross)}, posted on ${row.first_day ?? "no day"}`;
  const says = row.gone
    ? "is no longer in the ledger"
    : `says ${amount(row.gross)}, posted on ${row.day ?? "no day"}`;
  const moved = row.first_gross !== row.gross || row.first_day !== row.day;
  const times = row.changes === 1 ? "" : ` It was changed ${row.changes} times.`;
  return {
    orderKey: row.order_key,
    subject: `${row.kind} ${row.source_id}`,
    documentKind: row.kind,
    orderReference: row.order_reference,
    documentNumber: row.number,
    period: monthOf(row.first_day ?? dayIn(moment.at, moment.timeZone)),
    currency: row.currency,
    signature: row.gone ? "withdrawn" : "changed",
    explanation:
      row.gone || moved
        ? `${name} said ${said}; now it ${says}.${times}`
        : `${name} over ${amount(row.gross)} has other lines, codes or references than when it was posted.${times}`,
    // Another change is another basis, also one back to figures that were accepted once.
    basis: idOf("posted-changed", String(row.changes), String(row.gone), row.content_hash),
    worth: worthOfChange(row),
    steps: [
      `When it was posted: ${said}.`,
      `Since ${row.changed_at.toISOString()}: it ${says}.`,
      "Every version is kept.",
    ],
  };
}
