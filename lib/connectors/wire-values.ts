import { Decimal } from "decimal.js";
import { z } from "zod";
import { Refusal } from "@/lib/domain/faults";
import { formatPlain, type Minor } from "@/lib/domain/money";
import type { Unreadable } from "./contract";

/** What the wires of both systems are made of. All take what `parseDecimalJson` makes of a number. */

/** A value that may be null or absent, as null. */
export const optional = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? null);

/** A list that may be null or absent, as an empty list. */
export const list = <T>(schema: z.ZodType<T>) =>
  z
    .array(schema)
    .nullish()
    .transform((value) => value ?? []);

/** An id or key: text, or a whole number as text. */
export const key = z
  .union([z.string(), z.number().int()], { error: "expected a text or a whole number" })
  .transform((value) => String(value).trim())
  .refine((value) => value !== "", { error: "expected a text that isn't empty" });

/** A text that counts as absent when it is empty. */
export const words = z
  .union([z.string(), z.number()], { error: "expected a text" })
  .nullish()
  .transform((value) => {
    const text = value === null || value === undefined ? "" : String(value).trim();
    return text === "" ? null : text;
  });

const WHOLE = /^-?\d+(\.0+)?$/;
const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$/;

/** Money as a whole number of minor units, as bigint. */
export const minorUnits = z
  .union([z.number(), z.string()], { error: "expected a whole number of minor units" })
  .refine((value) => WHOLE.test(String(value)), { error: "expected a whole number of minor units" })
  .transform((value) => BigInt(String(value).replace(/\.0+$/, "")));

/** A decimal number as plain text without an exponent or trailing zeros. */
export const decimalText = z
  .union([z.number(), z.string()], { error: "expected a number" })
  .refine((value) => DECIMAL.test(String(value)), { error: "expected a number" })
  .transform((value) => new Decimal(value).toFixed());

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?: ?(Z|[+-]\d{2}(?::?\d{2})?))?)?$/i;

/** An instant of ISO 8601. Without an offset ("2021-11-09 07:30:27") it is taken as UTC. */
export const instant = z
  .string({ error: "expected a date and time" })
  .transform((text) => readInstant(text))
  .refine((value) => value !== null, { error: "expected a date and time like 2018-01-20T11:30:15+00:00" });

/** The instant a text names, or null. UTC where it gives no offset. */
export function readInstant(text: string): Date | null {
  const [, day, time = "00:00:00", offset = "Z"] = INSTANT.exec(text.trim()) ?? [];
  if (day === undefined) return null;
  const clock = time.length === 5 ? `${time}:00` : time.slice(0, 12);
  const zone =
    offset.toUpperCase() === "Z" ? "Z" : `${offset.slice(0, 3)}:${offset.slice(3).replace(":", "") || "00"}`;
  const moment = new Date(`${day}T${clock}${zone}`);
  // Date rolls 31 February over into March.
  return Number.isNaN(moment.getTime()) || !isDay(day) ? null : moment;
}

/** Whether a text is a day of the calendar, YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** A payload that is not as its schema has it: why, and whether something is missing or of another shape, or is a value that none can be. */
export function unreadable(error: z.ZodError, payload: unknown): Unreadable {
  const isOfShape = error.issues.some(({ code, path }) => {
    const value = valueAt(payload, path);
    return (
      value === undefined ||
      (code === "invalid_type" && typeof value !== "string" && typeof value !== "number")
    );
  });
  return { ok: false, reason: reasonOf(error, payload), errorClass: isOfShape ? "schema" : "value" };
}

/** What is wrong with a payload, for people: where, what was expected, what was found. At most three places. */
function reasonOf(error: z.ZodError, payload: unknown): string {
  const places = error.issues
    .slice(0, 3)
    .map((issue) => `${pathOf(issue.path)}: ${issue.message}, found ${foundAt(payload, issue.path)}`);
  const more = error.issues.length - places.length;
  return places.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

export const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  ) || "the record";

const valueAt = (payload: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, part) => (typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined),
    payload,
  );

function foundAt(payload: unknown, path: readonly PropertyKey[]): string {
  const value = valueAt(payload, path);
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/**
 * An amount as a JSON number that reads back as the very same amount. Throws Refusal "invalid" beyond what a JSON number
 * holds exactly.
 */
export function wireAmount(amount: Minor, currency: string): number {
  wireMinor(amount);
  return Number(formatPlain(amount, currency));
}

/** Minor units as a whole JSON number. Throws Refusal "invalid" beyond what a JSON number holds exactly. */
export function wireMinor(amount: Minor): number {
  // Fifteen digits are what a double keeps of any decimal.
  if (amount > -(10n ** 15n) && amount < 10n ** 15n) return Number(amount);
  throw new Refusal("invalid", `The amount ${amount} (minor units) has more digits than can be sent.`);
}
