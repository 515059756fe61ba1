import { formatAmount } from "@/lib/domain/money";
import type { Effect, EffectRow } from "@/lib/matching/preview";
import type { UnknownCode } from "./unknown-codes";

/** What a change would do, in one sentence: "Clears 41 exceptions over 312.40 EUR, wins 40 matches, loses no match." */
export function effectSentence({ cleared, made, matchesWon, matchesLost }: Effect): string {
  const parts = [
    ...(cleared.length > 0 ? [`clears ${exceptions(cleared)}`] : []),
    ...(made.length > 0 ? [`makes ${exceptions(made)}`] : []),
    ...(matchesWon > 0 ? [`wins ${matches(matchesWon)}`] : []),
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
    one.nearest.length === 0 ? "no code is known at all" : `nearest: ${one.nearest.join(", ")}`;
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
