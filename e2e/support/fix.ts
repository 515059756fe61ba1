import type pg from "pg";
import { expect } from "vitest";
import { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import type { Missing } from "@/lib/domain/missing";
import { formatAmount } from "@/lib/domain/money";
import { makeUser } from "@/lib/exceptions/fixtures";
import { Actual, Foreseen } from "@/lib/mappings/foreseen";
import { askFor, decideRequest } from "@/lib/mappings/requests";
import type { MappingChange } from "@/lib/mappings/schema";
import { runReconciliation } from "@/lib/matching/reconcile";
import { isStanding } from "@/lib/matching/standing-causes";
import { startBatch } from "@/lib/resolutions/batches";
import { writtenFor } from "@/lib/resolutions/registry";
import { runResolution } from "@/lib/resolutions/run";
import { runBatch } from "@/lib/resolutions/run-batch";
import { runnerContext } from "@/lib/resolutions/surroundings";
import { FixEffect } from "@/lib/root-causes/fix-effect";
import { askForPrediction, runPrediction } from "@/lib/root-causes/predict";
import type { SystematicName } from "@/lib/sandbox/model";
import { startSandbox } from "@/lib/sandbox/server";
import { makeWorld, type WorldSettings } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";
import { emptied } from "./emptied";
import { ANCHOR, NOW, withoutShopStock } from "./sandbox-world";

/*
 * The fix of a root cause, predicted and then really done: what would be sent for each of its exceptions is played and counted over
 * all orders, then sent to the sandbox, read back and matched, and the two are held against each other exception by exception.
 */

/** What became of everything by one fix: the exceptions by their ids, or by what they say where they are new. */
type Became = Readonly<{
  cleared: readonly string[];
  made: readonly string[];
  /** pairs that agreed before and don't any more */
  matchesLost: number;
  /** pairs that agreed before and differ by what is proved */
  explained: number;
  moved: FixEffect["moved"];
  /** of the root cause's own: cleared, and left to people */
  ownCleared: number;
  ownLeft: number;
}>;

/** What one fix was predicted to do, and did. */
export type FixDone = Readonly<{
  cause: string;
  of: number;
  said: Became;
  was: Became;
  left: FixEffect["left"];
  /** attempts that ended otherwise than proved, in sentences */
  notProved: readonly string[];
}>;

const NAMES: readonly SystematicName[] = [
  "marketplace-tax-code",
  "book-tax-group",
  "store-not-posted",
  "shipping-account",
];

/** The systematic fault of a seed's world. */
export const systematicOf = (seed: number): SystematicName =>
  NAMES[seed % NAMES.length] ?? "marketplace-tax-code";

/** Both, to be held against each other. */
export const isAsPredicted = ({ was, said }: FixDone): Readonly<{ was: Became; said: Became }> => ({
  was,
  said,
});

/** A row of the table: predicted / actual. */
export const fixLine = (seed: number, { cause, of, said, was }: FixDone): string =>
  `seed ${seed} ${cause} of ${of}: cleared ${said.ownCleared} / ${was.ownCleared}, left to people ${said.ownLeft} / ${was.ownLeft}, ` +
  `cleared in all ${said.cleared.length} / ${was.cleared.length}, made ${said.made.length} / ${was.made.length}, ` +
  `moved ${movedText(said.moved)} / ${movedText(was.moved)}, matches lost ${said.matchesLost} / ${was.matchesLost}`;

const movedText = (moved: FixEffect["moved"]): string =>
  moved.map((one) => `${formatAmount(one.gross, one.currency)} ${one.currency}`).join(" and ") || "nothing";

/** Opens a world of the sandbox in an empty database, read and reconciled; `fix` puts right the largest root cause of a cause. */
export async function openWorld(
  pool: pg.Pool,
  settings: Omit<WorldSettings, "anchor">,
): Promise<
  Readonly<{
    causes: () => Promise<readonly string[]>;
    fix: (cause: string) => Promise<FixDone | null>;
    fixMapping: () => Promise<FixDone | null>;
    close: () => Promise<void>;
  }>
> {
  await emptied(pool);
  let clock = NOW.getTime();
  const now = () => new Date(clock);
  const limit = Number.MAX_SAFE_INTEGER;
  const sandbox = await startSandbox({
    world: makeWorld({ anchor: ANCHOR, ...settings }),
    now: () => clock,
    port: 0,
    scayleLimit: limit,
    businessCentralLimit: limit,
  });
  await connectSandbox(sandbox.url, {
    pool,
    actor: { kind: "machine", id: "test", name: "Test" },
    at: NOW,
  });
  await withoutShopStock(pool);
  await runSync({}, { actorName: "Test", now });
  await runReconciliation({}, { actorName: "Test", now });
  const actor = await makeUser(pool, "finance-preparer", null);
  await pool.query(
    `INSERT INTO resolution_limit (entity_id, code, currency, minor, set_at, set_by_id, set_by)
     SELECT e.id, c.code, m.currency, 1000000000, now(), 'test', 'test' FROM entity e, unnest($1::text[]) AS c(code), unnest(ARRAY['EUR', 'GBP']) AS m(currency)`,
    [CODES],
  );
  return {
    causes: async () =>
      (
        await pool.query<{ cause: string }>(
          "SELECT DISTINCT cause FROM root_cause WHERE open_count > 0 ORDER BY 1",
        )
      ).rows.flatMap(({ cause }) => (writtenFor(cause) ? [cause] : [])),
    // A moment later each time: what was found before a fix is older than what is found after it.
    fix: (cause) => {
      clock += 60_000;
      return fixOf(pool, actor, cause, {
        now,
        wait: (ms) => {
          clock += ms;
        },
      });
    },
    fixMapping: () => {
      clock += 60_000;
      return fixMappingOf(pool, actor, now);
    },
    close: () => sandbox.close(),
  };
}

const CODES = [
  "set-tax-code",
  "post-missing-sale",
  "post-missing-credit",
  "correct-line",
  "reverse-duplicate",
  "resend-refund",
  "send-line-values",
];

/**
 * Has the mapping set that an exception lacks, by its request, another person's approval, and the reconciliation after it: what was
 * previewed, what was kept of what it did, and what the books say themselves. null where no exception lacks one.
 */
async function fixMappingOf(pool: pg.Pool, asker: Actor, now: () => Date): Promise<FixDone | null> {
  const { rows } = await pool.query<{ entity: string; missing: readonly Missing[] }>(
    `SELECT entity_id AS entity, evidence -> 'missing' AS missing FROM exception
      WHERE state = 'new' AND evidence @? '$.missing[*] ? (@.kind == "tax-code" || @.kind == "item")' ORDER BY id LIMIT 8`,
  );
  const context = { pool, now };
  const approver = await makeUser(pool, "finance-reviewer", null);
  const candidates = rows.flatMap(({ entity, missing }) =>
    missing.flatMap(changeFor).map((change) => ({ entity, change })),
  );
  for (const { entity, change } of candidates) {
    const { id } = await askFor(
      { kind: "person", id: asker.id, name: asker.name },
      { entityId: entity, changes: [change], source: "change", reason: "", again: null },
      context,
    );
    const { rows: asked } = await pool.query<{ foreseen: unknown }>(
      "SELECT foreseen FROM mapping_request WHERE id = $1",
      [id],
    );
    const isWanted = Foreseen.parse(asked[0]?.foreseen).effect.matchesLost === 0;
    const decision = isWanted ? "approve" : "reject";
    if (isWanted) return madeMapping(pool, approver, { entity, id }, now);
    // Where its preview loses matches it is the ERP that is wrong: whoever decides says no.
    await decideRequest(
      approver,
      { entityId: entity, id, version: 1, decision, why: "It loses matches." },
      context,
    );
  }
  return null;
}

async function madeMapping(
  pool: pg.Pool,
  approver: Actor,
  { entity, id }: Readonly<{ entity: string; id: string }>,
  now: () => Date,
): Promise<FixDone> {
  const context = { pool, now };
  const before = await snapshot(pool, entity);
  await decideRequest(approver, { entityId: entity, id, version: 1, decision: "approve", why: "" }, context);
  await runReconciliation({ entityId: entity }, { actorName: "Test", now });
  const after = await snapshot(pool, entity);
  const { rows: requests } = await pool.query<{ foreseen: unknown; actual: unknown }>(
    "SELECT foreseen, actual FROM mapping_request WHERE id = $1",
    [id],
  );
  const [said, kept] = [
    Foreseen.parse(requests[0]?.foreseen).effect,
    Actual.parse(requests[0]?.actual).effect,
  ];
  expect({ ...kept, groups: 0 }).toEqual({ ...said, groups: 0 });
  const [isOpen, wasOpen] = [
    new Set(after.open.map((one) => one.id)),
    new Set(before.open.map((one) => one.id)),
  ];
  const count = (of: readonly Readonly<{ count: number }>[]) => of.reduce((all, one) => all + one.count, 0);
  const became = (cleared: number, made: number, lost: number, explained: number): Became => ({
    cleared: [`${cleared} exceptions`],
    made: [`${made} exceptions`],
    matchesLost: lost,
    explained,
    moved: [],
    ownCleared: cleared,
    ownLeft: 0,
  });
  return {
    cause: "fix-mapping",
    of: count(said.cleared),
    left: [],
    notProved: [],
    said: became(count(said.cleared), count(said.made), said.matchesLost, said.explained),
    was: became(
      before.open.filter((one) => !isOpen.has(one.id)).length,
      after.open.filter((one) => !wasOpen.has(one.id)).length,
      [...before.matched].filter((key) => !after.settled.has(key)).length,
      [...before.matched].filter((key) => after.settled.has(key) && !after.matched.has(key)).length,
    ),
  };
}

function changeFor(missing: Missing): readonly MappingChange[] {
  if (missing.kind === "tax-code") {
    const { shipTo, rate, taxCode } = missing;
    return [{ kind: "tax-code", shipTo, channel: "*", rate, taxCode, right: true }];
  }
  if (missing.kind !== "item") return [];
  const { itemKey, sku } = missing;
  return [{ kind: "item", erpKind: "item", erpItem: itemKey, erpVariant: "", lineKind: "item", sku }];
}

type Open = Readonly<{ id: string; key: string; root: string | null }>;
type Snapshot = Readonly<{
  open: readonly Open[];
  matched: ReadonlySet<string>;
  /** those that agree, and those whose difference is proved */
  settled: ReadonlySet<string>;
  differences: ReadonlyMap<string, readonly [bigint, bigint, bigint]>;
}>;

async function snapshot(pool: pg.Pool, entityId: string): Promise<Snapshot> {
  const { rows: open } = await pool.query<Open>(
    `SELECT id, root_cause_id AS root, concat_ws(' ', order_key, cause, document_kind, currency, net, tax, gross) AS key FROM exception
      WHERE entity_id = $1 AND state NOT IN ('resolved', 'accepted', 'explained') ORDER BY id`,
    [entityId],
  );
  const { rows: settled } = await pool.query<{ key: string; bucket: string }>(
    `SELECT concat_ws(' ', order_key, id, period) AS key, bucket FROM pair WHERE entity_id = $1 AND bucket IN ('matched', 'explained')`,
    [entityId],
  );
  const { rows: sums } = await pool.query<{ currency: string; net: bigint; tax: bigint; gross: bigint }>(
    `SELECT currency, sum(scayle_net - erp_net)::bigint AS net, sum(scayle_tax - erp_tax)::bigint AS tax,
            sum(scayle_gross - erp_gross)::bigint AS gross FROM pair WHERE entity_id = $1 GROUP BY 1`,
    [entityId],
  );
  return {
    open,
    matched: new Set(settled.filter((row) => row.bucket === "matched").map((row) => row.key)),
    settled: new Set(settled.map((row) => row.key)),
    differences: new Map(sums.map((row) => [row.currency, [row.net, row.tax, row.gross]])),
  };
}

async function fixOf(
  pool: pg.Pool,
  actor: Actor,
  cause: string,
  { now, wait }: Readonly<{ now: () => Date; wait: (ms: number) => void }>,
): Promise<FixDone | null> {
  // What stands beside the orders' pairs is not played: its effect is not predicted.
  const resolution = isStanding(cause) ? null : writtenFor(cause);
  const { rows: roots } = await pool.query<{ id: string; entity: string; open: number }>(
    `SELECT id, entity_id AS entity, open_count AS open FROM root_cause WHERE cause = $1 AND open_count > 0
      ORDER BY open_count DESC, id LIMIT 1`,
    [cause],
  );
  const [root] = roots;
  if (!root || !resolution) return null;
  const runner = runnerContext({ pool, now });
  const asked = await askForPrediction(
    actor,
    { entityId: root.entity, rootCauseId: root.id },
    { now: now(), pool },
  );
  await runPrediction(asked.predictionId, runner);
  const { rows: predictions } = await pool.query<{
    state: string;
    error: string | null;
    effect: { fix: unknown; matchesLost: number; explained: number } | null;
  }>("SELECT effect, state, error FROM root_cause_prediction WHERE id = $1", [asked.predictionId]);
  const [prediction] = predictions;
  expect(prediction, prediction?.error ?? "").toMatchObject({ state: "done" });
  const predicted = FixEffect.parse(prediction?.effect?.fix);
  const before = await snapshot(pool, root.entity);
  const notProved = await sendAll(pool, actor, { ...root, code: resolution.code }, { now, wait });
  const after = await snapshot(pool, root.entity);
  const { rows: batches } = await pool.query<{ actual: unknown }>(
    "SELECT actual FROM resolution_batch WHERE selection ->> 'id' = $1 ORDER BY made_at DESC LIMIT 1",
    [root.id],
  );
  const isOpen = new Set(after.open.map((one) => one.id));
  const wasOpen = new Set(before.open.map((one) => one.id));
  const own = before.open.filter((one) => one.root === root.id);
  const madeNow = new Set(after.open.filter((one) => !wasOpen.has(one.id)).map((one) => one.key));
  // The same difference, in the document that stands in the place of another.
  const isGoingOn = (one: Open): boolean => madeNow.has(one.key);
  const was: Became = {
    cleared: before.open.filter((one) => !isOpen.has(one.id)).map((one) => one.id),
    made: after.open
      .filter((one) => !wasOpen.has(one.id))
      .map((one) => one.key)
      .sort(),
    matchesLost: [...before.matched].filter((key) => !after.settled.has(key)).length,
    explained: [...before.matched].filter((key) => after.settled.has(key) && !after.matched.has(key)).length,
    moved: movedOf(before, after).filter(isMoved),
    ownCleared: own.filter((one) => !isOpen.has(one.id) && !isGoingOn(one)).length,
    ownLeft: own.filter((one) => isOpen.has(one.id) || isGoingOn(one)).length,
  };
  const [batch] = batches;
  if (batch) {
    // What is kept of it says the same as the books of the whole entity.
    const kept = StoredActual.parse(batch.actual);
    expect(becameOf(kept), `kept of ${cause}`).toEqual(was);
  }
  return {
    cause,
    was,
    of: root.open,
    left: predicted.left,
    notProved,
    said: becameOf({
      ...predicted,
      matchesLost: prediction?.effect?.matchesLost ?? -1,
      explained: prediction?.effect?.explained ?? -1,
    }),
  };
}

const StoredActual = FixEffect.extend({ matchesLost: z.number(), explained: z.number() });

const becameOf = ({
  keys,
  moved,
  cleared,
  left,
  matchesLost,
  explained,
}: z.infer<typeof StoredActual>): Became => ({
  cleared: keys.cleared,
  made: keys.made,
  matchesLost,
  explained,
  moved: moved.filter(isMoved),
  ownCleared: cleared.reduce((all, one) => all + one.count, 0),
  ownLeft: left.reduce((all, one) => all + one.count, 0),
});

const isMoved = ({ net, tax, gross }: FixEffect["moved"][number]): boolean =>
  net !== 0n || tax !== 0n || gross !== 0n;

function movedOf(before: Snapshot, after: Snapshot): FixEffect["moved"] {
  const currencies = [...new Set([...before.differences.keys(), ...after.differences.keys()])].sort();
  return currencies.map((currency) => {
    const [was, is] = [before.differences.get(currency), after.differences.get(currency)];
    const by = (index: 0 | 1 | 2): bigint => (is?.[index] ?? 0n) - (was?.[index] ?? 0n);
    return { currency, net: by(0), tax: by(1), gross: by(2) };
  });
}

/** Sends a resolution for all exceptions of a root cause, until nothing more is waited for; what was refused, in sentences. */
async function sendAll(
  pool: pg.Pool,
  actor: Actor,
  root: Readonly<{ id: string; entity: string; code: string }>,
  { now, wait }: Readonly<{ now: () => Date; wait: (ms: number) => void }>,
): Promise<readonly string[]> {
  const runner = runnerContext({ pool, now });
  const begun = await startBatch(
    actor,
    { entityId: root.entity, code: root.code, selection: { by: "root-cause", id: root.id } },
    { now: now(), pool, writers: runner.writers },
  ).catch((error: unknown) => {
    // There is nothing that could be sent: all of it is left to people.
    if (error instanceof Error && error.message.startsWith("None of them can be put right")) return null;
    throw error;
  });
  if (begun === null) return [];
  await runBatch(begun.batchId, runner);
  // What waits for its effect, and then what waits for another of its order.
  for (let times = 0; times < 24; times += 1) {
    const { rows: waiting } = await pool.query<{ orderKey: string; id: string }>(
      "SELECT order_key AS \"orderKey\", id FROM resolution_attempt WHERE batch_id = $1 AND ended_at IS NULL AND state <> 'instructed' ORDER BY exception_id",
      [begun.batchId],
    );
    if (waiting.length === 0) break;
    wait(1_000_000);
    for (const one of waiting) await runResolution(one, runner);
  }
  const { rows } = await pool.query<{ outcome: string }>(
    "SELECT outcome FROM resolution_attempt WHERE batch_id = $1 AND state NOT IN ('proved', 'instructed') ORDER BY outcome",
    [begun.batchId],
  );
  return rows.map((row) => row.outcome);
}
