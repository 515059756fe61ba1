import { Decimal } from "decimal.js";

/** A rate ("0.07000") as a percentage: "7 %". */
export const rateWords = (rate: string): string => `${new Decimal(rate).times(100).toFixed()} %`;

const roundingWords: Readonly<Record<string, (value: string) => string>> = {
  level: (value) => `per ${value}`,
  basis: (value) => `from ${value}`,
  first: (value) => `${value} first`,
  mode: (value) => value,
};

/** How a side rounds ({"level":"document","basis":"gross","first":"tax","mode":"half-up"}): "per document, from gross, …". */
export function roundingPolicyWords(policy: unknown): string {
  if (typeof policy !== "object" || policy === null) return settingWords(policy);
  const stated = new Map(Object.entries(policy).map(([name, value]) => [name, settingWords(value)]));
  const known = Object.entries(roundingWords).flatMap(([name, words]) => {
    const value = stated.get(name);
    return value === undefined ? [] : [words(value)];
  });
  return known.join(", ") || settingWords(policy);
}

/** A JSON setting as words: "name value, name value". */
function settingWords(setting: unknown): string {
  if (setting === null || setting === undefined) return "not known";
  if (typeof setting !== "object") return String(setting).replaceAll("-", " ");
  return Object.entries(setting)
    .map(([name, value]) => `${name} ${settingWords(value)}`)
    .join(", ");
}
