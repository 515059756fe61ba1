import type { Pool } from "pg";
import { appPool } from "@/lib/db/pool";
import type { JsonValue } from "@/lib/domain/json";
import type { Chain } from "./event";

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

export type AuditFilter = Readonly<{
  chain: Chain;
  outcome: "done" | "refused" | null;
  /** A part of the action, the subject or the person's name. */
  search: string;
  page: number;
  pageSize: number;
}>;

export type AuditPage = Readonly<{ entries: readonly AuditEntry[]; total: number }>;

const WHERE = `chain = $1 AND ($2::text IS NULL OR outcome = $2)
  AND ($3 = '' OR action ILIKE $4 OR subject ILIKE $4 OR actor_name ILIKE $4)`;

/** One page of a chain, newest first, and how many events the filter leaves. */
export async function readTrail(filter: AuditFilter, pool: Pool = appPool()): Promise<AuditPage> {
  const { chain, outcome, search, page, pageSize } = filter;
  const values = [chain, outcome, search, `%${search.replace(/[\\%_]/g, "\\$&")}%`];
  const [entries, count] = await Promise.all([
    pool.query<AuditEntry>(
      `SELECT seq, at, actor_kind AS "actorKind", actor_name AS "actorName", action, subject, outcome, before, after, hash
         FROM audit_event WHERE ${WHERE} ORDER BY audit_event.seq DESC LIMIT $5 OFFSET $6`,
      [...values, pageSize, (page - 1) * pageSize],
    ),
    pool.query<{ total: bigint }>(`SELECT count(*) AS total FROM audit_event WHERE ${WHERE}`, values),
  ]);
  return { entries: entries.rows, total: Number(count.rows[0]?.total ?? 0n) };
}
