import type pg from "pg";
import { recordBreachesOf } from "./breaches";
import { explainKeys, type SliceReport, type SliceRequest } from "./match-slice";
import { TALLY_FEW } from "./tally";
import { writePairs } from "./write";

export type FewRequest = Pick<SliceRequest, "entity" | "asOf" | "teams" | "rules" | "moment" | "part"> &
  Readonly<{ orderKeys: readonly string[]; hasSeveral: boolean }>;

/**
 * Matches a few groups within the caller's transaction, with the same outcome as matchSlice: no temporary tables, and
 * statements that a connection plans once. `hasSeveral` says whether the entity has groups of several orders: those that
 * the orders belong to come along.
 */
export async function matchFew(client: pg.PoolClient, request: FewRequest): Promise<SliceReport> {
  const { entity, part } = request;
  const keys = request.hasSeveral ? await withTheirGroups(client, request.orderKeys) : request.orderKeys;
  const before = await tallyFew(client, part, -1, keys);
  await client.query({ name: "few-cleared", text: CLEAR_FEW, values: [keys] });
  const { settled, finish } = await explainKeys(client, request, keys);
  await writePairs(client, settled);
  const { opened, resolved } = await finish();
  const after = await tallyFew(client, part, 1, keys);
  const breached = await recordBreachesOf(client, entity.id, keys);
  return {
    groups: keys.length,
    agreed: settled.filter(({ pairs }) => pairs.every(({ bucket }) => bucket === "matched")).length,
    opened,
    resolved,
    months: [...new Set([...before, ...after, ...breached])],
  };
}

async function withTheirGroups(
  client: pg.PoolClient,
  orderKeys: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ group_key: string }>(
    "SELECT DISTINCT group_key FROM group_member WHERE order_key = ANY ($1::uuid[])",
    [orderKeys],
  );
  return [...new Set([...orderKeys, ...rows.map((row) => row.group_key)])];
}

async function tallyFew(
  client: pg.PoolClient,
  part: number,
  sign: 1 | -1,
  keys: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ period: string }>({
    name: "few-tallied",
    text: TALLY_FEW,
    values: [part, sign, keys],
  });
  return rows.map((row) => row.period);
}

// What matchSlice takes away table by table (lib/matching/plain clearScope).
const CLEAR_FEW = `
  WITH pairs AS (DELETE FROM pair WHERE order_key = ANY ($1::uuid[])),
       causes AS (DELETE FROM cause WHERE order_key = ANY ($1::uuid[])),
       own AS (DELETE FROM pair_line WHERE order_key = ANY ($1::uuid[]) AND group_key = order_key),
       covered AS (DELETE FROM pair_line WHERE group_key = ANY ($1::uuid[]) AND group_key <> order_key)
  DELETE FROM dirty_group WHERE order_key = ANY ($1::uuid[])`;
