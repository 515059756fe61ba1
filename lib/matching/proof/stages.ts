import type pg from "pg";
import { addSums, NO_LINES, type Sums } from "@/lib/domain/control";
import type { Month } from "@/lib/domain/day";
import { LINE_CONTROL } from "../invariants/documents";

/** A stage's count: how many records or documents, and the sums of their lines. */
export type StageCount = Readonly<{ records: number; sums: Sums }>;

/** A named part of the difference between two stages, added to the first it gives the second. */
export type StagePart = Readonly<{ reason: string; count: StageCount; fault: boolean }>;

/**
 * One feed, day, kind of document and currency, counted three times: as fetched (from the raw payloads), as normalised
 * (the documents' controls) and as matched (the lines that stand in pairs). `remainders` lead from the first to the second,
 * `apart` from the second to the third.
 */
export type StageRow = Readonly<{
  feed: string;
  day: string;
  kind: string;
  currency: string;
  fetched: StageCount;
  remainders: readonly StagePart[];
  normalised: StageCount;
  apart: readonly StagePart[];
  matched: StageCount;
  /** the matched lines by bucket: each is in exactly one */
  buckets: readonly StagePart[];
  /** the hashes that are compared: equal in pairs where the proof holds */
  hashes: Hashes;
  /** records whose figures were not kept as they came */
  unkept: number;
  state: "holds" | "fails" | "unproved";
}>;

/**
 * Sums of hashes modulo 2^64. `fetched` (with its remainders) and `documents` are over keys and amounts, which a source
 * knows; `stored` and `matched` (with what is apart) over the day and document of each line too.
 */
export type Hashes = Readonly<{ fetched: bigint; documents: bigint; stored: bigint; matched: bigint }>;

/** Reasons that are none: a unit that should be in the books and isn't, or the other way round. */
const FAULTS: ReadonlySet<string> = new Set(["lost", "surplus", "in no pair"]);

const BUCKET = "bucket ";

const SUM_NAMES = ["lines", "unknown", "net", "tax", "gross", "figures"] as const;

// Records by the day of the books: a document's posting day; of a record without a document, the day it gives itself.
const RECORDS = `
  records AS MATERIALIZED (
    SELECT coalesce(f.feed_id, g.feed_id, '') AS feed, d.posting_day AS day, d.kind, d.currency, d.connection_id, d.source_id,
           d.order_key, d.id, d.number, d.posted, f.source_id IS NOT NULL AS was_fetched, coalesce(NOT f.kept, false) AS unkept,
           f.line_count AS f_lines, f.unknown AS f_unknown, f.net AS f_net, f.tax AS f_tax, f.gross AS f_gross, f.figures AS f_figures,
           d.line_count AS d_lines, d.unknown AS d_unknown, d.net AS d_net, d.tax AS d_tax, d.gross AS d_gross, d.figures AS d_figures,
           d.control
      FROM document d
      LEFT JOIN fetch_control f ON f.connection_id = d.connection_id AND f.kind = d.kind AND f.source_id = d.source_id
      LEFT JOIN fetch_control g ON d.kind = 'credit' AND f.source_id IS NULL AND g.connection_id = d.connection_id AND g.kind = 'sale'
                               AND g.source_id = d.source_id
     WHERE d.entity_id = $1 AND d.posting_day >= $2::date AND d.posting_day < $2::date + interval '1 month'
    UNION ALL
    SELECT f.feed_id, coalesce(f.day, f.seen_at::date), f.kind, coalesce(f.currency, ''), f.connection_id, f.source_id,
           NULL, NULL, f.number, false, true, NOT f.kept,
           f.line_count, f.unknown, f.net, f.tax, f.gross, f.figures, NULL, NULL, NULL, NULL, NULL, NULL, NULL
      FROM fetch_control f
     WHERE f.entity_id = $1 AND coalesce(f.day, f.seen_at::date) >= $2::date
       AND coalesce(f.day, f.seen_at::date) < $2::date + interval '1 month'
       AND NOT EXISTS (SELECT FROM document d WHERE d.connection_id = f.connection_id AND d.source_id = f.source_id AND d.kind = f.kind)),
  failed AS (
    SELECT DISTINCT connection_id, source_id FROM failed_record
     WHERE entity_id = $1 AND resource NOT IN ('invoices', 'stock') AND resolved_at IS NULL)`;

const summed = (prefix: string): string =>
  SUM_NAMES.map((name) =>
    name === "figures"
      ? `tieout_mod64(coalesce(sum(${prefix}figures), 0)) AS figures`
      : `coalesce(sum(${prefix}${name}), 0)::bigint AS ${name}`,
  ).join(", ");

const TOTALS = `
  WITH ${RECORDS}
  SELECT feed, to_char(day, 'YYYY-MM-DD') AS day, kind, currency, 'fetched' AS stage, '' AS reason,
         count(*) FILTER (WHERE was_fetched)::int AS records, ${summed("f_")}, count(*) FILTER (WHERE unkept)::int AS unkept
    FROM records GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT feed, to_char(day, 'YYYY-MM-DD'), kind, currency, 'normalised', '', count(id)::int, ${summed("d_")}, 0
    FROM records GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT feed, to_char(day, 'YYYY-MM-DD'), kind, currency, 'control', '', count(id)::int, 0, 0, 0, 0, 0,
         tieout_mod64(coalesce(sum(control), 0)), 0
    FROM records GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT r.feed, to_char(r.day, 'YYYY-MM-DD'), r.kind, r.currency, 'remainder', c.reason, count(*)::int,
         coalesce(sum(c.line_count), 0)::bigint, coalesce(sum(c.unknown), 0)::bigint, coalesce(sum(c.net), 0)::bigint,
         coalesce(sum(c.tax), 0)::bigint, coalesce(sum(c.gross), 0)::bigint, tieout_mod64(coalesce(sum(c.figures), 0)), 0
    FROM records r JOIN control_remainder c ON c.connection_id = r.connection_id AND c.kind = r.kind AND c.source_id = r.source_id
   WHERE NOT EXISTS (SELECT FROM failed x WHERE x.connection_id = r.connection_id AND x.source_id = r.source_id)
   GROUP BY 1, 2, 3, 4, 6
  UNION ALL
  SELECT feed, to_char(day, 'YYYY-MM-DD'), kind, currency, 'remainder', 'could not be read', count(*)::int,
         ${SUM_NAMES.map((name) =>
           name === "figures"
             ? "tieout_mod64(coalesce(sum(d_figures), 0) - coalesce(sum(f_figures), 0))"
             : `(coalesce(sum(d_${name}), 0) - coalesce(sum(f_${name}), 0))::bigint`,
         ).join(", ")}, 0
    FROM records r JOIN failed x USING (connection_id, source_id) GROUP BY 1, 2, 3, 4`;

// A line stands in one pair, is a draft's, waits for the next reconciliation, or is nowhere.
const LINES = `
  WITH ${RECORDS},
  placed AS (
    SELECT r.feed, r.day, r.kind, r.currency, r.id,
           CASE WHEN p.bucket IS NOT NULL THEN 'bucket ' || p.bucket WHEN NOT l.in_books THEN 'draft'
             WHEN w.order_key IS NOT NULL THEN 'waits for the next reconciliation' ELSE 'in no pair' END AS reason,
           count(*) AS lines, count(*) FILTER (WHERE l.net IS NULL OR l.tax IS NULL) AS unknown,
           coalesce(sum(l.net), 0) AS net, coalesce(sum(l.tax), 0) AS tax, sum(l.gross) AS gross, sum(${LINE_CONTROL}) AS figures
      FROM records r
      JOIN line l ON l.order_key = r.order_key AND l.document_id = r.id
      LEFT JOIN pair_line x ON x.order_key = l.order_key AND x.line_id = l.id
      LEFT JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id AND p.period = l.period
      LEFT JOIN dirty_group w ON w.order_key = l.order_key
     GROUP BY 1, 2, 3, 4, 5, 6)
  SELECT feed, to_char(day, 'YYYY-MM-DD') AS day, kind, currency, reason, count(*)::int AS records, sum(lines)::bigint AS lines,
         sum(unknown)::bigint AS unknown, sum(net)::bigint AS net, sum(tax)::bigint AS tax, sum(gross)::bigint AS gross,
         tieout_mod64(sum(figures)) AS figures
    FROM placed GROUP BY 1, 2, 3, 4, 5`;

type Row = Readonly<{
  feed: string;
  day: string;
  kind: string;
  currency: string;
  stage: string;
  reason: string;
  records: number;
  lines: bigint;
  unknown: bigint;
  net: bigint;
  tax: bigint;
  gross: bigint;
  figures: bigint;
  unkept: number;
}>;

const countOf = (row: Omit<Row, "stage" | "unkept">): StageCount => ({
  records: row.records,
  sums: {
    lines: Number(row.lines),
    unknown: Number(row.unknown),
    net: row.net,
    tax: row.tax,
    gross: row.gross,
    figures: row.figures,
  },
});
const NOTHING: StageCount = { records: 0, sums: NO_LINES };

/** The three counts of a month of an entity, per feed, day, kind and currency, as the tables stand now. */
export async function loadStages(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  period: Month,
): Promise<readonly StageRow[]> {
  const values = [entityId, `${period}-01`];
  const totals = await client.query<Row>(TOTALS, values);
  const lines = await client.query<Omit<Row, "stage" | "unkept">>(LINES, values);
  const keyOf = (row: Pick<Row, "feed" | "day" | "kind" | "currency">): string =>
    [row.feed, row.day, row.kind, row.currency].join("\u001f");
  const keys = new Map(totals.rows.map((row) => [keyOf(row), row]));
  return [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { feed, day, kind, currency }]) => {
      const mine = totals.rows.filter((row) => keyOf(row) === key);
      return stageRow(
        { feed, day, kind, currency },
        mine,
        lines.rows.filter((row) => keyOf(row) === key),
      );
    });
}

function stageRow(
  head: Pick<StageRow, "feed" | "day" | "kind" | "currency">,
  totals: readonly Row[],
  lines: readonly Omit<Row, "stage" | "unkept">[],
): StageRow {
  const one = (stage: string): Row | undefined => totals.find((row) => row.stage === stage);
  const fetchedRow = one("fetched");
  const normalisedRow = one("normalised");
  const controlRow = one("control");
  const fetched = fetchedRow ? countOf(fetchedRow) : NOTHING;
  const normalised = normalisedRow ? countOf(normalisedRow) : NOTHING;
  const remainders = totals
    .filter((row) => row.stage === "remainder")
    .map((row) => ({ reason: row.reason, count: countOf(row), fault: FAULTS.has(row.reason) }));
  const parts = lines.map((row) => ({
    reason: row.reason,
    count: countOf(row),
    fault: FAULTS.has(row.reason),
  }));
  const buckets = parts
    .filter((part) => part.reason.startsWith(BUCKET))
    .map((part) => ({ ...part, reason: part.reason.slice(BUCKET.length) }));
  const apart = parts.filter((part) => !part.reason.startsWith(BUCKET));
  const matched = buckets.reduce((sum, part) => addCounts(sum, part.count), NOTHING);
  const expected = remainders.reduce((sum, part) => addSums(sum, part.count.sums), fetched.sums);
  const placed = apart.reduce((sum, part) => addSums(sum, part.count.sums), matched.sums);
  const stored = { ...normalised.sums, figures: controlRow?.figures ?? 0n };
  const isSound = [...remainders, ...apart].every((part) => !part.fault);
  const unkept = fetchedRow?.unkept ?? 0;
  const isFetched = unkept > 0 || areEqual(expected, normalised.sums);
  const holds = isSound && isFetched && areEqual(stored, placed);
  return {
    ...head,
    fetched,
    remainders,
    normalised,
    apart,
    matched,
    buckets,
    hashes: {
      fetched: expected.figures,
      documents: normalised.sums.figures,
      stored: stored.figures,
      matched: placed.figures,
    },
    unkept,
    state: !holds ? "fails" : unkept > 0 ? "unproved" : "holds",
  };
}

const areEqual = (a: Sums, b: Sums): boolean => SUM_NAMES.every((name) => a[name] === b[name]);

/** Adds up rows: the month of a feed and kind. Days that fail make it fail. */
export function addStages(rows: readonly StageRow[]): readonly StageRow[] {
  const groups = new Map<string, StageRow[]>();
  for (const row of rows) {
    const key = [row.feed, row.kind, row.currency].join("\u001f");
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ ...first, day: "", ...addedUp(group) }] : [];
  });
}

function addedUp(rows: readonly StageRow[]): Omit<StageRow, "feed" | "day" | "kind" | "currency"> {
  const total = (pick: (row: StageRow) => StageCount): StageCount =>
    rows.map(pick).reduce(addCounts, NOTHING);
  const states = rows.map((row) => row.state);
  return {
    fetched: total((row) => row.fetched),
    remainders: partsOf(rows.flatMap((row) => row.remainders)),
    normalised: total((row) => row.normalised),
    apart: partsOf(rows.flatMap((row) => row.apart)),
    matched: total((row) => row.matched),
    buckets: partsOf(rows.flatMap((row) => row.buckets)),
    hashes: rows.map((row) => row.hashes).reduce(addHashes, NO_HASHES),
    unkept: rows.reduce((sum, row) => sum + row.unkept, 0),
    state: states.includes("fails") ? "fails" : states.includes("unproved") ? "unproved" : "holds",
  };
}

const NO_HASHES: Hashes = { fetched: 0n, documents: 0n, stored: 0n, matched: 0n };
const addHashes = (a: Hashes, b: Hashes): Hashes => ({
  fetched: BigInt.asIntN(64, a.fetched + b.fetched),
  documents: BigInt.asIntN(64, a.documents + b.documents),
  stored: BigInt.asIntN(64, a.stored + b.stored),
  matched: BigInt.asIntN(64, a.matched + b.matched),
});

const addCounts = (a: StageCount, b: StageCount): StageCount => ({
  records: a.records + b.records,
  sums: addSums(a.sums, b.sums),
});

function partsOf(parts: readonly StagePart[]): readonly StagePart[] {
  const byReason = new Map<string, StagePart>();
  for (const part of parts) {
    const known = byReason.get(part.reason);
    byReason.set(part.reason, known ? { ...known, count: addCounts(known.count, part.count) } : part);
  }
  return [...byReason.values()].sort((a, b) => (a.reason < b.reason ? -1 : 1));
}
