import type { JsonValue } from "./json";

/** One thing that an act changed, in words: what it is called, what it was and what it is. Null: it was, or is, not there. */
export type Told = Readonly<{ name: string; before: string | null; after: string | null }>;

/** What an act changed, field by field down to the last, in the order in which it is kept; what stayed is left out. */
export function toldOf(before: JsonValue, after: JsonValue): readonly Told[] {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((name) => ({ name, before: was.get(name) ?? null, after: is.get(name) ?? null }))
    .filter((one) => one.before !== one.after);
}

/** Every value with the words that lead to it. */
function leavesOf(value: JsonValue): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const walk = (one: JsonValue, path: readonly string[]): void => {
    if (one === null) return;
    if (Array.isArray(one)) {
      if (one.every((part) => part === null || typeof part !== "object")) {
        leaves.set(nameOf(path), one.length === 0 ? "none" : one.map(textOf).join(", "));
        return;
      }
      for (const [index, part] of one.entries()) walk(part, [...path, String(index + 1)]);
      return;
    }
    if (typeof one === "object") {
      for (const [name, part] of Object.entries(one)) walk(part as JsonValue, [...path, wordsOf(name)]);
      return;
    }
    leaves.set(nameOf(path), textOf(one));
  };
  walk(value, []);
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
