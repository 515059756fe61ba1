import type { RecognitionPolicy } from "@/lib/domain/recognition";

/** What every part of the store is told: whose records these are, which run brings them, and what time it is. */
export type StoreContext = Readonly<{
  entityId: string;
  connectionId: string;
  feedId: string;
  runId: string;
  /** when we saw it: an input, never the clock */
  at: Date;
  policy: RecognitionPolicy;
  /** derive the books again although the payload is the one we hold (a full read) */
  rederive: boolean;
}>;

/** What became of a page: of `found` records so many were new or changed, as we hold them, or unreadable. */
export type Counts = Readonly<{ found: number; stored: number; unchanged: number; failed: number }>;

/** Counts, and the keys of the groups that the page touched. */
export type Stored = Counts & Readonly<{ orderKeys: readonly string[]; changed: readonly PostedChange[] }>;

/** A posted document whose figures are other than those we held: what a ledger must not do silently. */
export type PostedChange = Readonly<{
  orderKey: string;
  documentId: string;
  number: string;
  version: number;
}>;

export const NOTHING_STORED: Stored = {
  found: 0,
  stored: 0,
  unchanged: 0,
  failed: 0,
  orderKeys: [],
  changed: [],
};

/** Adds up what pages did. */
export const addStored = (a: Stored, b: Stored): Stored => ({
  found: a.found + b.found,
  stored: a.stored + b.stored,
  unchanged: a.unchanged + b.unchanged,
  failed: a.failed + b.failed,
  orderKeys: [...new Set([...a.orderKeys, ...b.orderKeys])],
  changed: [...a.changed, ...b.changed],
});
