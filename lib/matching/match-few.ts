import type pg from "pg";
import { recordBreachesOf } from "./breaches";
import { keepFewDifferences } from "./differences";
import { explainKeys, type SliceReport, type SliceRequest } from "./match-slice";
import { type Mark, moveFew, sumsOfFew } from "./movements";
import { keepSteps } from "./status/keep";
import { writePairs } from "./write";

export type FewRequest = Pick<
  SliceRequest,
  "entity" | "asOf" | "teams" | "rules" | "moment" | "teller" | "part"
> &
  Readonly<{ orderKeys: readonly string[]; hasSeveral: boolean }>;

/**
 * Matches a few groups within the caller's transaction, with the same outcome as matchSlice: no temporary tables, and
 * statements that a connection plans once. `hasSeveral` says whether the entity has groups of several orders: those that
 * the orders belong to come along.
 */
export async function matchFew(client: pg.PoolClient, request: FewRequest): Promise<SliceReport> {
  const { entity, part, teller } = request;
  const keys = request.hasSeveral ? await withTheirGroups(client, request.orderKeys) : request.orderKeys;
  const was = await sumsOfFew(client, keys);
  const { rows: marks } = await client.query<Mark>({
    name: "few-cleared",
    text: CLEAR_FEW,
    values: [keys],
  });
  const { settled, finish } = await explainKeys(client, request, keys);
  await writePairs(client, settled);
  await keepFewDifferences(client, entity.id, keys);
  const { opened, resolved } = await finish();
  const moved = await moveFew(client, { part, teller, orderKeys: keys, was, marks });
  const breached = await recordBreachesOf(client, entity.id, keys);
  await keepSteps(client, entity, request.asOf, keys);
  return {
    groups: keys.length,
    agreed: settled.filter(({ pairs }) => pairs.every(({ bucket }) => bucket === "matched")).length,
    opened,
    resolved,
    months: [...new Set([...moved, ...breached])],
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

// What matchSlice takes away table by table (lib/matching/plain clearScope).
const CLEAR_FEW = `
  WITH pairs AS (DELETE FROM pair WHERE order_key = ANY ($1::uuid[])),
       causes AS (DELETE FROM cause WHERE order_key = ANY ($1::uuid[])),
       differences AS (DELETE FROM difference WHERE order_key = ANY ($1::uuid[])),
       own AS (DELETE FROM pair_line WHERE order_key = ANY ($1::uuid[]) AND group_key = order_key),
       covered AS (DELETE FROM pair_line WHERE group_key = ANY ($1::uuid[]) AND group_key <> order_key)
  DELETE FROM dirty_group WHERE order_key = ANY ($1::uuid[]) RETURNING order_key, since`;
