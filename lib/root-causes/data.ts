import "server-only";
import type pg from "pg";
import { appPool } from "@/lib/db/pool";
import type { Day } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { OPEN_STATES } from "@/lib/matching/root-causes";
import { Findings } from "./findings";
import { leverageSql } from "./leverage";
import type { RootCauseQuery } from "./schema";
import type { ShopNames } from "./shop-names";

/** How many root causes a page of the list shows. */
export const PAGE_SIZE = 25;

/** What a root cause is about in one currency: minor units, SCAYLE − ERP, of its open exceptions. */
export type RootCauseAmount = Readonly<{
  currency: string;
  count: number;
  net: Minor;
  tax: Minor;
  gross: Minor;
  /** the largest of net, tax and gross of each, without signs, added up */
  extent: Minor;
  /** its place among the entity's root causes in this currency, from 1 (lib/root-causes/leverage) */
  rank: number;
  leverage: string;
}>;

export type RootCause = Readonly<{
  entityId: string;
  id: string;
  cause: string;
  signature: string;
  openCount: number;
  firstDay: Day;
  lastDay: Day;
  foundAt: Date;
  countedAt: Date;
  /** what tells its groups from the others; null: they stand beside the orders, or it was not counted yet */
  findings: Findings | null;
  /** when that was counted, and of how many open exceptions; null: not yet */
  findingsAt: Date | null;
  findingsOf: number | null;
  /** how many of the open exceptions are of the day on which it began, or later; null: the figures tell no such day */
  sinceOnset: number | null;
  amounts: readonly RootCauseAmount[];
}>;

const ranked = (where: string): string => `
  WITH ranked AS (
    SELECT a.*, l.leverage, rank() OVER (PARTITION BY a.currency ORDER BY l.leverage DESC, a.root_cause_id) AS rank
      FROM root_cause_amount a, LATERAL (SELECT ${leverageSql("$2")} AS leverage) AS l WHERE a.entity_id = $1),
  amounts AS (
    SELECT root_cause_id, min(rank) AS rank, max(count) AS count,
           json_agg(json_build_object('currency', currency, 'count', count, 'net', net::text, 'tax', tax::text, 'gross', gross::text,
             'extent', extent::text, 'rank', rank, 'leverage', trunc(leverage)::text) ORDER BY currency) AS amounts
      FROM ranked GROUP BY 1)
  SELECT r.entity_id AS "entityId", r.id, r.cause, r.signature, r.open_count AS "openCount", r.first_day AS "firstDay",
         r.last_day AS "lastDay", r.found_at AS "foundAt", r.counted_at AS "countedAt",
         r.findings, r.findings_at AS "findingsAt", r.findings_of AS "findingsOf",
         CASE WHEN r.findings->'onset'->>'day' IS NOT NULL THEN (SELECT count(*)::int FROM exception e
           WHERE e.entity_id = r.entity_id AND e.root_cause_id = r.id AND e.state IN ${OPEN_STATES}
             AND coalesce(e.business_day, e.first_seen_at::date) >= (r.findings->'onset'->>'day')::date) END AS "sinceOnset",
         coalesce(m.amounts, '[]') AS amounts
    FROM root_cause r LEFT JOIN amounts m ON m.root_cause_id = r.id WHERE r.entity_id = $1 AND ${where}`;

type Row = Omit<RootCause, "amounts" | "findings"> &
  Readonly<{
    findings: unknown;
    amounts: readonly (Readonly<Record<"net" | "tax" | "gross" | "extent", string>> &
      Omit<RootCauseAmount, "net" | "tax" | "gross" | "extent">)[];
  }>;

const fromRow = (row: Row): RootCause => ({
  ...row,
  findings: row.findings === null ? null : Findings.parse(row.findings),
  amounts: row.amounts.map((one) => ({
    ...one,
    net: BigInt(one.net),
    tax: BigInt(one.tax),
    gross: BigInt(one.gross),
    extent: BigInt(one.extent),
  })),
});

/**
 * The open root causes of an entity, those first whose fix is worth most: by their best rank in any currency, since amounts of
 * several currencies are never compared.
 */
export async function listRootCauses(
  entityId: string,
  { cause, page, least = 1 }: Pick<RootCauseQuery, "cause" | "page"> & Partial<Pick<RootCauseQuery, "least">>,
  today: Day,
): Promise<readonly RootCause[]> {
  const { rows } = await appPool().query<Row>(
    `${ranked("r.open_count >= $5 AND ($3::text IS NULL OR r.cause = $3)")}
     ORDER BY m.rank, r.open_count DESC, r.id LIMIT ${PAGE_SIZE} OFFSET $4`,
    [entityId, today, cause ?? null, (page - 1) * PAGE_SIZE, least],
  );
  return rows.map(fromRow);
}

/** How many root causes and exceptions are open, and of which causes they are. */
export async function countRootCauses(entityId: string, cause: string | undefined, least = 1) {
  const { rows } = await appPool().query<{ cause: string; count: number; exceptions: number }>(
    `SELECT cause, count(*)::int AS count, sum(open_count)::int AS exceptions FROM root_cause
      WHERE entity_id = $1 AND open_count >= $2 GROUP BY cause ORDER BY cause`,
    [entityId, least],
  );
  const shown = rows.filter((row) => cause === undefined || row.cause === cause);
  return {
    causes: rows.map((row) => row.cause),
    count: shown.reduce((all, row) => all + row.count, 0),
    exceptions: shown.reduce((all, row) => all + row.exceptions, 0),
  };
}

/** One root cause, wherever its entity is among those that may be seen; null where there is none. */
export async function findRootCause(
  entityIds: readonly string[],
  id: string,
  todayIn: (entityId: string) => Day,
): Promise<RootCause | null> {
  for (const entityId of entityIds) {
    const { rows } = await appPool().query<Row>(ranked("r.id = $3"), [entityId, todayIn(entityId), id]);
    if (rows[0]) return fromRow(rows[0]);
  }
  return null;
}

/** What people call the shops of an entity, by id. */
export async function findShopNames(entityId: string): Promise<ShopNames> {
  const { rows } = await appPool().query<{ id: string; name: string }>(
    "SELECT id, name FROM shop WHERE entity_id = $1",
    [entityId],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Open exceptions of a root cause by business day, first to last. */
export async function daysOf(
  entityId: string,
  id: string,
): Promise<readonly Readonly<{ day: Day; count: number }>[]> {
  const { rows } = await appPool().query<{ day: Day; count: number }>(
    `SELECT coalesce(e.business_day, e.first_seen_at::date) AS day, count(*)::int AS count FROM exception e
      WHERE e.entity_id = $1 AND e.root_cause_id = $2 AND e.state IN ('new', 'assigned', 'in-progress', 'waiting')
      GROUP BY 1 ORDER BY 1`,
    [entityId, id],
  );
  return rows;
}

/** What the fix would do, as it was computed last. */
export type StoredPrediction = Readonly<{
  id: string;
  state: "waiting" | "running" | "done" | "failed";
  askedAt: Date;
  askedBy: string;
  done: number;
  total: number;
  finishedAt: Date | null;
  runId: string | null;
  /** whether no reconciliation has ended since */
  isCurrent: boolean;
  openCount: number;
  lines: number;
  effect: unknown;
  error: string | null;
}>;

/** The newest prediction of a root cause; null before the first. */
export async function findPrediction(
  client: Pick<pg.Pool, "query">,
  entityId: string,
  rootCauseId: string,
): Promise<StoredPrediction | null> {
  const { rows } = await client.query<StoredPrediction>(
    `SELECT p.id, p.state, p.asked_at AS "askedAt", p.asked_by AS "askedBy", p.done, p.total, p.finished_at AS "finishedAt",
            p.run_id AS "runId", p.open_count AS "openCount", p.lines, p.effect, p.error,
            p.run_id IS NOT DISTINCT FROM (SELECT id FROM run WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done'
              ORDER BY finished_at DESC LIMIT 1) AS "isCurrent"
       FROM root_cause_prediction p WHERE p.entity_id = $1 AND p.root_cause_id = $2 ORDER BY p.asked_at DESC, p.id LIMIT 1`,
    [entityId, rootCauseId],
  );
  return rows[0] ?? null;
}

/** What the fixes of root causes would do, as far as it was computed: the newest of each that is done. */
export async function findDonePredictions(
  entityId: string,
  rootCauseIds: readonly string[],
): Promise<
  ReadonlyMap<string, Readonly<{ effect: unknown; finishedAt: Date; openCount: number; isCurrent: boolean }>>
> {
  const { rows } = await appPool().query<{
    id: string;
    effect: unknown;
    finishedAt: Date;
    openCount: number;
    isCurrent: boolean;
  }>(
    `SELECT DISTINCT ON (p.root_cause_id) p.root_cause_id AS id, p.effect, p.finished_at AS "finishedAt", p.open_count AS "openCount",
            p.run_id IS NOT DISTINCT FROM (SELECT id FROM run WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done'
              ORDER BY finished_at DESC LIMIT 1) AS "isCurrent"
       FROM root_cause_prediction p
      WHERE p.entity_id = $1 AND p.root_cause_id = ANY ($2::uuid[]) AND p.state = 'done' AND p.finished_at IS NOT NULL
      ORDER BY p.root_cause_id, p.asked_at DESC, p.id`,
    [entityId, [...rootCauseIds]],
  );
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

/** The team that most open exceptions of a root cause belong to; null where none is open. */
export async function ownerOf(entityId: string, id: string): Promise<string | null> {
  const { rows } = await appPool().query<{ team: string }>(
    `SELECT owner_team AS team FROM exception WHERE entity_id = $1 AND root_cause_id = $2 AND state IN ${OPEN_STATES}
      GROUP BY owner_team ORDER BY count(*) DESC, owner_team LIMIT 1`,
    [entityId, id],
  );
  return rows[0]?.team ?? null;
}

/** What a batch was predicted to do and did, as it is kept; null where none of the entities has it. */
export async function findBatchEffect(
  entityIds: readonly string[],
  batchId: string,
): Promise<Readonly<{ predicted: unknown; actual: unknown; actualAt: Date | null }> | null> {
  const { rows } = await appPool().query<{ predicted: unknown; actual: unknown; actualAt: Date | null }>(
    `SELECT p.effect AS predicted, b.actual, b.actual_at AS "actualAt" FROM resolution_batch b
       LEFT JOIN root_cause_prediction p ON p.id = b.prediction_id WHERE b.id = $1 AND b.entity_id = ANY ($2)`,
    [batchId, [...entityIds]],
  );
  return rows[0] ?? null;
}
