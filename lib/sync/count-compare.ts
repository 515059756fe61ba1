import type { SourceCount } from "@/lib/connectors/contract";
import type { CountResult, Named, NamedRecord } from "@/lib/matching/proof/count-result";

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
  const missing: NamedRecord[] = [];
  const stale: NamedRecord[] = [];
  const fresh: NamedRecord[] = [];
  for (const [key, one] of listed) {
    const record = recordOf(one);
    const mine = known.get(key);
    const isLater = one.modifiedAt !== null && (confirmedUntil === null || one.modifiedAt > confirmedUntil);
    if (!mine) (isLater ? fresh : missing).push(record);
    else if (one.modifiedAt && mine.modifiedAt && one.modifiedAt > mine.modifiedAt)
      (isLater ? fresh : stale).push(record);
  }
  const surplus = held.filter((one) => one.inDays && !one.draft && !listed.has(keyOf(one))).map(recordOf);
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

type Told = Readonly<{ kind: string; sourceId: string; number: string | null }>;
const recordOf = ({ kind, sourceId, number }: Told): NamedRecord => ({
  kind,
  sourceId,
  name: nameOf({ sourceId, number }),
});

function named(all: readonly NamedRecord[]): Named {
  const records = [...all].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, NAMED_MOST);
  return { count: all.length, ids: records.map((one) => one.name), records };
}
