import type { JsonValue } from "./json";
import { formatAmount } from "./money";

/** One thing that an act changed, in words: what it is called, what it was and what it is. Null: it was, or is, not there. */
export type Told = Readonly<{ name: string; before: string | null; after: string | null }>;

/**
 * What an act changed, field by field down to the last, in the order in which it is kept; what stayed is left out, and so is what
 * is said of before alone: a record of an act need not repeat it, and nothing tells that it is gone.
 */
export function toldOf(before: JsonValue, after: JsonValue): readonly Told[] {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((name) => ({ name, before: was.get(name) ?? null, after: is.get(name) ?? null }))
    .filter((one) => one.before !== one.after && (one.after !== null || !isUnsaid(before, after, one.name)));
}

/** Whether what came after says nothing at all of the field that a name begins with. */
function isUnsaid(before: JsonValue, after: JsonValue, name: string): boolean {
  const isRecord = (value: JsonValue): value is Readonly<Record<string, JsonValue>> =>
    value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isRecord(before) || !isRecord(after)) return false;
  const field = Object.keys(before).find((key) => name.split(" · ")[0] === wordsOf(key));
  return field !== undefined && !(field in after);
}

/** What amounts are called; they are kept in minor units, as integer texts. */
const AMOUNTS: ReadonlySet<string> = new Set(["net", "tax", "gross", "amount", "extent", "debit", "credit"]);

/** Every value with the words that lead to it; an amount, where its currency is said with it or around it, as people write it. */
function leavesOf(value: JsonValue): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const walk = (one: JsonValue, path: readonly string[], currency: string | null): void => {
    if (one === null) return;
    if (Array.isArray(one)) {
      if (one.every((part) => part === null || typeof part !== "object")) {
        leaves.set(nameOf(path), one.length === 0 ? "none" : one.map(textOf).join(", "));
        return;
      }
      for (const [index, part] of one.entries()) walk(part, [...path, String(index + 1)], currency);
      return;
    }
    if (typeof one === "object") {
      const own = one["currency"];
      const within = typeof own === "string" && /^[A-Z]{3}$/.test(own) ? own : currency;
      for (const [name, part] of Object.entries(one)) {
        const here = [...path, wordsOf(name)];
        if (within !== null && AMOUNTS.has(name) && typeof part === "string" && /^-?\d+$/.test(part))
          leaves.set(nameOf(here), `${formatAmount(BigInt(part), within)} ${within}`);
        else walk(part as JsonValue, here, within);
      }
      return;
    }
    leaves.set(nameOf(path), textOf(one));
  };
  walk(value, [], null);
  return leaves;
}

const nameOf = (path: readonly string[]): string => (path.length === 0 ? "value" : path.join(" · "));

/** "validFrom" and "valid-from" as "valid from". */
const wordsOf = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/[_-]+/g, " ")
    .toLowerCase();

const textOf = (value: JsonValue): string =>
  value === true ? "yes" : value === false ? "no" : value === null ? "none" : String(value);
