import type pg from "pg";
import type { Permission } from "@/lib/auth/permissions";
import type { Ownership } from "@/lib/matching/ownership";

/**
 * How to add a kind of alert: one file in this folder that exports a `defineAlert({…})`, and one line in registry.ts. The file
 * holds everything that is said of it: title, meaning, what to do, its bounds, and the set-based query that finds it.
 */

/** A whole number that people set: when an alert opens, when it closes. */
export type Bound = Readonly<{
  name: string;
  label: string;
  hint: string;
  min: number;
  max: number;
  is: number;
}>;

/** What a kind is watched with. */
export type Watch = Readonly<{
  pool: pg.Pool;
  entity: Readonly<{ id: string; timeZone: string; currency: string }>;
  now: Date;
  /** the bounds in force, by name */
  bounds: Readonly<Record<string, number>>;
  ownerOf: Ownership;
}>;

/** Something that is at its closing bound at least: `above` opens an alert, `between` keeps one that is open. */
export type Sighting = Readonly<{
  /** what it is about, by ids and without figures: of a kind and subject one alert is open */
  subject: string;
  level: "above" | "between";
  title: string;
  body: string;
  ownerTeam: string;
  firstAction: string;
  href: string;
}>;

export type AlertKind = Readonly<{
  /** stable, kebab-case */
  kind: string;
  title: string;
  /** when it opens and closes, in sentences for people */
  meaning: string;
  /** what to do about it */
  respond: string;
  /** whose it is, in a sentence */
  owner: string;
  /** who may see it, in the app, in e-mail and in the manual's figures */
  seenWith: Permission;
  /** who may open what it leads to */
  opensWith: Permission;
  bounds: readonly Bound[];
  /** why these bounds can't be together, in a sentence; null: they can */
  fault(bounds: Readonly<Record<string, number>>): string | null;
  watch(view: Watch): Promise<readonly Sighting[]>;
  /**
   * Of subjects that had an alert and are not sighted any more: those that are so as before, with the sentence why they close all
   * the same. Left out where what is not sighted is always over.
   */
  stays?(view: Watch, subjects: readonly string[]): Promise<ReadonlyMap<string, string>>;
}>;

/** A kind of alert. */
export const defineAlert = (kind: AlertKind): AlertKind => kind;

/** The bound that every kind has: how long it must be over before the alert closes. */
export const quietMinutes = (is: number): Bound => ({
  name: "quietMinutes",
  label: "Closes after (min)",
  hint: "So long it must have been over, without a break, before the alert closes",
  min: 0,
  max: 10_080,
  is,
});

/** A bound's value in force. Throws for a name that the kind does not have. */
export function boundOf({ bounds }: Pick<Watch, "bounds">, name: string): number {
  const value = bounds[name];
  if (value === undefined) throw new Error(`there is no bound ${name}`);
  return value;
}

/** A sentence where the closing bound is above the opening one; null where it is not. */
export const mustNotExceed = (
  bounds: Readonly<Record<string, number>>,
  closes: string,
  opens: string,
): string | null =>
  (bounds[closes] ?? 0) > (bounds[opens] ?? 0)
    ? "It would close above the bound at which it opens: then it would open and close by turns."
    : null;
