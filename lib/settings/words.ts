import { Decimal } from "decimal.js";

/** A rate ("0.07000") as a percentage: "7 %". */
export const rateWords = (rate: string): string => `${new Decimal(rate).times(100).toFixed()} %`;

/** A JSON setting ({"per":"document","mode":"half-up"}) as words: "per document, mode half-up". */
export function settingWords(setting: unknown): string {
  if (setting === null || setting === undefined) return "not known";
  if (typeof setting !== "object") return String(setting).replaceAll("-", " ");
  return Object.entries(setting)
    .map(([name, value]) => `${name} ${settingWords(value)}`)
    .join(", ");
}
