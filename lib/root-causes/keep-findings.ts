import type pg from "pg";
import { inTransaction, whileLocked } from "@/lib/db/pool";
import { toJson } from "@/lib/domain/json";
import type { Merge } from "./contrast";
import type { Findings } from "./findings";
import { findingsOf, gatherPopulation, mergesOfCause } from "./population";

/** So many root causes are counted in one go at most, those about most first; the next go takes the others. */
const ROOTS_MOST = 200;
/** What was counted longer ago is counted again, though its exceptions are as many as then: the others moved. */
const HOURS_MOST = 24;
/** A go ends after so many milliseconds, and keeps what it has. */
const MS_MOST = 120_000;

type Due = Readonly<{ id: string; cause: string; openCount: number; from: string; to: string }>;

/**
 * Counts what tells the groups of an entity's root causes from the others, and keeps it where their pages read it. Done after a
 * reconciliation and by the clock: those that are new or have changed, and each once a day. Returns how many it counted; 0 where
 * somebody is at it.
 */
export async function keepFindings(
  entityId: string,
  { pool, now }: Readonly<{ pool: pg.Pool; now: () => Date }>,
): Promise<number> {
  const held = await whileLocked(pool, `findings:${entityId}`, async () => {
    const due = await dueRoots(pool, entityId, now());
    return due.length === 0 ? 0 : countAll(pool, entityId, due, now);
  });
  return held.locked ? held.result : 0;
}

async function dueRoots(pool: pg.Pool, entityId: string, now: Date): Promise<readonly Due[]> {
  const { rows } = await pool.query<Due>(
    `SELECT r.id, r.cause, r.open_count AS "openCount", r.first_day AS "from", r.last_day AS "to" FROM root_cause r
      WHERE r.entity_id = $1 AND r.open_count > 0
        AND (r.findings_at IS NULL OR r.findings_of IS DISTINCT FROM r.open_count OR r.findings_at < $2::timestamptz - interval '${HOURS_MOST} hours')
      ORDER BY (SELECT sum(a.weight) FROM root_cause_amount a WHERE a.entity_id = r.entity_id AND a.root_cause_id = r.id) DESC NULLS LAST, r.id
      LIMIT ${ROOTS_MOST}`,
    [entityId, now],
  );
  return rows;
}

async function countAll(
  pool: pg.Pool,
  entityId: string,
  due: readonly Due[],
  now: () => Date,
): Promise<number> {
  const started = now().getTime();
  const found: Readonly<{ id: string; of: number; findings: Findings | null }>[] = [];
  await inTransaction(pool, async (client) => {
    const from = due.map((one) => one.from).sort()[0] ?? "";
    const to =
      due
        .map((one) => one.to)
        .sort()
        .at(-1) ?? "";
    const merges = new Map<string, readonly Merge[]>();
    await gatherPopulation(client, entityId, from, to);
    for (const { id, cause, openCount } of due) {
      if (now().getTime() - started > MS_MOST) break;
      const own = merges.get(cause) ?? (await mergesOfCause(client, cause));
      merges.set(cause, own);
      found.push({ id, of: openCount, findings: await findingsOf(client, { id, cause }, own) });
    }
  });
  // In a transaction of its own: no run waits for the counting.
  await pool.query(
    `UPDATE root_cause AS r SET findings = row.findings, findings_of = row.of, findings_at = $3
       FROM json_to_recordset($2::json) AS row(id uuid, "of" int, findings jsonb) WHERE r.entity_id = $1 AND r.id = row.id`,
    [entityId, toJson(found), now()],
  );
  return found.length;
}
