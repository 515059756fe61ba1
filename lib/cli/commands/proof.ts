import type { Command } from "commander";
import { appPool } from "@/lib/db/pool";
import { formatAmount } from "@/lib/domain/money";
import { reasonWords } from "@/lib/domain/remainder-words";
import { type ProofReport, prove } from "@/lib/matching/proof/proof";
import type { StagePart, StageRow } from "@/lib/matching/proof/stages";
import { recountMonth } from "@/lib/sync/run-month-recount";
import { liveEntities } from "./entities";
import { period } from "./options";
import { printResult, type Shell, table } from "./shell";

type Options = Readonly<{ period: string; entity?: string; recount?: boolean; days?: boolean }>;

/** Nothing disagrees, and not all of it was looked at: neither success nor a fault in the books. */
const NOT_PROVED = 3;

/** tieout proof */
export function addProof(program: Command, shellOf: () => Shell): void {
  program
    .command("proof")
    .description(
      "prove that nothing of a month was lost between the sources and the pairs; fails where it was",
    )
    .requiredOption("--period <month>", "the month, like 2026-10", period)
    .option("--entity <code>", "one entity only")
    .option("--recount", "count the month again at the sources first")
    .option("--days", "in words: a row per day, not only per feed")
    .action(async (options: Options) => {
      const shell = shellOf();
      const reports: ProofReport[] = [];
      for (const entityId of await liveEntities(appPool(), options.entity)) {
        if (options.recount) await recount(shell, entityId, options.period);
        reports.push(await prove(appPool(), entityId, options.period, { deep: true }));
      }
      printResult(shell, { proofs: reports }, () =>
        reports.flatMap((report) => words(report, options.days ?? false)),
      );
      const isIn = (state: ProofReport["state"]) => reports.some((report) => report.state === state);
      if (isIn("fails")) shell.fail();
      else if (isIn("unproved")) shell.fail(NOT_PROVED);
    })
    .addHelpText(
      "after",
      "\nExit codes: 0 it holds; 1 it fails, or could not be made; 2 called wrongly; 3 nothing disagrees, but a part was not proved yet.",
    );
}

/** Asks the sources, and lets the month's summary know what they said. */
async function recount(shell: Shell, entityId: string, month: string): Promise<void> {
  const { actorName, actor, now, signal } = shell;
  const counts = await recountMonth({ entityId, period: month }, { actorName, actor, now, signal });
  for (const count of counts) shell.say(`${count.feed}: ${count.state} (${count.method})`);
}

const STATES = {
  holds: "It holds.",
  fails: "It FAILS.",
  unproved: "Nothing disagrees, but it is not proved yet.",
} as const;

function words(report: ProofReport, byDay: boolean): readonly string[] {
  const rows = byDay ? report.days : report.feeds;
  const broken = report.invariants.filter((one) => one.rows > 0);
  return [
    `${report.entity}  ${report.period}`,
    ...(rows.length === 0
      ? ["Nothing of this month was fetched."]
      : table(
          [
            "feed",
            byDay ? "day" : "",
            "kind",
            "fetched",
            "documents",
            "in pairs",
            "gross fetched",
            "gross in pairs",
            "hash",
            "",
          ],
          rows.map(rowWords),
          [3, 4, 5, 6, 7],
        )),
    ...rows.flatMap(apartWords),
    ...report.counts.map((count) =>
      count.result === null
        ? `${count.feed}: ${count.state === "not-asked" ? "not counted again at the source (--recount)" : count.method}`
        : `${count.feed}: the source counts ${count.result.source}, here are ${count.result.held}; ${count.state}, as of ${count.askedAt?.toISOString()}`,
    ),
    ...report.gaps.map(
      (gap) =>
        `gap of ${gap.missing} in ${gap.connection}, ${gap.kind} numbers ${gap.first}${gap.missing > 1 ? ` to ${gap.last}` : ""}${gap.known.length > 0 ? ` (${gap.known.join("; ")})` : ""}`,
    ),
    ...broken.flatMap((one) => [
      `FAILS: ${one.sentence}: ${one.rows}`,
      ...one.examples.map((example) => `  ${example}`),
      ...(one.rows > one.examples.length ? [`  and ${one.rows - one.examples.length} more`] : []),
    ]),
    `${report.invariants.length - broken.length} of ${report.invariants.length} invariants hold.`,
    STATES[report.state],
    ...(report.state === "holds" ? [] : report.findings.map((finding) => `- ${finding}`)),
    "",
  ];
}

const MARKS = { holds: "holds", fails: "FAILS", unproved: "not proved" } as const;

const rowWords = (row: StageRow): readonly string[] => [
  row.feed,
  row.day,
  row.kind,
  `${row.fetched.records}/${row.fetched.sums.lines}`,
  `${row.normalised.records}/${row.normalised.sums.lines}`,
  String(row.matched.sums.lines),
  money(row.fetched.sums.gross, row.currency),
  money(row.matched.sums.gross, row.currency),
  BigInt.asUintN(64, row.hashes.matched).toString(16).padStart(16, "0"),
  MARKS[row.state],
];

/** What lies between the counts of a row by right (or not), each with its reason, lines and gross. */
function apartWords({ feed, day, kind, currency, remainders, apart, buckets }: StageRow): readonly string[] {
  const name = [feed, day, kind].filter(Boolean).join(" ");
  const parts = (all: readonly StagePart[]) =>
    all
      .map(({ reason, count: { sums }, fault }) => {
        const lines = `${sums.lines.toLocaleString("en").replace("-", "−")} ${Math.abs(sums.lines) === 1 ? "line" : "lines"}`;
        return `${fault ? "FAULT " : ""}${reasonWords(reason)} ${lines}, ${money(sums.gross, currency)}`;
      })
      .join("; ");
  const excluded = buckets.filter((bucket) => bucket.reason === "excluded");
  return [
    ...(remainders.length > 0 ? [`${name}: between fetched and documents: ${parts(remainders)}`] : []),
    ...(apart.length > 0 ? [`${name}: between documents and pairs: ${parts(apart)}`] : []),
    ...(excluded.length > 0 ? [`${name}: in pairs, and in no total: ${parts(excluded)} by a rule`] : []),
  ];
}

/** With its currency; a record that could not be read may name none. */
const money = (amount: bigint, currency: string): string =>
  /^[A-Z]{3}$/.test(currency) ? `${formatAmount(amount, currency)} ${currency}` : amount.toString();
