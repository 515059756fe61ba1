import type { Pool } from "pg";
import { appPool } from "@/lib/db/pool";
import type { JsonValue } from "@/lib/domain/json";
import { type AuditRow, type Chain, GENESIS, hashOfRow, sealOf } from "./event";

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

function faultOf(row: Read, before: bigint, head: string): string | null {
  if (row.seq !== before + 1n) return `Event ${before + 1n} is missing.`;
  if (row.prevHash !== head) return `Event ${row.seq} does not follow the event before it.`;
  const { salt, pseudonym, ...said } = row;
  if (row.hash !== hashOfRow(said)) return `Event ${row.seq} was changed after it was written.`;
  // A name that was taken out is its pseudonym and nothing else; all others are those that were sealed.
  const isNamed =
    row.nameSeal === null ||
    (salt === null ? row.actorName === pseudonym : sealOf(salt, row.actorName) === row.nameSeal);
  return isNamed ? null : `Event ${row.seq} has another name than it was written with.`;
}

type Sealed = Readonly<{ salt: string | null; pseudonym: string | null }>;
type Read = AuditRow & Sealed;
type Stored = Omit<Read, "seq"> & { seq: string; before: JsonValue; after: JsonValue };

async function readRows(pool: Pool, chain: Chain, after: bigint): Promise<Read[]> {
  const { rows } = await pool.query<Stored>(
    `SELECT chain, seq::text AS seq, at, actor_kind AS "actorKind", actor_id AS "actorId", actor_name AS "actorName",
            action, subject, outcome, before, after, prev_hash AS "prevHash", hash, name_seal AS "nameSeal", s.salt, s.pseudonym
       FROM audit_event LEFT JOIN audit_actor s USING (actor_id) WHERE chain = $1 AND seq > $2 ORDER BY audit_event.seq LIMIT ${BATCH}`,
    [chain, after.toString()],
  );
  return rows.map((row) => ({ ...row, seq: BigInt(row.seq) }));
}
