import type pg from "pg";
import { toJson } from "@/lib/domain/json";
import { runnerUp } from "@/lib/domain/tax/inference";
import { policyInWords, type RoundingPolicy } from "@/lib/domain/tax/policy";
import { isSamePolicy } from "./candidates";
import { type Evidence, inferRounding } from "./infer";
import { StoredPolicy } from "./stored";

/** Up to so many documents a confirmed policy is held against them by the first reconciliation; beyond, when asked for. */
const UNASKED = 50_000;

type Row = Readonly<{
  id: string;
  name: string;
  kind: string;
  rounding: unknown;
  rounding_confirmed_at: Date | null;
  rounding_evidence_at: Date | null;
}>;

export type Confirmation = Readonly<{ at: Date; by: string }>;

/**
 * Looks at how both sides' connections of an entity round and stores what their documents say. What nobody confirmed gets
 * the best policy as a proposal (with `confirm` it counts at once); what a person confirmed is left alone.
 * Returns in words what is new.
 */
export async function proposeRounding(
  client: pg.PoolClient,
  entityId: string,
  at: Date,
  confirm: Confirmation | null,
): Promise<readonly string[]> {
  const { rows } = await client.query<Row>(
    `SELECT id, name, kind, rounding, rounding_confirmed_at, rounding_evidence_at FROM connection
      WHERE entity_id = $1 AND retired_at IS NULL ORDER BY id`,
    [entityId],
  );
  const words: string[] = [];
  for (const row of rows) {
    if (!(await isDue(client, row))) {
      if (confirm && row.rounding_confirmed_at === null && row.rounding !== null) {
        await confirmProposal(client, row.id, confirm);
        words.push(`${row.name}: rounds ${policyInWords(StoredPolicy.parse(row.rounding))}, as was proposed`);
      }
      continue;
    }
    const said = await inspect(client, entityId, row, at, confirm);
    if (said) words.push(said);
  }
  return words;
}

/** What was proposed before it was allowed that proposals count at once. */
async function confirmProposal(
  client: pg.ClientBase,
  connectionId: string,
  { at, by }: Confirmation,
): Promise<void> {
  await client.query(
    "UPDATE connection SET rounding_confirmed_at = $2, rounding_confirmed_by = $3 WHERE id = $1",
    [connectionId, at, by],
  );
}

/** Not confirmed: where a tenth of the documents is new. Confirmed: once, where the population is small. */
async function isDue(client: pg.PoolClient, row: Row): Promise<boolean> {
  if (row.rounding_confirmed_at !== null) {
    if (row.rounding_evidence_at !== null) return false;
    const { rows } = await client.query<{ count: bigint }>(
      `SELECT count(*) FROM (SELECT FROM document WHERE connection_id = $1 LIMIT ${UNASKED + 1}) AS first_ones`,
      [row.id],
    );
    const count = rows[0]?.count ?? 0n;
    return count > 0n && count <= BigInt(UNASKED);
  }
  const { rows } = await client.query<{ all: bigint; fresh: bigint }>(
    `SELECT count(*) AS all, count(*) FILTER (WHERE seen_at > $2 OR $2::timestamptz IS NULL) AS fresh
       FROM document WHERE connection_id = $1`,
    [row.id, row.rounding_evidence_at],
  );
  const { all, fresh } = rows[0] ?? { all: 0n, fresh: 0n };
  return fresh > 0n && fresh * 10n >= all;
}

/** Holds one connection's documents against the candidates, stores the evidence, and proposes where nothing is confirmed. */
async function inspect(
  client: pg.PoolClient,
  entityId: string,
  row: Row,
  at: Date,
  confirm: Confirmation | null,
): Promise<string | null> {
  const isConfirmed = row.rounding_confirmed_at !== null;
  const held = row.rounding === null ? null : StoredPolicy.parse(row.rounding);
  const evidence = await inferRounding(
    client,
    { id: row.id, entityId, kind: row.kind },
    isConfirmed ? held : null,
  );
  await storeEvidence(client, row.id, evidence, at);
  const proposal = proposalFrom(evidence);
  if (isConfirmed || !proposal) return null;
  if (!confirm && held && isSamePolicy(held, proposal)) return null;
  await client.query(
    `UPDATE connection SET rounding = $2::jsonb, rounding_confirmed_at = $3, rounding_confirmed_by = $4 WHERE id = $1`,
    [row.id, toJson(proposal), confirm?.at ?? null, confirm?.by ?? null],
  );
  return proposalWords(row.name, evidence);
}

/** Stores what a connection's documents say, as of a moment. */
export async function storeEvidence(
  client: pg.ClientBase,
  connectionId: string,
  evidence: Evidence,
  at: Date,
): Promise<void> {
  await client.query(
    "UPDATE connection SET rounding_evidence = $2::jsonb, rounding_evidence_at = $3 WHERE id = $1",
    [connectionId, toJson(evidence), at],
  );
}

/** The policy that reproduces most documents; null where it makes fewer than half of them: so it is not how this system rounds. */
export function proposalFrom({ candidates, documents }: Evidence): RoundingPolicy | null {
  const [best] = candidates;
  return best && documents > 0 && best.reproduced * 2 >= documents ? best.policy : null;
}

function proposalWords(name: string, evidence: Evidence): string {
  const [best] = evidence.candidates;
  if (!best) return "";
  const second = runnerUp(evidence);
  const rest = second
    ? `the next best (${policyInWords(second.policy)}) ${second.reproduced}`
    : "these documents don't tell it from any other policy";
  return `${name}: rounds ${policyInWords(best.policy)}, which gives ${best.reproduced} of ${evidence.documents} documents; ${rest}`;
}
