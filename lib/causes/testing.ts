import type { Month } from "@/lib/domain/day";
import type { Group } from "@/lib/domain/group";
import { type KnownAmounts, plus, ZERO } from "@/lib/domain/money";
import { explainGroup } from "./explain";
import type { Outcome } from "./outcome";
import { sum } from "./work";

/** What an outcome says, in a form that tests compare: a cause with what it is worth in all, in minor units. */
export const said = ({ findings }: Outcome) =>
  findings.map(({ cause, parts }) => ({ cause: cause.code, ...totalOf(parts.map((part) => part.amounts)) }));

/** The same as one line of text per cause: "price-wrong gross −100 tax −16". */
export const toldOf = (group: Group): readonly string[] =>
  said(explainGroup(group)).map(({ cause, gross, tax }) => `${cause} gross ${gross} tax ${tax}`);

const totalOf = (amounts: readonly KnownAmounts[]): KnownAmounts => amounts.reduce(plus, ZERO);

/** SCAYLE − Σ parts − ERP for a period and currency: nothing is left, whatever was found. */
export function untold(group: Group, { findings }: Outcome, period: Month, currency: string): KnownAmounts {
  const of = (side: "scayle" | "erp") =>
    sum(group.lines.filter((one) => one.side === side && one.period === period && one.currency === currency));
  const told = totalOf(
    findings
      .flatMap(({ parts }) => parts)
      .filter((part) => part.period === period && part.currency === currency)
      .map((part) => part.amounts),
  );
  const [scayle, erp] = [of("scayle"), of("erp")];
  return {
    net: scayle.net - told.net - erp.net,
    tax: scayle.tax - told.tax - erp.tax,
    gross: scayle.gross - told.gross - erp.gross,
  };
}
