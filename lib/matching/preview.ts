import { randomUUID } from "node:crypto";
import type pg from "pg";
import { textLiteral } from "@/lib/db/copy-out";
import { inTransaction, ownerPool, whileHolding, whileLocked } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import type { KnownAmounts } from "@/lib/domain/money";
import { loadAcceptanceRules } from "./acceptance-rules";
import { loadDueRules } from "./due";
import { matchSlice } from "./match-slice";
import { loadOwnership } from "./ownership";
import { type Slice, sizeOfScope, slicesOf } from "./scope";
import { asOfEntity, loadEntities } from "./settings";

/** Exceptions of one cause that a change would make or clear, in one currency; amounts in minor units, SCAYLE − ERP. */
export type EffectRow = KnownAmounts &
  Readonly<{
    cause: string;
    currency: string;
    count: number;
    /** the largest of net, tax and gross of each without signs: how much money the exceptions are about */
    extent: bigint;
  }>;

/** What a change would do to the whole population of an entity. */
export type Effect = Readonly<{
  groups: number;
  /** pairs that agree now and would no longer, without a proof why: never wanted */
  matchesLost: number;
  /** pairs that agree now and would differ by what is proved and nobody has to act on: a cent of the ERP's rounding */
  explained: number;
  /** pairs that would agree and don't now */
  matchesWon: number;
  /** some of the orders whose pairs would be lost */
  lost: readonly string[];
  /** exceptions that somebody must act on now and would not have to */
  cleared: readonly EffectRow[];
  /** exceptions that somebody would have to act on and does not now */
  made: readonly EffectRow[];
}>;

/** One exception that a change would make or clear. */
export type EffectOne = KnownAmounts &
  Readonly<{
    orderKey: string;
    id: string;
    cause: string;
    currency: string;
    documentKind: string;
    reference: string | null;
    explanation: string;
    rootCauseId: string | null;
    extent: bigint;
  }>;

/** The exceptions of an effect one by one, and by how much SCAYLE − ERP would move, by currency. */
export type EffectDetail = Readonly<{
  cleared: readonly EffectOne[];
  made: readonly EffectOne[];
  moved: readonly (KnownAmounts & Readonly<{ currency: string }>)[];
}>;

/** So long a preview waits for the reconciliation that is at work: the interval's take seconds. */
const PATIENCE_MS = 60_000;

export type PreviewContext = Readonly<{
  /** how long it waits for a reconciliation that is at work, in milliseconds */
  patienceMs?: number | undefined;
  now: () => Date;
  pool?: pg.Pool | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** told the exceptions one by one, slice by slice */
  onDetail?: ((detail: EffectDetail) => void) | undefined;
}>;

/**
 * What a change would do, computed on the whole population and by the very code that would do it: the change is made,
 * every group is matched with it, the difference is read, and all of it is rolled back. Nothing is stored. Syncs and
 * reconciliations of the entity wait meanwhile.
 *
 * @throws Refusal `not-found` for an unknown entity, `conflict` where a reconciliation is at work for longer than it waits; whatever `change` throws
 */
export async function previewChange(
  entityId: string,
  change: (client: pg.PoolClient) => Promise<unknown>,
  context: PreviewContext,
): Promise<Effect> {
  const pool = context.pool ?? ownerPool();
  const held = await whileLocked(
    pool,
    `reconcile:${entityId}`,
    () =>
      whileHolding(pool, `books:${entityId}`, () =>
        rolledBack(pool, (client) => effectOf(client, entityId, change, context)),
      ),
    context.patienceMs ?? PATIENCE_MS,
  );
  if (!held.locked) {
    throw new Refusal(
      "conflict",
      `A reconciliation of ${entityId} is at work and takes its time; ask again when it is done.`,
    );
  }
  return held.result;
}

const NAMES_SHOWN = 10;

/** Thrown to undo a transaction whose result is wanted. */
class Undo<Result> extends Error {
  readonly result: Result;

  constructor(result: Result) {
    super("rolled back on purpose");
    this.result = result;
  }
}

async function rolledBack<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  try {
    return await inTransaction(pool, async (client) => {
      throw new Undo(await work(client));
    });
  } catch (error) {
    if (error instanceof Undo) return error.result as Result;
    throw error;
  }
}

async function effectOf(
  client: pg.PoolClient,
  entityId: string,
  change: (client: pg.PoolClient) => Promise<unknown>,
  context: PreviewContext,
): Promise<Effect> {
  const at = context.now();
  await change(client);
  const [entity] = await loadEntities(client, entityId);
  if (!entity) throw new Refusal("not-found", `There is no entity ${entityId}.`);
  const teams = await loadOwnership(client, entityId);
  const asOf = await asOfEntity(client, entityId, at);
  const { timeZone } = entity;
  const rules = await loadAcceptanceRules(client, entityId, dayIn(at, timeZone));
  const moment = { at, runId: randomUUID(), timeZone, due: await loadDueRules(client, entityId) };
  // Totals move and are taken back with the rest.
  const teller = { ...moment, since: null, byPerson: false, otherSettings: true, settingChanged: true };
  const slices = slicesOf(await sizeOfScope(client, entityId, { kind: "all" }));
  const effects: Effect[] = [];
  for (const slice of slices) {
    await client.query("SAVEPOINT slice");
    await keepBefore(client, entityId, slice);
    const scope = { kind: "all" } as const;
    const request = { entity, scope, slice, asOf, teams, rules, moment, teller, part: 0 };
    const { groups } = await matchSlice(client, { ...request, signal: context.signal });
    effects.push({ groups, ...(await differenceIn(client, entityId, slice)) });
    if (context.onDetail) context.onDetail(await detailIn(client, entityId, slice));
    // Also takes the slice's temporary tables away.
    await client.query("ROLLBACK TO slice");
    context.onProgress?.(effects.length, slices.length);
  }
  return together(effects);
}

const MATCHED = "SELECT order_key, id, period FROM pair WHERE bucket = 'matched'";
const SETTLED = "SELECT order_key, id, period FROM pair WHERE bucket IN ('matched', 'explained')";
const ACTS =
  "SELECT order_key, id, cause, currency, net, tax, gross FROM exception WHERE state NOT IN ('resolved', 'accepted', 'explained')";

// CREATE TABLE AS takes no parameters.
const within = (entityId: string, { from, to }: Slice): string =>
  `AND entity_id = ${textLiteral(entityId)} AND order_key BETWEEN ${textLiteral(from)} AND ${textLiteral(to)}`;

/** Keeps how a slice stands, in temporary tables that whoever made them takes away. */
export async function keepBefore(client: pg.PoolClient, entityId: string, slice: Slice): Promise<void> {
  const here = within(entityId, slice);
  await client.query(`CREATE TEMP TABLE pair_before AS ${MATCHED} ${here}`);
  await client.query(`CREATE TEMP TABLE exception_before AS ${ACTS} ${here}`);
  await client.query(`CREATE TEMP TABLE moved_before AS ${DIFFERENCES} ${here} GROUP BY currency`);
}

/** Takes away what `keepBefore` kept. */
export const dropBefore = (client: pg.PoolClient) =>
  client.query("DROP TABLE pair_before, exception_before, moved_before");

// What agrees moves nothing.
const DIFFERENCES = `SELECT currency, sum(scayle_net - erp_net)::bigint AS net, sum(scayle_tax - erp_tax)::bigint AS tax,
    sum(scayle_gross - erp_gross)::bigint AS gross FROM pair WHERE bucket <> 'matched'`;

async function detailIn(client: pg.PoolClient, entityId: string, slice: Slice): Promise<EffectDetail> {
  const here = within(entityId, slice);
  const ones = (a: string, b: string) =>
    client.query<EffectOne>(
      `WITH now AS (${ACTS} ${here})
       SELECT e.order_key AS "orderKey", e.id, e.cause, a.currency, a.net, a.tax, a.gross, e.document_kind AS "documentKind",
              coalesce(e.order_reference, e.document_number) AS reference, e.explanation, e.root_cause_id AS "rootCauseId",
              greatest(abs(a.net), abs(a.tax), abs(a.gross)) AS extent
         FROM ${a} AS a JOIN exception e ON e.order_key = a.order_key AND e.id = a.id
        WHERE NOT EXISTS (SELECT FROM ${b} AS b WHERE b.order_key = a.order_key AND b.id = a.id) ORDER BY e.id`,
    );
  const cleared = await ones("exception_before", "now");
  const made = await ones("now", "exception_before");
  const moved = await client.query<EffectDetail["moved"][number]>(
    `WITH now AS (${DIFFERENCES} ${here} GROUP BY currency)
     SELECT currency, coalesce(n.net, 0) - coalesce(b.net, 0) AS net, coalesce(n.tax, 0) - coalesce(b.tax, 0) AS tax,
            coalesce(n.gross, 0) - coalesce(b.gross, 0) AS gross FROM now n FULL JOIN moved_before b USING (currency)`,
  );
  return { cleared: cleared.rows, made: made.rows, moved: moved.rows };
}

/** What is otherwise in a slice than `keepBefore` kept. */
export async function differenceIn(
  client: pg.PoolClient,
  entityId: string,
  slice: Slice,
): Promise<Omit<Effect, "groups">> {
  const here = within(entityId, slice);
  const pairs = await client.query<{
    lost: number;
    explained: number;
    won: number;
    names: readonly string[] | null;
  }>(
    `WITH now AS (${MATCHED} ${here}), settled AS (${SETTLED} ${here}),
          gone AS (TABLE pair_before EXCEPT TABLE now),
          lost AS (TABLE gone EXCEPT TABLE settled),
          won AS (TABLE now EXCEPT TABLE pair_before),
          named AS (SELECT DISTINCT coalesce(o.reference, lost.order_key::text) AS name
                      FROM lost LEFT JOIN sales_order o USING (order_key) ORDER BY 1 LIMIT ${NAMES_SHOWN})
     SELECT (SELECT count(*) FROM lost)::int AS lost, (SELECT count(*) FROM gone)::int - (SELECT count(*) FROM lost)::int AS explained, (SELECT count(*) FROM won)::int AS won,
            (SELECT array_agg(name) FROM named) AS names`,
  );
  const apart = (a: string, b: string) =>
    client.query<EffectRow>(
      `WITH now AS (${ACTS} ${here})
       SELECT cause, currency, count(*)::int AS count, sum(net)::bigint AS net, sum(tax)::bigint AS tax, sum(gross)::bigint AS gross,
              sum(greatest(abs(net), abs(tax), abs(gross)))::bigint AS extent
         FROM ${a} AS a WHERE NOT EXISTS (SELECT FROM ${b} AS b WHERE b.order_key = a.order_key AND b.id = a.id)
        GROUP BY 1, 2 ORDER BY 1, 2`,
    );
  const cleared = await apart("exception_before", "now");
  const made = await apart("now", "exception_before");
  const [row] = pairs.rows;
  return {
    matchesLost: row?.lost ?? 0,
    explained: row?.explained ?? 0,
    matchesWon: row?.won ?? 0,
    lost: row?.names ?? [],
    cleared: cleared.rows,
    made: made.rows,
  };
}

/** The effects of slices as one. */
export const together = (effects: readonly Effect[]): Effect => ({
  groups: effects.reduce((all, one) => all + one.groups, 0),
  matchesLost: effects.reduce((all, one) => all + one.matchesLost, 0),
  explained: effects.reduce((all, one) => all + one.explained, 0),
  matchesWon: effects.reduce((all, one) => all + one.matchesWon, 0),
  lost: effects.flatMap((one) => one.lost).slice(0, NAMES_SHOWN),
  cleared: addUp(effects.flatMap((one) => one.cleared)),
  made: addUp(effects.flatMap((one) => one.made)),
});

function addUp(rows: readonly EffectRow[]): readonly EffectRow[] {
  const sums = new Map<string, EffectRow>();
  for (const row of rows) {
    const key = `${row.cause} ${row.currency}`;
    const so = sums.get(key);
    sums.set(
      key,
      so
        ? {
            ...so,
            count: so.count + row.count,
            net: so.net + row.net,
            tax: so.tax + row.tax,
            gross: so.gross + row.gross,
            extent: so.extent + row.extent,
          }
        : row,
    );
  }
  return [...sums.values()].sort((a, b) =>
    `${a.cause} ${a.currency}` < `${b.cause} ${b.currency}` ? -1 : 1,
  );
}
