import "server-only";
import type { Pool } from "pg";
import { attributeOf } from "@/lib/causes/signature";
import { addDays, type Day } from "@/lib/domain/day";
import type { RootCause } from "./data";

/** Something that changed about when a root cause began. */
export type Beginning = Readonly<{
  /** a day of the books, or of the trail */
  day: Day;
  text: string;
  /** who did it, where a person or a job did */
  by: string | null;
  /** the audit record that says it, where one does */
  subject: string | null;
}>;

/** What is looked at: so many days before the first affected day, and one after it. */
const DAYS_BEFORE = 14;
const CHANGES_MAX = 20;

/** What people may do that changes how later orders come out. */
const CHANGING = [
  "settings.%",
  "rounding.confirm",
  "proposal.accept",
  "mapping-request.approve",
  "cut-off.set",
  "sandbox.connect",
  "connection.%",
  "document.link",
];

/**
 * What changed when a root cause began (on `onset`, else its first day), oldest first: settings and mappings by the audit trail, and what was seen for the first
 * time in those days: orders of its channel, its ERP documents' series, its item, the tax code that it was posted with.
 */
export async function beginningsOf(
  pool: Pool,
  root: RootCause,
  onset: Day = root.firstDay,
): Promise<readonly Beginning[]> {
  const from = addDays(onset, -DAYS_BEFORE);
  const to = addDays(onset, 1);
  const found = await Promise.all([
    changesIn(pool, root.entityId, from, to),
    firstOrderOf(pool, root, from, to),
    firstOfSeries(pool, root, from, to),
    firstOfLine(pool, root, from, to),
  ]);
  return found.flat().sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.text < b.text ? -1 : 1));
}

/** What people changed on these days (both included), by the audit trail, oldest first: what may make later orders come out otherwise. */
export async function changesIn(
  pool: Pool,
  entityId: string,
  from: Day,
  to: Day,
): Promise<readonly Beginning[]> {
  const { rows } = await pool.query<{ day: Day; action: string; subject: string; by: string }>(
    `SELECT (a.at AT TIME ZONE n.time_zone)::date AS day, a.action, a.subject, a.actor_name AS by
       FROM audit_event a JOIN entity n ON n.id = a.chain
      WHERE a.chain = $1 AND a.outcome = 'done' AND a.action LIKE ANY ($4::text[])
        AND a.at >= $2::date AND a.at < $3::date + 1 ORDER BY a.seq LIMIT ${CHANGES_MAX}`,
    [entityId, from, to, CHANGING],
  );
  return rows.map(({ day, action, subject, by }) => ({
    day,
    text: `${wordsOf(action)}: ${subject}`,
    by,
    subject,
  }));
}

const WORDS: Readonly<Record<string, string>> = {
  "settings.tax-code": "A tax code was set as right or wrong",
  "settings.item": "An item was mapped",
  "settings.rounding": "How a connection rounds was changed",
  "settings.posting-lag": "How long the ERP needs to post was changed",
  "settings.none-tax-codes": "The codes that mean “no code” were changed",
  "rounding.confirm": "How a connection rounds was confirmed",
  "proposal.accept": "A proposal was taken",
  "mapping-request.approve": "A change of mappings was approved",
};
const wordsOf = (action: string): string => WORDS[action] ?? `“${action}” was done`;

async function firstOrderOf(pool: Pool, root: RootCause, from: Day, to: Day): Promise<readonly Beginning[]> {
  const channel = attributeOf(root.signature, "channel");
  if (channel === null) return [];
  const { rows } = await pool.query<{ day: Day | null }>(
    `SELECT min((o.placed_at AT TIME ZONE n.time_zone)::date) AS day FROM sales_order o JOIN entity n ON n.id = o.entity_id
      WHERE o.entity_id = $1 AND o.channel = $2`,
    [root.entityId, channel],
  );
  const { rows: all } = await pool.query<{ day: Day | null }>(
    "SELECT min(placed_at)::date AS day FROM sales_order WHERE entity_id = $1",
    [root.entityId],
  );
  const day = rows[0]?.day ?? null;
  // Where the books themselves begin, everything in them is a first.
  if (!isNew(day, all[0]?.day ?? null, from, to)) return [];
  return [{ day, text: `The first order of channel ${channel}`, by: null, subject: null }];
}

const isNew = (day: Day | null, begin: Day | null, from: Day, to: Day): day is Day =>
  day !== null && day >= from && day <= to && begin !== null && day > addDays(begin, 7);

async function firstOfSeries(pool: Pool, root: RootCause, from: Day, to: Day): Promise<readonly Beginning[]> {
  const { rows } = await pool.query<{ series: string; day: Day; begin: Day }>(
    `WITH mine AS (
       SELECT DISTINCT regexp_replace(e.document_number, '[0-9]+$', '') AS series FROM exception e
        WHERE e.entity_id = $1 AND e.root_cause_id = $2 AND e.document_number IS NOT NULL),
     posted AS (
       SELECT regexp_replace(d.number, '[0-9]+$', '') AS series, min(d.posting_day) AS day FROM document d
        WHERE d.entity_id = $1 AND d.side = 'erp' AND d.posted GROUP BY 1)
     SELECT series, day, (SELECT min(day) FROM posted) AS begin FROM mine JOIN posted USING (series) ORDER BY 1`,
    [root.entityId, root.id],
  );
  return rows
    .filter((row) => isNew(row.day, row.begin, from, to))
    .map(({ series, day }) => ({
      day,
      text: `The first ERP document of series ${series}`,
      by: null,
      subject: null,
    }));
}

async function firstOfLine(pool: Pool, root: RootCause, from: Day, to: Day): Promise<readonly Beginning[]> {
  const asked = [
    ["tax_code", attributeOf(root.signature, "posted code"), "The first line with tax code"],
    [
      "item_key",
      attributeOf(root.signature, "posted as") ?? attributeOf(root.signature, "item"),
      "The first line with item",
    ],
  ] as const;
  const found: Beginning[] = [];
  for (const [column, value, text] of asked) {
    if (value === null) continue;
    const { rows } = await pool.query<{ day: Day | null; begin: Day | null }>(
      `SELECT min(day) FILTER (WHERE ${column} = $2) AS day, min(day) AS begin FROM line WHERE entity_id = $1 AND side = 'erp'`,
      [root.entityId, value],
    );
    const day = rows[0]?.day ?? null;
    if (isNew(day, rows[0]?.begin ?? null, from, to))
      found.push({ day, text: `${text} ${value}`, by: null, subject: null });
  }
  return found;
}
