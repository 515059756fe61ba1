import { isInteger, isSafeNumber, parse } from "lossless-json";

/** The value of a JSON text: whole numbers that a float holds exactly stay numbers, every other number stays its text. */
export function parseDecimalJson(text: string): unknown {
  return parse(text, null, (digits) => (isInteger(digits) && isSafeNumber(digits) ? Number(digits) : digits));
}
