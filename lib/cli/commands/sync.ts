import type { Command } from "commander";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction, ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { runReconciliation } from "@/lib/matching/reconcile";
import { changesBetween, type Snapshot } from "@/lib/orders/changes";
import { findResyncedOrders } from "@/lib/orders/data";
import { planResyncs } from "@/lib/orders/mutations";
import { NOTHING, snapshotOf } from "@/lib/orders/one-snapshot";
import { runResyncs } from "@/lib/orders/run-resyncs";
import type { FeedReport, SyncReport } from "@/lib/sync/feed-run";
import { findOrderKeys } from "@/lib/sync/order-keys";
import { runSync } from "@/lib/sync/run";
import { planBackfill, runBackfill } from "@/lib/sync/run-backfill";
import { liveEntities } from "./entities";
import { day } from "./options";
import { printResult, type Shell, table } from "./shell";

type Options = Readonly<{
  feed?: string;
  order?: string;
  orders?: readonly string[];
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
    .option("--order <reference>", "read one order again, from both systems, match it and say what changed")
    .option(
      "--orders <references>",
      "read several orders again, named with commas between them, and say what came of each",
      (text: string) =>
        text
          .split(",")
          .map((one) => one.trim())
          .filter(Boolean),
    )
    .option("--entity <code>", "one entity only")
    .option("--full", "read everything, not only what changed")
    .option("--from <day>", "read the days from this one on again, beside the interval; with --feed", day)
    .option("--to <day>", "up to this day, included", day)
    .action(async (options: Options) => {
      const shell = shellOf();
      if (options.from !== undefined || options.to !== undefined) return backfill(shell, options);
      if (options.orders !== undefined) return severalOrders(shell, options.orders, options);
      if (options.order !== undefined) return oneOrder(shell, options.order, options);
      const report = await runSync(
        { feedId: options.feed, entityId: options.entity, full: options.full },
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

/** Reads one order again from both systems, matches its groups again, and says what that changed. */
async function oneOrder(shell: Shell, reference: string, { entity, feed }: Options): Promise<void> {
  const { actorName, actor, now, signal } = shell;
  const pool = ownerPool();
  const entities = await liveEntities(pool, entity);
  const before = new Map<string, Snapshot>();
  for (const { entityId, orderKey } of await findOrderKeys(pool, entities, reference)) {
    before.set(orderKey, await snapshotOf(entityId, orderKey));
  }
  const report = await runSync(
    { feedId: feed, orderReference: reference, entityId: entity },
    { actorName, actor, now, signal, onProgress: progressOn(shell) },
  );
  const held = await findOrderKeys(pool, entities, reference);
  for (const entityId of new Set(held.map((one) => one.entityId))) {
    const orderKeys = held.filter((one) => one.entityId === entityId).map((one) => one.orderKey);
    await runReconciliation({ entityId, orderKeys }, { actorName, actor, now, signal });
  }
  const changes: string[] = [];
  for (const { entityId, orderKey } of held) {
    changes.push(...changesBetween(before.get(orderKey) ?? NOTHING, await snapshotOf(entityId, orderKey)));
  }
  printResult(shell, { ...report, changes }, () => [
    ...feedTable(report.feeds),
    ...(changes.length === 0 ? ["Read and matched again: nothing changed."] : ["What changed:", ...changes]),
  ]);
  for (const one of report.feeds.filter((each) => each.error !== null))
    shell.say(`${one.feed}: ${one.error}`);
  if (report.feeds.some((one) => one.state !== "done")) shell.fail();
}

/**
 * Reads several orders again, as a run of each entity that has some of them; stopped, it is gone on with in the console.
 * Names that nobody knows are told, and the others are read; it ends as failed then.
 */
async function severalOrders(
  shell: Shell,
  references: readonly string[],
  { entity, order, feed, full }: Options,
) {
  if (order !== undefined || feed !== undefined || full)
    throw new Refusal("invalid", "--orders stands alone, or with --entity.");
  const { actorName, actor, now, signal } = shell;
  const pool = ownerPool();
  const entities = await liveEntities(pool, entity);
  const keys = new Map<string, Set<string>>();
  const unknown: string[] = [];
  for (const reference of new Set(references)) {
    const held = await findOrderKeys(pool, entities, reference);
    if (held.length === 0) unknown.push(reference);
    for (const { entityId, orderKey } of held)
      keys.set(entityId, (keys.get(entityId) ?? new Set<string>()).add(orderKey));
  }
  if (keys.size === 0) throw new Refusal("not-found", "None of these orders is known here.");
  const orders: Awaited<ReturnType<typeof findResyncedOrders>>["orders"][number][] = [];
  for (const [entityId, found] of keys) {
    const { runId, count } = await inTransaction(pool, (client) =>
      planResyncs(client, entityId, [...found], { scope: { by: "command-line" }, by: actor, at: now() }),
    );
    await runResyncs(runId, { actorName, actor, now, signal });
    orders.push(...(await findResyncedOrders(runId, { page: 1 }, count)).orders);
  }
  printResult(shell, [...orders, ...unknown.map((name) => ({ name, state: "unknown" }))], () =>
    table(
      ["order", "state", "what"],
      [
        ...orders.map((one) => [
          one.name ?? "–",
          one.state,
          [one.reason, ...one.changes].filter(Boolean).join(" "),
        ]),
        ...unknown.map((name) => [name, "unknown", "Nothing here goes by this name; it was not asked for."]),
      ],
    ),
  );
  if (unknown.length > 0 || orders.some(({ state }) => state === "failed" || state === "waiting"))
    shell.fail();
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
    ...feedTable([report]),
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
  return [
    ...feedTable(feeds),
    ...feeds.flatMap((feed) =>
      feed.changed.map(
        (one) => `Posted document ${one.number} has other figures now (version ${one.version}).`,
      ),
    ),
    ...notes,
    `${orderKeys.length} groups to reconcile.`,
  ];
}

const feedTable = (feeds: readonly FeedReport[]): readonly string[] =>
  table(
    ["feed", "state", "found", "stored", "unchanged", "failed"],
    feeds.map((one) => [
      one.feed,
      one.state,
      ...[one.found, one.stored, one.unchanged, one.failed].map(String),
    ]),
    [2, 3, 4, 5],
  );
