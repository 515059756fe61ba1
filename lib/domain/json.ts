/**
 * The one codec that writes bigint to JSON (as integer strings) for API, CLI, jobs, JSON columns and hashes.
 * Keys are sorted, so equal values are equal text. `undefined` members are left out; Dates become ISO texts.
 */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(toPlain(value), null, indent);
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
