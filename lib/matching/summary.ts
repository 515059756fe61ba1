import type pg from "pg";
import type { Bucket } from "@/lib/causes/contract";
import { type JsonValue, toJson } from "@/lib/domain/json";
import { type KnownAmounts, minus, plus, ZERO } from "@/lib/domain/money";
import { type BreachCounts, breachProofs, loadBreaches } from "./breaches";
import { countProof, loadCounts, type PeriodCounts } from "./proof/counts";
import { hashOfFigures, signedFiguresOf } from "./signed-figures";
import { loadTally, type TallyRow } from "./tally";

export type Counted = KnownAmounts & Readonly<{ lines: number }>;
export type SideTotals = Counted & Readonly<{ unknownTaxLines: number }>;
export type CauseTotal = KnownAmounts & Readonly<{ cause: string; count: number }>;
export type Proof = Readonly<{ name: string; ok: boolean; detail: string }>;

/** The totals of one period of one entity in one currency; minor units. `lines` are units for SCAYLE, document lines for the ERP. */
export type Summary = Readonly<{
  entity: string;
  period: string;
  currency: string;
  asOf: Date;
  scayle: SideTotals;
  erp: SideTotals;
  causes: readonly CauseTotal[];
  unexplained: KnownAmounts & Readonly<{ count: number }>;
  buckets: Readonly<Record<"scayle" | "erp", Readonly<Record<Bucket, Counted>>>>;
  proofs: readonly Proof[];
  tiesOut: boolean;
}>;

const BUCKETS: readonly Bucket[] = [
  "matched",
  "explained",
  "open",
  "accepted",
  "timing",
  "excluded",
  "failed",
];

/** What a run writes totals for: all months of an entity, or those that it moved. */
export type SummaryRequest = Readonly<{
  entity: Readonly<{ id: string; currency: string }>;
  asOf: Date;
  runId: string;
  at: Date;
  /** null: all */
  months: readonly string[] | null;
}>;

/** Writes the totals of an entity's months as they stand in this transaction, under the run that made them. */
export async function storeSummaries(client: pg.PoolClient, request: SummaryRequest): Promise<void> {
  const { entity, asOf, runId, at, months } = request;
  const computed = await computeSummaries(client, entity, asOf);
  const all = [...computed, ...(await emptied(client, entity.id, asOf, computed))];
  const summaries = months === null ? all : all.filter((one) => months.includes(one.period));
  await client.query(
    `INSERT INTO period (entity_id, month) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`,
    [entity.id, summaries.map((one) => one.period)],
  );
  await client.query(
    `INSERT INTO period_summary (run_id, entity_id, period, currency, as_of, made_at, ties_out, totals)
     SELECT $1, $2, t.period, t.currency, $3, $4, t.ties_out, t.totals
       FROM unnest($5::text[], $6::text[], $7::boolean[], $8::jsonb[]) AS t(period, currency, ties_out, totals)`,
    [
      runId,
      entity.id,
      asOf,
      at,
      summaries.map((one) => one.period),
      summaries.map((one) => one.currency),
      summaries.map((one) => one.tiesOut),
      summaries.map((one) => toJson(one)),
    ],
  );
  await suspendMoved(client, request, summaries);
}

/** Months that were shown with figures and of which nothing is left: their totals are nothing, once, and not what they were. */
async function emptied(
  client: pg.PoolClient,
  entityId: string,
  asOf: Date,
  computed: readonly Summary[],
): Promise<readonly Summary[]> {
  const { rows } = await client.query<{ period: string; currency: string }>(
    `SELECT s.period, s.currency FROM period p
       CROSS JOIN LATERAL (
         SELECT n.run_id FROM period_summary n WHERE n.entity_id = p.entity_id AND n.period = p.month
          ORDER BY n.made_at DESC, n.run_id LIMIT 1) newest
       JOIN period_summary s ON s.run_id = newest.run_id AND s.entity_id = p.entity_id AND s.period = p.month
      WHERE p.entity_id = $1 AND p.month <> ALL ($2::text[])
        AND ((s.totals -> 'scayle' ->> 'lines')::int > 0 OR (s.totals -> 'erp' ->> 'lines')::int > 0 OR NOT s.ties_out)
      ORDER BY 1, 2`,
    [entityId, computed.map((one) => one.period)],
  );
  return rows.map(({ period, currency }) =>
    summarise({ entity: entityId, period, currency, asOf }, [], { count: 0, currency }, new Map(), []),
  );
}

/**
 * Suspends the sign-offs of months whose figures are others than those that were signed; the signature itself stays, and has
 * to be given again. Figures that come back to what they were don't bring it back: somebody has to look.
 */
async function suspendMoved(
  client: pg.PoolClient,
  { entity, at }: SummaryRequest,
  summaries: readonly Summary[],
): Promise<void> {
  const months = [...new Set(summaries.map((one) => one.period))];
  const hashes = months.map((month) =>
    hashOfFigures(signedFiguresOf(summaries.filter((one) => one.period === month))),
  );
  await client.query(
    `UPDATE period_sign_off s SET suspended_at = $2
       FROM unnest($3::text[], $4::text[]) AS now(month, hash)
      WHERE s.entity_id = $1 AND s.month = now.month AND s.hash <> now.hash AND s.suspended_at IS NULL AND s.withdrawn_at IS NULL
        AND EXISTS (SELECT FROM period p WHERE p.entity_id = s.entity_id AND p.month = s.month AND p.round = s.round AND p.state = 'open')`,
    [entity.id, at, months, hashes],
  );
}

/**
 * The totals of every month of an entity from the totals that matching keeps (lib/matching/tally).
 * Lines in bucket `excluded` are counted there and in no total.
 */
export async function computeSummaries(
  client: pg.PoolClient,
  entity: Readonly<{ id: string; currency: string }>,
  asOf: Date,
): Promise<readonly Summary[]> {
  const rows = await loadTally(client, entity.id);
  const failed = await countsByMonth(client, FAILED_COUNTS, entity.id);
  const breaches = await loadBreaches(client, entity.id);
  const counts = await loadCounts(client, entity.id);
  const keys = new Set(rows.map((row) => `${row.period} ${row.currency}`));
  // What could not be read, and what is broken, has no currency of its own.
  for (const period of [...failed.keys(), ...breaches.keys(), ...counts.keys()])
    keys.add(`${period} ${entity.currency}`);
  return [...keys].sort().map((key) => {
    const [period = "", currency = ""] = key.split(" ");
    return summarise(
      { entity: entity.id, period, currency, asOf },
      rows.filter((row) => row.period === period && row.currency === currency),
      { count: failed.get(period) ?? 0, currency: entity.currency },
      breaches.get(period) ?? new Map(),
      counts.get(period) ?? [],
    );
  });
}

// Stock has no month: what can't be read of it is an exception, and keeps no books from tying out.
const FAILED_COUNTS = `
  SELECT period, count(*)::int AS count FROM exception
   WHERE entity_id = $1 AND cause = 'record-failed' AND state <> 'resolved' AND source_line NOT LIKE 'stock %' GROUP BY 1`;

async function countsByMonth(
  client: pg.PoolClient,
  sql: string,
  entityId: string,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ period: string; count: number }>(sql, [entityId]);
  return new Map(rows.map((row) => [row.period, row.count]));
}

const scayleOf = (row: TallyRow): KnownAmounts => ({
  net: row.scayle_net,
  tax: row.scayle_tax,
  gross: row.scayle_gross,
});
const erpOf = (row: TallyRow): KnownAmounts => ({ net: row.erp_net, tax: row.erp_tax, gross: row.erp_gross });

function sideTotals(pairs: readonly TallyRow[], side: "scayle" | "erp"): SideTotals {
  const mine = pairs.filter((row) => row.key !== "excluded");
  return {
    ...mine.map(side === "scayle" ? scayleOf : erpOf).reduce(plus, ZERO),
    lines: mine.reduce((all, row) => all + Number(side === "scayle" ? row.scayle_units : row.erp_lines), 0),
    unknownTaxLines: mine.reduce((all, row) => all + Number(row[`${side}_unknown`]), 0),
  };
}

function bucketTotals(pairs: readonly TallyRow[], side: "scayle" | "erp"): Readonly<Record<Bucket, Counted>> {
  const entries = BUCKETS.map((bucket) => {
    const { unknownTaxLines: _, ...counted } = sideTotals(
      // Counted as any other bucket here, `excluded` too.
      pairs.filter((row) => row.key === bucket).map((row) => ({ ...row, key: "" })),
      side,
    );
    return [bucket, counted] as const;
  });
  return Object.fromEntries(entries) as Record<Bucket, Counted>;
}

/** What totals come to: both sides, causes, buckets. All of it is sums, so the same of what moved is what moved of it. */
export type Figures = Pick<Summary, "scayle" | "erp" | "causes" | "unexplained" | "buckets">;

/** The figures of one period and currency from its totals; what could not be read is no total and not among the causes. */
export function figuresOf(rows: readonly TallyRow[]): Figures {
  const pairs = rows.filter((row) => row.kind === "pair");
  const all = rows
    .filter((row) => row.kind === "cause")
    .map(({ key, count, net, tax, gross }) => ({ cause: key, count: Number(count), net, tax, gross }));
  const none = { cause: "unexplained", count: 0, ...ZERO };
  const { cause: _, ...unexplained } = all.find((one) => one.cause === "unexplained") ?? none;
  return {
    scayle: sideTotals(pairs, "scayle"),
    erp: sideTotals(pairs, "erp"),
    causes: all.filter((one) => one.cause !== "unexplained"),
    unexplained,
    buckets: { scayle: bucketTotals(pairs, "scayle"), erp: bucketTotals(pairs, "erp") },
  };
}

function summarise(
  head: Pick<Summary, "entity" | "period" | "currency" | "asOf">,
  rows: readonly TallyRow[],
  failures: Readonly<{ count: number; currency: string }>,
  breaches: BreachCounts,
  counts: PeriodCounts,
): Summary {
  const { scayle, erp, causes: named, unexplained, buckets } = figuresOf(rows);
  // What could not be read has no currency: it is counted once, with the entity's own, and keeps every currency open.
  const countsHere = failures.count > 0 && failures.currency === head.currency;
  const failed = countsHere ? [{ cause: "record-failed", count: failures.count, ...ZERO }] : [];
  const causes = [...named, ...failed].sort((a, b) => (a.cause < b.cause ? -1 : 1));
  const explained = [...named, unexplained].reduce<KnownAmounts>(plus, ZERO);
  const proofs = [
    addsUp(scayle, erp, explained),
    ...breachProofs(breaches),
    ...countProof(counts),
    { name: "nothing-unexplained", ok: unexplained.count === 0, detail: `${unexplained.count} unexplained` },
    {
      name: "nothing-failed",
      ok: failures.count === 0,
      detail: `${failures.count} ${failures.count === 1 ? "record" : "records"} could not be read${failures.count > 0 && !countsHere ? `, counted with ${failures.currency}` : ""}`,
    },
  ];
  return {
    ...head,
    scayle,
    erp,
    causes,
    unexplained,
    buckets,
    proofs,
    tiesOut: proofs.every((proof) => proof.ok),
  };
}

function addsUp(scayle: KnownAmounts, erp: KnownAmounts, causes: KnownAmounts): Proof {
  const gap = minus(minus(scayle, causes), erp);
  const ok = gap.net === 0n && gap.tax === 0n && gap.gross === 0n;
  return {
    name: "adds-up",
    ok,
    detail: ok
      ? "SCAYLE − Σ causes = ERP in net, tax and gross"
      : `off by net ${gap.net}, tax ${gap.tax}, gross ${gap.gross} minor units`,
  };
}

/** The newest finished totals of periods, as stored (amounts are integer strings in minor units). */
export async function loadSummaries(
  client: pg.PoolClient | pg.Pool,
  request: Readonly<{ period?: string; entityId?: string }>,
): Promise<readonly JsonValue[]> {
  const { rows } = await client.query<{ totals: JsonValue }>(
    `SELECT DISTINCT ON (s.entity_id, s.period, s.currency) s.totals
       FROM period_summary s JOIN entity e ON e.id = s.entity_id
      WHERE e.retired_at IS NULL AND ($1::text IS NULL OR s.period = $1) AND ($2::text IS NULL OR s.entity_id = $2)
      ORDER BY s.entity_id, s.period, s.currency, s.made_at DESC`,
    [request.period ?? null, request.entityId ?? null],
  );
  return rows.map((row) => row.totals);
}
