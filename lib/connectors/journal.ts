import type { Day } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import type { WireRequest } from "./write";

/*
 * What a connection may be asked to post beside documents: a journal, balanced, in the company's own currency. As with documents
 * (./write) it goes a step at a time, so that whoever was killed between two steps finds out by looking; our key goes along with it.
 */

/** One line; one of both is zero, minor units. */
export type JournalWriteLine = Readonly<{ account: string; debit: Minor; credit: Minor; text: string }>;

/** A journal as the ERP is to post it. */
export type JournalWrite = Readonly<{
  /** ISO 4217; the company's own */
  currency: string;
  postingDay: Day;
  text: string;
  lines: readonly JournalWriteLine[];
}>;

/** How far a journal has come in the other system. */
export type JournalTrace =
  | Readonly<{ state: "none" }>
  /** it has something that counts for nothing yet; `place` tells one stage of it from another */
  | Readonly<{ state: "begun"; id: string; place: string }>
  /** it is in the ledger, with the lines that are read there */
  | Readonly<{
      state: "done";
      id: string;
      number: string | null;
      postingDay: Day | null;
      lines: readonly Readonly<{ account: string; debit: Minor; credit: Minor }>[];
    }>;

/** What a connection's settings say of journals; asks nobody. */
export type JournalPlan = Readonly<{
  /** null: it can post them; else why it can't, for people */
  lacks: string | null;
  /** Exactly what would be sent, in this order. Throws Refusal "invalid" for what the system can't be told. */
  requests(write: JournalWrite, key: string): readonly WireRequest[];
}>;

/** Posts journals to one system. */
export type JournalWriter = JournalPlan &
  Readonly<{
    /** What the system has of it already. Reads only. */
    look(write: JournalWrite, key: string): Promise<JournalTrace>;
    /** What `advance` would do next, as its request says it; null: nothing is left to do. */
    next(write: JournalWrite, key: string, seen: JournalTrace): string | null;
    /** Sends the next request after what was just looked at, once. Throws a Refusal as a Writer does (./write). */
    advance(write: JournalWrite, key: string, seen: JournalTrace): Promise<JournalTrace>;
    /** how long after a lost answer the system may still be at work on it, in milliseconds */
    settles: number;
  }>;
