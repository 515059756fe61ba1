import { formatAmount } from "@/lib/domain/money";
import type { Effect, EffectRow } from "@/lib/matching/preview";
import { rateWords } from "../words";
import type { Lack } from "./lacking";
import type { UnknownCode } from "./unknown-codes";

/** What a change would do, in one sentence: "Clears 41 exceptions over 312.40 EUR, wins 40 matches, loses no match." */
export function effectSentence({ cleared, made, matchesWon, matchesLost, explained }: Effect): string {
  const parts = [
    ...(cleared.length > 0 ? [`clears ${exceptions(cleared)}`] : []),
    ...(made.length > 0 ? [`makes ${exceptions(made)}`] : []),
    ...(matchesWon > 0 ? [`wins ${matches(matchesWon)}`] : []),
    ...(explained > 0 ? [`leaves ${matches(explained)} with a difference that is proved (rounding)`] : []),
  ];
  if (parts.length === 0 && matchesLost === 0) {
    return "Changes nothing: clears and makes no exception, wins and loses no match.";
  }
  const text = [...parts, `loses ${matchesLost === 0 ? "no match" : matches(matchesLost)}`].join(", ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** What else is in the figures of a preview than the change itself; null where nothing is. */
export function besidesSentence(
  waiting: Readonly<{ changedGroups: number; unusedSettings: boolean }>,
): string | null {
  const parts = [
    ...(waiting.changedGroups > 0
      ? [`${counted(waiting.changedGroups, "order that has", "orders that have")} changed`]
      : []),
    ...(waiting.unusedSettings ? ["settings that were saved"] : []),
  ];
  if (parts.length === 0) return null;
  return `These figures also hold what comes from ${parts.join(" and ")} since the last reconciliation. Reconcile first to see this change alone.`;
}

/** That tax codes of a change are not known, and which ones are spelt most like them; null where all are known. */
export function unknownSentence(codes: readonly UnknownCode[]): string | null {
  const [first] = codes;
  if (!first) return null;
  const known = (one: UnknownCode) =>
    one.nearest.length === 0
      ? "no code that is known is spelt like it"
      : `nearest: ${one.nearest.join(", ")}`;
  const names = codes.map((one) => `${one.code} (${known(one)})`).join(", ");
  return `${codes.length === 1 ? "This tax code is" : "These tax codes are"} unknown here, no line and no rule has ${codes.length === 1 ? "it" : "them"}: ${names}. Is it mistyped?`;
}

const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

const matches = (count: number): string => counted(count, "match", "matches");

function exceptions(rows: readonly EffectRow[]): string {
  const sums = new Map<string, bigint>();
  for (const { currency, extent } of rows) sums.set(currency, (sums.get(currency) ?? 0n) + extent);
  const amounts = [...sums].map(([currency, sum]) => `${formatAmount(sum, currency)} ${currency}`);
  const count = rows.reduce((all, row) => all + row.count, 0);
  return `${counted(count, "exception", "exceptions")} over ${amounts.join(" and ")}`;
}

/** What a record lacks, as its form says it: the sentence, the value as it came, and when not to set it. */
export type LackWords = Readonly<{ what: string; raw: string; caution: string; suggested: string }>;

/** The words for a mapping that is missing. */
export function lackWords({
  kind,
  draft,
  connection,
}: Pick<Lack, "kind" | "draft" | "connection">): LackWords {
  const of = (name: string) => draft[name] ?? "";
  switch (kind) {
    case "item": {
      const thing = of("erpKind") === "account" ? "G/L account" : "item";
      return {
        what: `The item mapping does not give the ERP’s ${thing} ${of("erpItem")} SCAYLE’s product ${of("sku")}.`,
        raw: [of("erpItem"), of("erpVariant")].filter(Boolean).join(", variant "),
        suggested: `${of("sku")} is SCAYLE’s product in whose place it stands here.`,
        caution:
          "Set it only where the ERP means this product whenever it posts the item. Where it posted another product, correct the ERP and resync.",
      };
    }
    case "tax-code":
      return {
        what: `The tax mapping does not have ${of("taxCode")} for ${of("shipTo")} at ${rateWords(of("rate"))}.`,
        raw: of("taxCode"),
        suggested: "The rate is right; only the code is not one that the mapping has there.",
        caution:
          "Set it only where the code is right for the VAT return. Where it is not, correct the ERP and resync.",
      };
    case "local-currency":
      return {
        what: `The document names no currency, and ${connection ?? "its connection"} has none for such documents.`,
        raw: "currencyCode: nothing",
        suggested: `${of("currency")} is the currency of the entity’s books.`,
        caution:
          "It then holds for every document of this connection that names none, and is not changed again.",
      };
    default:
      throw new Error(`no such mapping: ${kind satisfies never}`);
  }
}
