import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { prove } from "@/lib/matching/proof/proof";
import { makeRandom, type Random } from "@/lib/sandbox/random";
import { makeAnswering } from "@/lib/sandbox/server";
import { compare, differences, outcomeOf, unsettled } from "./checks";
import { makeClock } from "./clock";
import { faultyPool } from "./database";
import { type FaultCounts, makeFaults } from "./faults";
import { type Files, makeFiles } from "./files";
import { makeLists } from "./lists";
import { connect, type Network } from "./network";
import { startProcess } from "./process";
import { isJobWaiting, isOfFaults, makeProduct, type Product } from "./product";
import type { Rig } from "./rig";
import { documentsAt, ENTITY, makeSource, nextChange, ordersAt, type Source } from "./source";
import { makeWebhooks } from "./webhooks";

/** What came of one seed. */
export type SeedReport = Readonly<{
  seed: number;
  /** orders and ERP documents at the source in the end */
  records: number;
  faults: FaultCounts;
  /** each fault, in order */
  log: readonly string[];
  /** records that pages left out and only a second count could tell of; named by it, and found by a full reading */
  named: number;
  lost: readonly string[];
  duplicates: readonly string[];
  /** what else is not as it must be; empty where the seed holds */
  wrong: readonly string[];
}>;

const HOUR = 3_600_000;
const PROCESSES_MOST = 3;
const LARGE_PAGE = 100;

/** One seed's world, its faults and what it found wrong. */
type Run = Readonly<{
  seed: number;
  rig: Rig;
  random: Random;
  source: Source;
  network: Network;
  files: Files;
  webhooks: ReturnType<typeof makeWebhooks>;
  wrong: string[];
}>;

/**
 * Lets a small world of a seed be read while things go wrong, lets them go right, and compares with the source and with a
 * world in which nothing ever went wrong.
 */
export async function runSeed(seed: number, rig: Rig): Promise<SeedReport> {
  const run = prepare(seed, rig);
  const { network, source, webhooks, wrong } = run;
  const { clock, faults } = network;
  await rig.reset();
  const phases = run.random.integer(1, 3);
  for (let phase = 1; phase <= phases; phase += 1) await badTimes(run, phase);
  faults.on = false;
  faults.phase = "after";
  const before = clock.at;
  // Later than any clock that was ahead.
  clock.at += run.random.integer(6, 40) * HOUR;
  clock.skew = 0;
  webhooks.happen(before, clock.at);
  const named = await recover(run);
  // What is left to be asked is asked in pages that the world fits into.
  network.pageSize = LARGE_PAGE;
  const { lost, duplicates, wrong: unlike } = await compare(rig.admin, source, clock.at);
  wrong.push(
    ...unlike,
    ...(await run.files.unlike(rig.admin, true)),
    ...(await unsettled(rig.admin, webhooks.accepted)),
  );
  await foundNothing(run);
  await proved(run);
  const outcome = await outcomeOf(rig.admin);
  wrong.push(...differences(outcome, await undisturbed(run)));
  const records = ordersAt(source, clock.at).length + documentsAt(source, clock.at).length;
  return { seed, records, faults: faults.counts, log: faults.log, named, lost, duplicates, wrong };
}

function prepare(seed: number, rig: Rig): Run {
  const random = makeRandom(seed, "simulation");
  const source = makeSource(seed, random.integer(6, 10));
  const faults = makeFaults(seed);
  const clock = makeClock(Date.parse("2026-10-16T06:00:00Z") + random.integer(0, 12 * 24) * HOUR);
  const wrong: string[] = [];
  const jumps = makeRandom(seed, "jumps");
  let ahead = 0;
  let aheadIn = "";
  const network: Network = {
    answer: makeAnswering({
      world: source.world,
      scayleLimit: 1e9,
      businessCentralLimit: 1e9,
      wallClock: clock.tick,
    }),
    lists: makeLists(faults, random.chance(0.4)),
    clock,
    faults,
    random: makeRandom(seed, "jitter"),
    pageSize: random.integer(1, 4),
    toNextChange: () => {
      for (let change = jumps.integer(1, 4); change > 0; change -= 1) clock.at = nextChange(source, clock.at);
    },
    headerSkew: () => {
      if (!faults.on) return 0;
      if (aheadIn !== faults.phase) {
        aheadIn = faults.phase;
        ahead = faults.strike("clock skewed", "the source's headers", 0.3)
          ? random.integer(-90, 90) * 60_000
          : 0;
      }
      return ahead;
    },
    tries: new Map(),
    revoked: new Set(),
  };
  const webhooks = makeWebhooks({
    source,
    faults,
    clock,
    random: makeRandom(seed, "webhooks"),
    endpoint: rig.endpoint,
    wrong: (what) => wrong.push(what),
  });
  const files = makeFiles(makeRandom(seed, "files"));
  return { seed, rig, random, source, network, files, webhooks, wrong };
}

/** Some hours or days go by, and the product works meanwhile; processes that are killed are followed by others. */
async function badTimes(run: Run, phase: number): Promise<void> {
  const { network, webhooks, random } = run;
  const { clock, faults } = network;
  const before = clock.at;
  clock.at += random.integer(1, 60) * HOUR;
  faults.phase = `phase ${phase}`;
  clock.skew = faults.strike("clock skewed", "ours", 0.3) ? random.integer(-120, 120) * 60_000 : 0;
  webhooks.happen(before, clock.at);
  for (let count = 1; count <= PROCESSES_MOST; count += 1) {
    faults.phase = `phase ${phase}, process ${count}`;
    const lastStep = faults.has("process killed") && random.chance(0.7) ? random.integer(1, 260) : null;
    if (await lives(run, lastStep)) return;
  }
}

/** One process with what it happens to do. False where it was killed before it was done. */
async function lives(run: Run, lastStep: number | null): Promise<boolean> {
  const { network, random, rig, files, webhooks, wrong } = run;
  const { process, product } = start(run, lastStep);
  const does: (() => Promise<unknown>)[] = [
    () => webhooks.deliver(product.pool),
    ...(random.chance(0.2) ? [() => planBackfill(run, product)] : []),
    ...(random.chance(0.5)
      ? [() => files.importOne(product.pool, network.clock, random.pick(["sales", "ledger"] as const))]
      : []),
    ...(random.chance(0.3) ? [() => product.work()] : []),
    () => product.sync(requestOf(run)),
    () => product.work(),
    ...(random.chance(0.4) ? [() => product.reconcile()] : []),
    ...(random.chance(0.2) ? [() => product.recount("2026-10")] : []),
  ];
  for (const work of does) {
    try {
      await work();
    } catch (error) {
      if (!isOfFaults(error))
        wrong.push(
          `${network.faults.phase}: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
        );
    }
    if (process.dead) break;
  }
  // The whole of a file or nothing of it, whenever it broke off.
  wrong.push(...(await files.unlike(rig.admin, false)).map((what) => `${network.faults.phase}: ${what}`));
  if (process.dead) return false;
  const held = await heldConnections(rig.real);
  if (held > 0) wrong.push(`${held} connections were not given back`);
  return true;
}

function start(run: Run, lastStep: number | null) {
  const { network, rig, wrong } = run;
  const { faults, clock } = network;
  const process = startProcess(lastStep, (what) => faults.note("process killed", what));
  const pool = faultyPool({ real: rig.real, admin: rig.admin, process, faults });
  const http = connect(network, process);
  const product = makeProduct({ pool, queue: rig.admin, http, clock, wrong: (what) => wrong.push(what) });
  return { process, product };
}

function requestOf({ random, source, network }: Run) {
  const [first, second] = [`${ENTITY}/scayle/orders/ms-de`, `${ENTITY}/business-central/documents`] as const;
  const one = random.integer(1, 10);
  if (one === 1) return { full: true };
  if (one === 2) return { feedId: random.pick([first, second]) };
  const orders = source.orders.filter((order) => order.createdAt <= network.clock.at);
  const order = orders[random.integer(0, Math.max(0, orders.length - 1))];
  if (one === 3 && order) return { orderReference: order.reference };
  return {};
}

const planBackfill = ({ random }: Run, product: Product): Promise<void> =>
  product.backfill(
    random.pick([`${ENTITY}/scayle/orders/ms-at`, `${ENTITY}/business-central/documents`]),
    "2026-09-01",
    "2026-10-15",
  );

const JOBS_MOST = 8;

/** The first undisturbed round: everything is read, done and matched. Returns how many records a second count had to name. */
async function recover(run: Run): Promise<number> {
  const { rig, network, source, files, webhooks, wrong } = run;
  const { product } = start(run, null);
  await webhooks.deliver(product.pool, true);
  await files.importAll(product.pool, network.clock);
  // One that goes on where another was broken off confirms no more than that one would have: the next is due at once.
  await product.sync();
  await product.sync();
  for (let round = 0; round < JOBS_MOST && (await isJobWaiting(rig.admin)); round += 1) await product.work();
  if (await isJobWaiting(rig.admin)) wrong.push("jobs are never done");
  await product.reconcile();
  await product.recount("2026-10");
  const { lost } = await compare(rig.admin, source, network.clock.at);
  if (lost.length === 0) return 0;
  await mustBeNamed(run, product, lost);
  await product.sync({ full: true });
  await product.reconcile();
  return lost.length;
}

/** What a source left out of its pages no sync can know; a second count at the source must say so, and name it. */
async function mustBeNamed(run: Run, product: Product, lost: readonly string[]): Promise<void> {
  const { network, wrong } = run;
  const unexpected = lost.filter((id) => !network.lists.dropped.has(id));
  if (unexpected.length > 0) wrong.push(`lost though no page left it out: ${unexpected.join(", ")}`);
  const said = new Set<string>();
  for (const month of monthsOf(run))
    for (const { state, result } of await product.recount(month))
      for (const name of [...(result?.missing.ids ?? []), ...(result?.stale.ids ?? [])])
        if (state === "differs") said.add(name);
  const unnamed = lost.filter((id) => ![...said].some((name) => name.includes(id)));
  if (unnamed.length > 0) wrong.push(`the second count does not name ${unnamed.join(", ")}`);
}

const monthsOf = ({ source, network }: Run): readonly string[] => [
  ...new Set(
    [...ordersAt(source, network.clock.at), ...documentsAt(source, network.clock.at)].map((one) => one.month),
  ),
];

/** Watermarks stand where they must: neither a sync nor a full reading finds anything more. */
async function foundNothing(run: Run): Promise<void> {
  const { product } = start(run, null);
  await product.sync();
  if (product.stored > 0)
    run.wrong.push(`the next sync found ${product.stored} records that were there before`);
  await product.sync({ full: true });
  if (product.stored > 0) run.wrong.push(`a full reading found ${product.stored} records that were missed`);
}

/** The second counts agree, and the proof of each month holds. */
async function proved(run: Run): Promise<void> {
  const { rig, wrong } = run;
  const { product } = start(run, null);
  const months = monthsOf(run);
  for (const month of months)
    for (const count of await product.recount(month))
      if (count.state !== "agrees")
        wrong.push(
          `second count of ${count.feed} in ${month} ${count.state}: ${JSON.stringify(count.result ?? count.method)}`,
        );
  await product.work();
  await product.reconcile();
  for (const month of months) {
    const { state, findings } = await prove(rig.admin, ENTITY, month, { deep: false });
    if (state !== "holds") wrong.push(`the proof of ${month} ${state}: ${findings.join("; ")}`);
  }
}

/** The same world at the same moment, read once where nothing ever went wrong. */
async function undisturbed(run: Run): Promise<ReadonlyMap<string, readonly string[]>> {
  await run.rig.reset();
  const { product } = start(run, null);
  await run.files.importAll(product.pool, run.network.clock);
  await product.sync();
  await product.reconcile();
  return outcomeOf(run.rig.admin);
}

/** Connections that stay out of the pool: one that was broken is given back a moment after its work has failed. */
async function heldConnections(pool: pg.Pool): Promise<number> {
  for (let looks = 0; looks < 100 && pool.totalCount !== pool.idleCount; looks += 1) await pause(50);
  return pool.totalCount - pool.idleCount;
}
