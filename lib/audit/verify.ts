import type { Pool } from "pg";
import { appPool } from "@/lib/db/pool";
import type { JsonValue } from "@/lib/domain/json";
import { type AuditRow, type Chain, GENESIS, hashOfRow } from "./event";

/** Whether a chain holds. A broken one names the first event at which it does not. */
export type ChainState = Readonly<
  | { intact: true; chain: Chain; events: bigint; head: string }
  | { intact: false; chain: Chain; events: bigint; brokenAt: bigint; why: string }
>;

const BATCH = 2000;

/** Recomputes a chain from its first event: the numbers without a gap, each hash over the one before. */
export async function verifyChain(chain: Chain, pool: Pool = appPool()): Promise<ChainState> {
  let seq = 0n;
  let head = GENESIS;
  for (;;) {
    const rows = await readRows(pool, chain, seq);
    for (const row of rows) {
      const why = faultOf(row, seq, head);
      if (why) return { intact: false, chain, events: seq, brokenAt: seq + 1n, why };
      seq = row.seq;
      head = row.hash;
    }
    if (rows.length < BATCH) return { intact: true, chain, events: seq, head };
  }
}

function faultOf(row: AuditRow, before: bigint, head: string): string | null {
  if (row.seq !== before + 1n) return `Event ${before + 1n} is missing.`;
  if (row.prevHash !== head) return `Event ${row.seq} does not follow the event before it.`;
  if (row.hash !== hashOfRow(row)) return `Event ${row.seq} was changed after it was written.`;
  return null;
}

type Stored = Omit<AuditRow, "seq"> & { seq: string; before: JsonValue; after: JsonValue };

async function readRows(pool: Pool, chain: Chain, after: bigint): Promise<AuditRow[]> {
  const { rows } = await pool.query<Stored>(
    `SELECT chain, seq::text AS seq, at, actor_kind AS "actorKind", actor_id AS "actorId", actor_name AS "actorName",
            action, subject, outcome, before, after, prev_hash AS "prevHash", hash
       FROM audit_event WHERE chain = $1 AND seq > $2 ORDER BY audit_event.seq LIMIT ${BATCH}`,
    [chain, after.toString()],
  );
  return rows.map((row) => ({ ...row, seq: BigInt(row.seq) }));
}
