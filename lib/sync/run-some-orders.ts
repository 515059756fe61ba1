import { Refusal } from "@/lib/domain/faults";
import { loadFeeds } from "./feeds";
import { readGroups } from "./read-groups";
import { type SyncContext, surroundingsOf } from "./run";

/** What reading some groups again came to. */
export type ReadAgain = Readonly<{
  /** groups that something was stored in: those asked for, and where their documents are now */
  touched: readonly string[];
  /** by group: what could not be read of it, one sentence each */
  problems: ReadonlyMap<string, readonly string[]>;
  /** feeds that could not be read at all, one sentence each; what the others said is kept */
  broken: readonly string[];
  /** how many feeds were asked */
  feeds: number;
}>;

/**
 * Reads some groups of an entity again, see readGroups. What is one record's fault is told of its group, and the others
 * go on.
 *
 * @throws Refusal `conflict` while a feed is being read, `unavailable` when it was stopped
 */
export async function syncSomeOrders(
  entityId: string,
  orderKeys: readonly string[],
  scope: Readonly<{ order: string; resync?: string }>,
  context: SyncContext,
): Promise<ReadAgain> {
  const surroundings = surroundingsOf(context);
  const problems = new Map<string, string[]>();
  const broken: string[] = [];
  let feeds = 0;
  const asked = { entityId, feeds: await loadFeeds(surroundings.pool, { entityId }), orderKeys };
  const touched = await readGroups(asked, scope, surroundings, {
    onFault: (orderKey, { message }) => {
      problems.set(orderKey, [...(problems.get(orderKey) ?? []), message]);
    },
    onReport: ({ feed, state, error }) => {
      feeds += 1;
      if (state === "refused") throw new Refusal("conflict", error ?? "The feed is being read.");
      if (state === "stopped") throw new Refusal("unavailable", error ?? "It was stopped.");
      if (error !== null) broken.push(`${feed}: ${error}`);
    },
  });
  return { touched, problems, broken, feeds };
}
