/** A record as its source names it, and what people call it. */
export type NamedRecord = Readonly<{ kind: string; sourceId: string; name: string }>;

/** Records of a kind: how many, and their names, at most 50; as data too, of counts since that is kept. */
export type Named = Readonly<{ count: number; ids: readonly string[]; records?: readonly NamedRecord[] }>;

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
