import type { SourceCount } from "@/lib/connectors/contract";

/** A record as it was fetched. */
export type HeldRecord = Readonly<{
  kind: string;
  sourceId: string;
  number: string | null;
  modifiedAt: Date | null;
  /** among the days that are counted, as far as we know */
  inDays: boolean;
  draft: boolean;
}>;

export type Named = Readonly<{ count: number; ids: readonly string[] }>;

/** What a second count found; records are named, at most 50 of each sort. */
export type CountResult = Readonly<{
  /** records that the source named */
  source: number;
  /** the total that the source itself states; null where it states none */
  stated: number | null;
  /** records that were fetched of the same days */
  held: number;
  /** records that disagree: missing, surplus, stale, and what the source's own total leaves open */
  differing: number;
  /** at the source, not fetched though it was there when the feed was last read */
  missing: Named;
  /** fetched, and not at the source; drafts, which come and go, apart */
  surplus: Named;
  /** fetched in an older version than the source had when the feed was last read */
  stale: Named;
  /** new or changed at the source since the feed was last read: the next sync's */
  fresh: Named;
}>;

const NAMED_MOST = 50;

/**
 * Compares what a source names with what was fetched. What the source says it changed after `confirmedUntil`, the moment up
 * to which the feed was read, can't be here yet and is told apart.
 */
export function compareCounts(
  source: SourceCount,
  held: readonly HeldRecord[],
  confirmedUntil: Date | null,
): CountResult {
  const keyOf = (one: Readonly<{ kind: string; sourceId: string }>): string => `${one.kind} ${one.sourceId}`;
  const known = new Map(held.map((one) => [keyOf(one), one]));
  const listed = new Map(source.records.map((one) => [keyOf(one), one]));
  const missing: string[] = [];
  const stale: string[] = [];
  const fresh: string[] = [];
  for (const [key, one] of listed) {
    const name = nameOf(one);
    const mine = known.get(key);
    const isLater = one.modifiedAt !== null && (confirmedUntil === null || one.modifiedAt > confirmedUntil);
    if (!mine) (isLater ? fresh : missing).push(name);
    else if (one.modifiedAt && mine.modifiedAt && one.modifiedAt > mine.modifiedAt)
      (isLater ? fresh : stale).push(name);
  }
  const surplus = held.filter((one) => one.inDays && !one.draft && !listed.has(keyOf(one))).map(nameOf);
  // Two records under one id are one for us, but not for the source: its list or its total says so.
  const unlisted = source.records.length - listed.size;
  const untold = source.stated === null ? 0 : Math.abs(source.stated - source.records.length);
  return {
    source: source.records.length,
    stated: source.stated,
    held: held.filter((one) => one.inDays).length,
    differing: missing.length + surplus.length + stale.length + unlisted + untold,
    missing: named(missing),
    surplus: named(surplus),
    stale: named(stale),
    fresh: named(fresh),
  };
}

const nameOf = ({ sourceId, number }: Readonly<{ sourceId: string; number: string | null }>): string =>
  number === null || number === sourceId ? sourceId || "a record without an id" : `${number} (${sourceId})`;

const named = (ids: readonly string[]): Named => ({
  count: ids.length,
  ids: [...ids].sort().slice(0, NAMED_MOST),
});
