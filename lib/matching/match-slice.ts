import type pg from "pg";
import { explainGroup } from "@/lib/causes/explain";
import type { Group } from "@/lib/domain/group";
import { type AcceptanceRule, acceptedByRules } from "./acceptance-rules";
import { recordBreaches } from "./breaches";
import { keepDifferences } from "./differences";
import { loadKept, type Moment, stillAccepted, writeExceptions } from "./exceptions";
import { exceptionOf } from "./findings";
import { loadGroups } from "./groups";
import { holdSums, moveTotals, type Teller, takeMarks } from "./movements";
import type { Ownership } from "./ownership";
import { addPlain, clearScope, fillShelf, findAgreed, pairPlain } from "./plain";
import { fillScope, type Scope, type Slice } from "./scope";
import type { EntityBooks } from "./settings";
import { STANDING } from "./standing-causes";
import { keepStepsOfScope } from "./status/keep";
import { type BucketedPair, bucketed, type Explained, isPlain, writeCauses, writePairs } from "./write";

/** Groups that are explained at a time. */
const BATCH = 1000;

export type SliceRequest = Readonly<{
  entity: EntityBooks;
  scope: Scope;
  slice: Slice;
  asOf: Date;
  teams: Ownership;
  /** by which exceptions are accepted as they are found */
  rules: readonly AcceptanceRule[];
  moment: Moment;
  /** what it knows of why totals move */
  teller: Teller;
  /** the matcher's own, see lib/matching/tally */
  part: number;
  signal?: AbortSignal | undefined;
  onExplained?: ((done: number, total: number) => void) | undefined;
  batch?: number | undefined;
}>;

/** What a slice came to. `months` are those whose totals may have moved. */
export type SliceReport = Readonly<{
  groups: number;
  agreed: number;
  opened: number;
  resolved: number;
  months: readonly string[];
}>;

/**
 * Matches the groups of one slice within the caller's transaction: pairs what agrees inside the database, explains the
 * rest, writes pairs, causes and exceptions, and keeps the totals up. Each group is afterwards as this run finds it, or,
 * if the transaction fails, as it was.
 */
export async function matchSlice(client: pg.PoolClient, request: SliceRequest): Promise<SliceReport> {
  const { entity, scope, slice, moment, part, teller } = request;
  request.signal?.throwIfAborted();
  const groups = await fillScope(client, entity.id, scope, slice);
  if (groups === 0) return { groups, agreed: 0, opened: 0, resolved: 0, months: [] };
  await holdSums(client);
  await clearScope(client);
  // Now and not at the end: a group that somebody marks meanwhile stays marked.
  await takeMarks(client);
  await fillShelf(client, entity.id, [...entity.settings.noneTaxCodes].sort());
  const agreed = await findAgreed(client, entity.id);
  const settled = await resolveAgreed(client, entity.id, moment);
  const explained = await explainRest(client, request);
  await pairPlain(client, entity.id);
  await keepDifferences(client, entity.id);
  const moved = await moveTotals(client, part, teller);
  const breached = await recordBreaches(client, entity.id);
  await keepStepsOfScope(client, entity, request.asOf);
  return {
    groups,
    agreed,
    opened: explained.opened,
    resolved: explained.resolved + settled,
    months: [...new Set([...moved, ...breached])],
  };
}

/** Exceptions of groups that agree by now are resolved. */
async function resolveAgreed(client: pg.PoolClient, entityId: string, moment: Moment): Promise<number> {
  const { rows } = await client.query<{ order_key: string }>(
    `SELECT DISTINCT e.order_key FROM exception e JOIN plain USING (order_key)
      WHERE e.entity_id = $1 AND e.state <> 'resolved' AND e.cause NOT IN ${STANDING}`,
    [entityId],
  );
  if (rows.length === 0) return 0;
  const kept = await loadKept(
    client,
    entityId,
    rows.map((row) => row.order_key),
  );
  return (await writeExceptions(client, kept, [], moment)).resolved;
}

async function explainRest(
  client: pg.PoolClient,
  request: SliceRequest,
): Promise<Readonly<{ opened: number; resolved: number }>> {
  const { rows } = await client.query<{ order_key: string }>(
    "SELECT order_key FROM scope EXCEPT SELECT order_key FROM plain ORDER BY order_key",
  );
  const batch = request.batch ?? BATCH;
  let opened = 0;
  let resolved = 0;
  for (let done = 0; done < rows.length; done += batch) {
    request.signal?.throwIfAborted();
    const keys = rows.slice(done, done + batch).map((row) => row.order_key);
    const counts = await explainBatch(client, request, keys);
    opened += counts.opened;
    resolved += counts.resolved;
    request.onExplained?.(Math.min(done + batch, rows.length), rows.length);
  }
  return { opened, resolved };
}

async function explainBatch(
  client: pg.PoolClient,
  request: SliceRequest,
  keys: readonly string[],
): Promise<Readonly<{ opened: number; resolved: number }>> {
  const { settled, finish } = await explainKeys(client, request, keys);
  const plain = settled.filter(({ group, pairs }) => isPlain(group, pairs));
  const apart = new Set(plain);
  await addPlain(
    client,
    plain.map(({ group }) => group.orderKey),
    plain.flatMap(({ group, pairs }) =>
      pairs
        .filter(({ bucket }) => bucket !== "matched")
        .map(({ pair, bucket }) => ({ orderKey: group.orderKey, pairId: pair.id, bucket })),
    ),
  );
  await writePairs(
    client,
    settled.filter((one) => !apart.has(one)),
  );
  return finish();
}

/** Groups with their pairs, each in its bucket after what people accepted; `finish` writes their causes and exceptions. */
export async function explainKeys(
  client: pg.PoolClient,
  {
    entity,
    asOf,
    teams,
    rules,
    moment,
  }: Pick<SliceRequest, "entity" | "asOf" | "teams" | "rules" | "moment">,
  keys: readonly string[],
): Promise<
  Readonly<{
    settled: readonly Readonly<{ group: Group; pairs: readonly BucketedPair[] }>[];
    finish: () => Promise<Readonly<{ opened: number; resolved: number }>>;
  }>
> {
  const groups = await loadGroups(client, entity, asOf, keys);
  const explained = groups.map((group) => explainOne(group, teams));
  const found = explained.flatMap((one) => one.exceptions).filter((one) => one !== null);
  const kept = await loadKept(client, entity.id, keys);
  const ruled = await acceptedByRules(client, rules, found);
  const accepted = new Set([...stillAccepted(kept, found), ...ruled.keys()]);
  return {
    settled: explained.map((one) => ({ group: one.group, pairs: bucketed(one, accepted) })),
    finish: async () => {
      await writeCauses(client, explained, accepted);
      return writeExceptions(client, kept, found, moment, ruled);
    },
  };
}

function explainOne(group: Group, teams: Ownership): Explained {
  const outcome = explainGroup(group);
  const exceptions = outcome.findings.map((finding) =>
    finding.cause.raises
      ? exceptionOf(group, outcome, finding, teams(finding.cause.code, group.shopId))
      : null,
  );
  return { group, outcome, exceptions };
}
