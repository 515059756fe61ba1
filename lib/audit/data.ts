import type { Pool } from "pg";
import { appPool } from "@/lib/db/pool";
import type { Day } from "@/lib/domain/day";
import type { JsonValue } from "@/lib/domain/json";
import type { Chain } from "./event";
import { WITHOUT_READS } from "./schema";

/** One event of the trail as a page shows it. */
export type AuditEntry = Readonly<{
  seq: bigint;
  at: Date;
  actorKind: string;
  actorName: string;
  action: string;
  subject: string;
  outcome: string;
  before: JsonValue;
  after: JsonValue;
  hash: string;
}>;

/** Which events of a chain. */
export type AuditFilter = Readonly<{
  chain: Chain;
  timeZone: string;
  outcome: "done" | "refused" | null;
  /** days in the time zone, both included */
  from: Day | null;
  until: Day | null;
  /** the first part of the action; or everything but what was read and matched (WITHOUT_READS) */
  about: string | null;
  /** A part of the action, the subject or the person's name. */
  search: string;
}>;

export type AuditPage = Readonly<{ entries: readonly AuditEntry[]; total: number }>;

const WHERE = `chain = $1 AND ($2::text IS NULL OR outcome = $2)
  AND ($3 = '' OR action ILIKE $4 OR subject ILIKE $4 OR actor_name ILIKE $4)
  AND ($5::date IS NULL OR at >= ($5::date::timestamp AT TIME ZONE $7))
  AND ($6::date IS NULL OR at < (($6::date + 1)::timestamp AT TIME ZONE $7))
  AND ($8::text IS NULL OR CASE WHEN $8 = '${WITHOUT_READS}' THEN action NOT IN ('run.sync', 'run.sweep', 'run.reconcile')
         ELSE split_part(action, '.', 1) = $8 END)`;

const valuesOf = ({ chain, outcome, search, from, until, timeZone, about }: AuditFilter): unknown[] => [
  chain,
  outcome,
  search,
  `%${search.replace(/[\\%_]/g, "\\$&")}%`,
  from,
  until,
  timeZone,
  about,
];

const ENTRY = `seq, at, actor_kind AS "actorKind", actor_name AS "actorName", action, subject, outcome, before, after, hash`;

/** One page of a chain, newest first, and how many events the filter leaves. */
export async function readTrail(
  filter: AuditFilter & Readonly<{ page: number; pageSize: number }>,
  pool: Pool = appPool(),
): Promise<AuditPage> {
  const { page, pageSize } = filter;
  const values = valuesOf(filter);
  const [entries, count] = await Promise.all([
    pool.query<AuditEntry>(
      `SELECT ${ENTRY} FROM audit_event WHERE ${WHERE} ORDER BY audit_event.seq DESC LIMIT $9 OFFSET $10`,
      [...values, pageSize, (page - 1) * pageSize],
    ),
    pool.query<{ total: bigint }>(`SELECT count(*) AS total FROM audit_event WHERE ${WHERE}`, values),
  ]);
  return { entries: entries.rows, total: Number(count.rows[0]?.total ?? 0n) };
}

const EXPORT_BATCH = 1000;

/** All events that a filter leaves, oldest first, batch by batch. */
export async function* readAllOf(
  filter: AuditFilter,
  pool: Pool = appPool(),
): AsyncGenerator<readonly AuditEntry[]> {
  for (let after = 0n; ; ) {
    const { rows } = await pool.query<AuditEntry>(
      `SELECT ${ENTRY} FROM audit_event WHERE ${WHERE} AND seq > $9 ORDER BY audit_event.seq LIMIT ${EXPORT_BATCH}`,
      [...valuesOf(filter), after.toString()],
    );
    if (rows.length > 0) yield rows;
    if (rows.length < EXPORT_BATCH) return;
    after = rows.at(-1)?.seq ?? after;
  }
}

/** What a chain's events are about: the first parts of their actions, by name. */
export async function findAbouts(chain: Chain, pool: Pool = appPool()): Promise<readonly string[]> {
  const { rows } = await pool.query<{ about: string }>(
    "SELECT DISTINCT split_part(action, '.', 1) AS about FROM audit_event WHERE chain = $1 ORDER BY 1",
    [chain],
  );
  return rows.map((row) => row.about);
}
