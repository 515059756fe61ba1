import { Decimal } from "decimal.js";
import { z } from "zod";
import { isDay } from "../wire-values";

/*
 * Tryton's JSON: what JSON has no type for is an object that names its class. Numbers of the wire arrive as
 * `parseDecimalJson` leaves them: a float is its text. Source: trytond/protocols/jsonrpc.py.
 */

const decimalObject = z.object({ __class__: z.literal("Decimal"), decimal: z.string() });
const dateObject = z.object({
  __class__: z.literal("date"),
  year: z.number().int(),
  month: z.number().int(),
  day: z.number().int(),
});
const datetimeObject = z.object({
  __class__: z.literal("datetime"),
  year: z.number().int(),
  month: z.number().int(),
  day: z.number().int(),
  hour: z.number().int(),
  minute: z.number().int(),
  second: z.number().int(),
  microsecond: z.number().int(),
});

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;

/** A Numeric as plain decimal text. Money and rates come so; a bare number is not one. */
export const numeric = decimalObject
  .refine((value) => DECIMAL.test(value.decimal), { error: "expected a decimal number" })
  .transform((value) => new Decimal(value.decimal).toFixed());

/** A Float as plain decimal text: quantities come so. */
export const float = z
  .union([z.number(), z.string()], { error: "expected a number" })
  .refine((value) => DECIMAL.test(String(value)), { error: "expected a number" })
  .transform((value) => new Decimal(value).toFixed());

/** A Date as a day. */
export const date = dateObject
  .transform(({ year, month, day }) => `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`)
  .refine(isDay, { error: "expected a day of the calendar" });

/** A Timestamp, which Tryton keeps in UTC. Parts of a millisecond are dropped. */
export const timestamp = datetimeObject.transform(
  ({ year, month, day, hour, minute, second, microsecond }) =>
    new Date(Date.UTC(year, month - 1, day, hour, minute, second, Math.floor(microsecond / 1000))),
);

/** An instant as Tryton takes it in a domain. */
export const asTimestamp = (moment: Date) => ({
  __class__: "datetime",
  year: moment.getUTCFullYear(),
  month: moment.getUTCMonth() + 1,
  day: moment.getUTCDate(),
  hour: moment.getUTCHours(),
  minute: moment.getUTCMinutes(),
  second: moment.getUTCSeconds(),
  microsecond: moment.getUTCMilliseconds() * 1000,
});

/** A day as Tryton takes it in a domain. */
export const asDate = (day: string) => {
  const [year, month, ofMonth] = day.split("-").map(Number);
  return { __class__: "date", year, month, day: ofMonth };
};

const padded = (value: number, digits: number): string => String(value).padStart(digits, "0");
