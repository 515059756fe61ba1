import type { Pool } from "pg";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction } from "@/lib/db/pool";
import type { AuditActor, Chain } from "./event";
import { type ChainState, verifyChain } from "./verify";

/** When a chain was last recomputed, by whom, and what came of it. */
export type Check = Readonly<{ at: Date; by: string; state: ChainState }>;

/** Recomputes a chain and keeps what came of it, with its own record in the trail. */
export async function checkChain(
  pool: Pool,
  chain: Chain,
  { by, at }: Readonly<{ by: AuditActor; at: Date }>,
): Promise<ChainState> {
  const state = await verifyChain(chain, pool);
  await inTransaction(pool, async (client) => {
    await client.query(
      `INSERT INTO audit_check (chain, at, by, intact, events, head, broken_at, why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT DO NOTHING`,
      [
        chain,
        at,
        by.name,
        state.intact,
        state.events,
        state.intact ? state.head : null,
        state.intact ? null : state.brokenAt,
        state.intact ? null : state.why,
      ],
    );
    await appendAudit(client, {
      chain,
      at,
      actor: by,
      action: "audit.verify",
      subject: `chain:${chain}`,
      outcome: "done",
      before: null,
      after: state,
    });
  });
  return state;
}

/** Recomputes every chain that there is: what the clock does each night. */
export async function checkChains(pool: Pool, at: Date): Promise<readonly ChainState[]> {
  const { rows } = await pool.query<{ chain: Chain }>("SELECT DISTINCT chain FROM audit_event ORDER BY 1");
  const by = { kind: "machine", id: "clock", name: "Calendar" } as const;
  const states: ChainState[] = [];
  for (const { chain } of rows) states.push(await checkChain(pool, chain, { by, at }));
  return states;
}

type Row = Readonly<{
  at: Date;
  by: string;
  intact: boolean;
  events: bigint;
  head: string | null;
  brokenAt: bigint | null;
  why: string | null;
}>;

/** The newest check of a chain; null where none was made yet. */
export async function findCheck(pool: Pool, chain: Chain): Promise<Check | null> {
  const { rows } = await pool.query<Row>(
    `SELECT at, by, intact, events, head, broken_at AS "brokenAt", why FROM audit_check WHERE chain = $1 ORDER BY at DESC LIMIT 1`,
    [chain],
  );
  const [row] = rows;
  if (!row) return null;
  const { at, by, intact, events } = row;
  const state: ChainState = intact
    ? { intact, chain, events, head: row.head ?? "" }
    : { intact, chain, events, brokenAt: row.brokenAt ?? 0n, why: row.why ?? "" };
  return { at, by, state };
}
