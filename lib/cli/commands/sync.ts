import type { Command } from "commander";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction, ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import type { FeedReport, SyncReport } from "@/lib/sync/feed-run";
import { runSync } from "@/lib/sync/run";
import { planBackfill, runBackfill } from "@/lib/sync/run-backfill";
import { day } from "./options";
import { printResult, type Shell, table } from "./shell";

type Options = Readonly<{
  feed?: string;
  order?: string;
  entity?: string;
  full?: boolean;
  from?: string;
  to?: string;
}>;

/** tieout sync */
export function addSync(program: Command, shellOf: () => Shell): void {
  program
    .command("sync")
    .description("read what changed at the sources, and store it")
    .option("--feed <id>", "one feed only")
    .option("--order <reference>", "read one order again, from both systems")
    .option("--entity <code>", "one entity only")
    .option("--full", "read everything, not only what changed")
    .option("--from <day>", "read the days from this one on again, beside the interval; with --feed", day)
    .option("--to <day>", "up to this day, included", day)
    .action(async (options: Options) => {
      const shell = shellOf();
      if (options.from !== undefined || options.to !== undefined) return backfill(shell, options);
      const report = await runSync(
        { feedId: options.feed, orderReference: options.order, entityId: options.entity, full: options.full },
        {
          actorName: shell.actorName,
          actor: shell.actor,
          now: shell.now,
          signal: shell.signal,
          onProgress: progressOn(shell),
        },
      );
      printResult(shell, report, () => words(report));
      for (const feed of report.feeds.filter((one) => one.error !== null)) {
        shell.say(`${feed.feed}: ${feed.error}`);
      }
      if (report.feeds.some((feed) => feed.state !== "done")) shell.fail();
    });
}

/** Reads some days of a feed again; what was asked for stands in the runs and in the trail. */
async function backfill(shell: Shell, { feed, from, to, order, full }: Options): Promise<void> {
  if (feed === undefined || from === undefined || to === undefined || order !== undefined || full) {
    throw new Refusal(
      "invalid",
      "Days are read again with --feed, --from and --to, and nothing beside them.",
    );
  }
  const { actor, actorName } = shell;
  const at = shell.now();
  const runId = await inTransaction(ownerPool(), async (client) => {
    const planned = await planBackfill(client, feed, { from, to }, { name: actorName, at });
    await appendAudit(client, {
      chain: planned.entityId,
      at,
      actor,
      action: "run.backfill",
      subject: `feed:${feed}`,
      outcome: "done",
      before: null,
      after: { run: planned.runId, from, to },
    });
    return planned.runId;
  });
  const report = await runBackfill(runId, {
    actorName,
    actor,
    now: shell.now,
    signal: shell.signal,
    onProgress: progressOn(shell),
  });
  if (report === null) return;
  printResult(shell, report, () => [
    ...table(
      ["feed", "state", "found", "stored", "unchanged", "failed"],
      [
        [
          report.feed,
          report.state,
          ...[report.found, report.stored, report.unchanged, report.failed].map(String),
        ],
      ],
      [2, 3, 4, 5],
    ),
    "What changed is reconciled with: tieout reconcile",
  ]);
  if (report.error !== null) shell.say(report.error);
  if (report.state !== "done") shell.fail();
}

/** Where a person watches, a line per feed that counts up. */
function progressOn(shell: Shell) {
  if (shell.json || !process.stderr.isTTY) return undefined;
  let feed = "";
  return (progress: Readonly<{ feed: string; found: number }>): void => {
    if (progress.feed !== feed && feed !== "") process.stderr.write("\n");
    feed = progress.feed;
    process.stderr.write(`\r${feed}: ${progress.found} read`);
  };
}

function words({ feeds, orderKeys, notes }: SyncReport): readonly string[] {
  if (feeds.length === 0) return ["There is nothing to sync: no system is connected. Files: tieout import."];
  const counts = ({ found, stored, unchanged, failed }: FeedReport) =>
    [found, stored, unchanged, failed].map(String);
  return [
    ...table(
      ["feed", "state", "found", "stored", "unchanged", "failed"],
      feeds.map((feed) => [feed.feed, feed.state, ...counts(feed)]),
      [2, 3, 4, 5],
    ),
    ...feeds.flatMap((feed) =>
      feed.changed.map(
        (one) => `Posted document ${one.number} has other figures now (version ${one.version}).`,
      ),
    ),
    ...notes,
    `${orderKeys.length} groups to reconcile.`,
  ];
}
