/**
 * The one codec that writes bigint to JSON (as integer strings) for API, CLI, jobs, JSON columns and hashes.
 * Keys are sorted, so equal values are equal text. `undefined` members are left out; Dates become ISO texts.
 */
export function toJson(value: unknown, indent?: number): string {
  // Without the plain copy in between: hashes and COPY texts of whole files go through here.
  return indent === undefined ? written(value) : JSON.stringify(toPlain(value), null, indent);
}

/** The same as a plain JSON value, for JSON columns. */
export function toPlain(value: unknown): JsonValue {
  if (typeof value === "bigint") return value.toString();
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === "object") {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return Object.fromEntries(members.map(([key, member]) => [key, toPlain(member)]));
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  throw new TypeError(`${typeof value} has no place in JSON`);
}

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

function written(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || value === undefined) return "null";
  if (typeof value === "bigint") return `"${value}"`;
  if (Array.isArray(value)) {
    let text = "[";
    // By index: a hole in an array is null, as JSON.stringify has it.
    for (let index = 0; index < value.length; index += 1)
      text += (index === 0 ? "" : ",") + written(value[index]);
    return `${text}]`;
  }
  if (typeof value === "object" && !(value instanceof Date)) return writtenObject(value);
  return JSON.stringify(toPlain(value));
}

function writtenObject(value: object): string {
  const members = value as Readonly<Record<string, unknown>>;
  const shape = shapeOf(Object.keys(members));
  if (shape === null) return JSON.stringify(toPlain(value));
  let text = "";
  for (const { name, start } of shape) {
    const member = members[name];
    if (member !== undefined) text += (text === "" ? "{" : ",") + start + written(member);
  }
  return text === "" ? "{}" : `${text}}`;
}

/** The names of an object in the order they are written, each with its text up to the value. */
type Shape = readonly Readonly<{ name: string; start: string }>[];
type Step = { next: Map<string, Step>; shape: Shape | null | undefined };

// Objects of one kind have the same names in the same order: sorted and quoted once, and found again name by name.
const STEPS_MAX = 20_000;
const firstStep: Step = { next: new Map(), shape: undefined };
let steps = 0;

/** Null where the names can't simply be sorted. */
function shapeOf(names: readonly string[]): Shape | null {
  let step = firstStep;
  for (const name of names) {
    let next = step.next.get(name);
    if (!next) {
      if (steps >= STEPS_MAX) return newShape(names);
      steps += 1;
      next = { next: new Map(), shape: undefined };
      step.next.set(name, next);
    }
    step = next;
  }
  if (step.shape === undefined) step.shape = newShape(names);
  return step.shape;
}

// Names that look like array indexes come first in objects, whatever they are sorted by: left to JSON.stringify.
const newShape = (names: readonly string[]): Shape | null =>
  names.some(startsWithDigit) ? null : [...names].sort().map((name) => ({ name, start: `${quoted(name)}:` }));

const startsWithDigit = (name: string): boolean => {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57;
};

// What JSON writes as it stands: printable ASCII but the quote and the backslash.
const PLAIN = /^[ !#-[\]-~]*$/;

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/** A JSON object's members; none where the value is anything else. For payloads of which nothing is known for certain. */
export const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
