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
  const names = Object.keys(members).sort();
  // Names that look like array indexes come first in objects, whatever they are sorted by: left to JSON.stringify.
  if (names.some(startsWithDigit)) return JSON.stringify(toPlain(value));
  let text = "{";
  for (const name of names) {
    const member = members[name];
    if (member !== undefined) text += `${text === "{" ? "" : ","}${quoted(name)}:${written(member)}`;
  }
  return `${text}}`;
}

const startsWithDigit = (name: string): boolean => {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57;
};

// What JSON writes as it stands: printable ASCII but the quote and the backslash.
const PLAIN = /^[ !#-[\]-~]*$/;

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));
