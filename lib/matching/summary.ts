import type pg from "pg";
import type { Bucket } from "@/lib/causes/contract";
import type { JsonValue } from "@/lib/domain/json";
import { type KnownAmounts, minus, plus, ZERO } from "@/lib/domain/money";

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

type Row = Record<string, unknown>;

/**
 * The totals of every period of an entity from its lines, pairs and causes as they stand in this transaction.
 * Lines in bucket `excluded` are counted there and in no total.
 */
export async function computeSummaries(
  client: pg.PoolClient,
  entityId: string,
  asOf: Date,
): Promise<readonly Summary[]> {
  const lines = await client.query<Row>(LINE_TOTALS, [entityId]);
  const causes = await client.query<Row>(CAUSE_TOTALS, [entityId]);
  const failed = await client.query<Row>(FAILED_COUNTS, [entityId]);
  const versions = await client.query<Row>(VERSION_TOTALS, [entityId]);
  const entity = await client.query<Row>("SELECT currency FROM entity WHERE id = $1", [entityId]);
  const main = String(entity.rows[0]?.["currency"] ?? "");
  const keys = new Set([...lines.rows, ...causes.rows].map((row) => `${row["period"]} ${row["currency"]}`));
  for (const row of failed.rows) keys.add(`${row["period"]} ${main}`);
  return [...keys].sort().map((key) => {
    const [period = "", currency = ""] = key.split(" ");
    const mine = (row: Row) => row["period"] === period && row["currency"] === currency;
    const failures =
      failed.rows.filter((row) => row["period"] === period).map((row) => Number(row["count"]))[0] ?? 0;
    return summarise(
      { entity: entityId, period, currency, asOf },
      lines.rows.filter(mine),
      causes.rows.filter(mine),
      versions.rows.filter(mine),
      failures,
    );
  });
}

const LINE_TOTALS = `
  SELECT l.period, l.currency, l.side, coalesce(p.bucket, 'none') AS bucket,
         sum(CASE WHEN l.side = 'scayle' AND l.kind = 'item' THEN greatest(1, abs(l.quantity)) ELSE 1 END)::bigint AS lines,
         count(*) FILTER (WHERE l.net IS NULL OR l.tax IS NULL) AS unknown,
         coalesce(sum(l.net), 0)::bigint AS net, coalesce(sum(l.tax), 0)::bigint AS tax, sum(l.gross)::bigint AS gross,
         count(*) AS rows
    FROM line l
    LEFT JOIN pair_line pl ON pl.order_key = l.order_key AND pl.line_id = l.id
    LEFT JOIN pair p ON p.order_key = pl.order_key AND p.id = pl.pair_id
   WHERE l.entity_id = $1 AND l.in_books
   GROUP BY 1, 2, 3, 4`;

const CAUSE_TOTALS = `
  SELECT period, currency, code, count(DISTINCT coalesce(exception_id, id)) AS count,
         sum(net)::bigint AS net, sum(tax)::bigint AS tax, sum(gross)::bigint AS gross
    FROM cause WHERE entity_id = $1 GROUP BY 1, 2, 3`;

const FAILED_COUNTS = `
  SELECT period, count(*) AS count FROM exception
   WHERE entity_id = $1 AND cause = 'record-failed' AND state <> 'resolved' GROUP BY 1`;

// The append-only versions, summed again: a line that was changed or lost outside them shows here.
const VERSION_TOTALS = `
  SELECT left(l->>'day', 7) AS period, d.currency, d.side,
         sum((l->>'gross')::bigint)::bigint AS gross, coalesce(sum((l->>'net')::bigint), 0)::bigint AS net, count(*) AS rows
    FROM document d
    JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
   CROSS JOIN LATERAL jsonb_array_elements(v.content->'lines') AS l
   WHERE d.entity_id = $1 AND d.posted
   GROUP BY 1, 2, 3`;

const amountsOf = (row: Row): KnownAmounts => ({
  net: row["net"] as bigint,
  tax: row["tax"] as bigint,
  gross: row["gross"] as bigint,
});

function sideTotals(rows: readonly Row[], side: string): SideTotals {
  const mine = rows.filter((row) => row["side"] === side && row["bucket"] !== "excluded");
  return {
    ...mine.map(amountsOf).reduce(plus, ZERO),
    lines: mine.reduce((total, row) => total + Number(row["lines"]), 0),
    unknownTaxLines: mine.reduce((total, row) => total + Number(row["unknown"]), 0),
  };
}

function bucketTotals(rows: readonly Row[], side: string): Readonly<Record<Bucket, Counted>> {
  const entries = BUCKETS.map((bucket) => {
    const mine = rows.filter((row) => row["side"] === side && row["bucket"] === bucket);
    const lines = mine.reduce((total, row) => total + Number(row["lines"]), 0);
    return [bucket, { ...mine.map(amountsOf).reduce(plus, ZERO), lines }] as const;
  });
  return Object.fromEntries(entries) as Record<Bucket, Counted>;
}

function summarise(
  head: Pick<Summary, "entity" | "period" | "currency" | "asOf">,
  lines: readonly Row[],
  causeRows: readonly Row[],
  versions: readonly Row[],
  failures: number,
): Summary {
  const scayle = sideTotals(lines, "scayle");
  const erp = sideTotals(lines, "erp");
  const all = causeRows.map((row) => ({
    cause: String(row["code"]),
    count: Number(row["count"]),
    ...amountsOf(row),
  }));
  const none = { cause: "unexplained", count: 0, ...ZERO };
  const { cause: _, ...unexplained } = all.find((one) => one.cause === "unexplained") ?? none;
  const named = all.filter((one) => one.cause !== "unexplained");
  const failed = failures > 0 ? [{ cause: "record-failed", count: failures, ...ZERO }] : [];
  const causes = [...named, ...failed].sort((a, b) => (a.cause < b.cause ? -1 : 1));
  const explained = all.reduce<KnownAmounts>(plus, ZERO);
  const proofs = [
    addsUp(scayle, erp, explained),
    inOneBucket(lines),
    versionsAgree(lines, versions),
    { name: "nothing-unexplained", ok: unexplained.count === 0, detail: `${unexplained.count} unexplained` },
    {
      name: "nothing-failed",
      ok: failures === 0,
      detail: `${failures} ${failures === 1 ? "record" : "records"} could not be read`,
    },
  ];
  return {
    ...head,
    scayle,
    erp,
    causes,
    unexplained,
    buckets: { scayle: bucketTotals(lines, "scayle"), erp: bucketTotals(lines, "erp") },
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

function inOneBucket(lines: readonly Row[]): Proof {
  const stray = lines
    .filter((row) => row["bucket"] === "none")
    .reduce((total, row) => total + Number(row["rows"]), 0);
  const detail =
    stray === 0 ? "every line of both sides is in exactly one bucket" : `${stray} lines are in no bucket`;
  return { name: "one-bucket", ok: stray === 0, detail };
}

function versionsAgree(lines: readonly Row[], versions: readonly Row[]): Proof {
  const off = ["scayle", "erp"].filter((side) => {
    const mine = lines.filter((row) => row["side"] === side);
    const kept = versions.filter((row) => row["side"] === side);
    const total = (rows: readonly Row[], name: string) =>
      rows.reduce((sum, row) => sum + BigInt(String(row[name])), 0n);
    return (["gross", "net", "rows"] as const).some((name) => total(mine, name) !== total(kept, name));
  });
  const detail =
    off.length === 0
      ? "kept versions of the documents add up to the lines"
      : `versions and lines differ: ${off.join(", ")}`;
  return { name: "versions-agree", ok: off.length === 0, detail };
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
