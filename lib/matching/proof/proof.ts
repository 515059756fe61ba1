import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import { WHOLE_TABLES } from "../invariants/contract";
import { type InvariantResult, runInvariants } from "../invariants/run";
import type { CountResult } from "./count-result";
import { findGaps, type NumberGap } from "./gaps";
import { findMonthBridge, type MonthBridge } from "./month-bridge";
import { addStages, loadStages, type StageRow } from "./stages";

/** Everything the nothing-lost proof says of a month of an entity, as the tables stand now. */
export type ProofReport = Readonly<{
  entity: string;
  period: Month;
  /** stored versions were opened too */
  deep: boolean;
  /** fails: something disagrees, and is named. unproved: nothing does, but a part was not looked at. */
  state: "holds" | "fails" | "unproved";
  /** one sentence per thing that fails or is not proved yet */
  findings: readonly string[];
  /** per feed, kind and currency */
  feeds: readonly StageRow[];
  /** per feed, day, kind and currency */
  days: readonly StageRow[];
  invariants: readonly InvariantResult[];
  counts: readonly SecondCount[];
  gaps: readonly NumberGap[];
  /** from the documents of the month to what counts in it, per side and currency */
  bridge: readonly MonthBridge[];
}>;

/** A feed's newest count at the source, or that none was asked for. */
export type SecondCount = Readonly<{
  feed: string;
  state: "agrees" | "differs" | "unavailable" | "not-asked";
  method: string | null;
  askedAt: Date | null;
  sourceTime: Date | null;
  result: CountResult | null;
}>;

/** Whether stored versions are opened too; `when-small`: where a page has the time for it. */
export type ProofOptions = Readonly<{ deep: boolean | "when-small" }>;

/** A month of so many lines is opened version by version while somebody waits for the page. */
const SMALL_LINES = 50_000;

/** Proves a month live: counts the three stages, checks every invariant on it, and tells what second counts and numbers say. */
export const prove = (
  pool: pg.Pool,
  entityId: string,
  period: Month,
  options: ProofOptions,
): Promise<ProofReport> =>
  inTransaction(pool, async (client) => {
    // One moment for all counts: a sync that goes on meanwhile is in all of them or in none.
    await client.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query(WHOLE_TABLES);
    return proveWithin(client, entityId, period, options);
  });

async function proveWithin(
  client: pg.ClientBase,
  entityId: string,
  period: Month,
  options: ProofOptions,
): Promise<ProofReport> {
  const days = await loadStages(client, entityId, period);
  const lines = days.reduce((sum, row) => sum + row.normalised.sums.lines, 0);
  const deep = options.deep === true || (options.deep === "when-small" && lines <= SMALL_LINES);
  const invariants = await runInvariants(client, entityId, { scoped: false, deep, period });
  const counts = await newestCounts(client, entityId, period);
  const gaps = await findGaps(client, entityId, period);
  const bridge = await findMonthBridge(client, entityId, period);
  const feeds = addStages(days);
  const failing = [
    ...feeds
      .filter((row) => row.state === "fails")
      .map((row) => `${row.feed}, ${row.kind}, ${row.currency}: the three counts disagree`),
    ...invariants
      .filter((one) => one.rows > 0)
      .map(
        (one) =>
          `${one.rows} ${one.rows === 1 ? "breach" : "breaches"} of “${one.sentence}”: ${one.examples[0] ?? ""}`,
      ),
    ...counts
      .filter((one) => one.state === "differs")
      .map(
        (one) =>
          `${one.feed}: the source counts ${one.result?.source ?? "?"}, here are ${one.result?.held ?? "?"}`,
      ),
  ];
  const open = [
    ...feeds
      .filter((row) => row.unkept > 0)
      .map(
        (row) =>
          `${row.feed}, ${row.kind}: ${row.unkept} records were read before their figures were kept; sync in full`,
      ),
    ...counts
      .filter((one) => one.state === "not-asked")
      .map((one) => `${one.feed}: not counted again at the source yet`),
    ...counts
      .filter((one) => one.state === "unavailable")
      .map((one) => `${one.feed}: ${one.method ?? "the source can't be asked"}`),
  ];
  return {
    entity: entityId,
    period,
    deep,
    state: failing.length > 0 ? "fails" : open.length > 0 ? "unproved" : "holds",
    findings: [...failing, ...open],
    feeds,
    days,
    invariants,
    counts,
    gaps,
    bridge,
  };
}

/** The newest second count of each feed that can be asked, for a month. */
async function newestCounts(
  client: pg.ClientBase,
  entityId: string,
  period: Month,
): Promise<readonly SecondCount[]> {
  const { rows } = await client.query<SecondCount>(
    `SELECT f.id AS feed, coalesce(n.state, 'not-asked') AS state, n.method, n.asked_at AS "askedAt", n.source_time AS "sourceTime", n.result
       FROM feed f JOIN connection c ON c.id = f.connection_id
       LEFT JOIN LATERAL (SELECT * FROM source_count s WHERE s.entity_id = f.entity_id AND s.period = $2 AND s.feed_id = f.id
                           ORDER BY s.asked_at DESC, s.id LIMIT 1) n ON true
      WHERE f.entity_id = $1 AND c.retired_at IS NULL AND f.resource IN ('orders', 'ledger-documents') ORDER BY f.id`,
    [entityId, period],
  );
  return rows;
}
