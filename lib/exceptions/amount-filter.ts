import { exponentOf, knownExponents } from "@/lib/domain/money";
import type { ExceptionQuery } from "./schema";

type Asked = Pick<ExceptionQuery, "currency" | "amountFrom" | "amountTo">;

/**
 * What an amount that a filter asks for means in minor units of each number of decimals: a currency has none, two, three or four.
 * What has more decimals than the currency is between two amounts: the lower bound is the one above, the upper the one below.
 */
export function minorOf(text: string, exponent: number, bound: "from" | "to"): string {
  const [whole = "0", fraction = ""] = text.split(".");
  const kept = BigInt(`${whole}${fraction.slice(0, exponent).padEnd(exponent, "0")}`);
  const isBetween = /[1-9]/.test(fraction.slice(exponent));
  return String(bound === "from" && isBetween ? kept + 1n : kept);
}

/**
 * The conditions of the amounts that a filter asks for. Amounts are never converted: they are those of the currency that the
 * filter names, else of the entity's own, and what is in another currency does not fit.
 *
 * @param extent how much money an exception is about, as SQL
 * @param one whether the scope (parameter 2) is a single entity: then its currency is looked up once
 */
export function amountCondition(
  { currency, amountFrom, amountTo }: Asked,
  extent: string,
  one: boolean,
  bind: (value: unknown) => string,
): readonly string[] {
  if (amountFrom === undefined && amountTo === undefined) return [];
  const entity = one ? "($2::text[])[1]" : "e.entity_id";
  const bound = (text: string, which: "from" | "to"): string => {
    if (currency !== undefined) return `${bind(minorOf(text, exponentOf(currency), which))}::bigint`;
    const others = [...knownExponents].map(
      ([exponent, codes]) =>
        `WHEN n.currency = ANY (${bind(codes)}::text[]) THEN ${bind(minorOf(text, exponent, which))}::bigint`,
    );
    return `(SELECT CASE ${others.join(" ")} ELSE ${bind(minorOf(text, 2, which))}::bigint END FROM entity n WHERE n.id = ${entity})`;
  };
  return [
    ...(currency === undefined
      ? [`e.currency = (SELECT n.currency FROM entity n WHERE n.id = ${entity})`]
      : []),
    ...(amountFrom === undefined ? [] : [`${extent} >= ${bound(amountFrom, "from")}`]),
    ...(amountTo === undefined ? [] : [`${extent} <= ${bound(amountTo, "to")}`]),
  ];
}
