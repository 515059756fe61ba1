import type { Command } from "commander";
import type { FeedReport, SyncReport } from "@/lib/sync/feed-run";
import { runSync } from "@/lib/sync/run";
import { printResult, type Shell, table } from "./shell";

type Options = Readonly<{ feed?: string; order?: string; entity?: string; full?: boolean }>;

/** tieout sync */
export function addSync(program: Command, shellOf: () => Shell): void {
  program
    .command("sync")
    .description("read what changed at the sources, and store it")
    .option("--feed <id>", "one feed only")
    .option("--order <reference>", "read one order again, from both systems")
    .option("--entity <code>", "one entity only")
    .option("--full", "read everything, not only what changed")
    .action(async (options: Options) => {
      const shell = shellOf();
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
