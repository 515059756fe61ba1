import { formatAmount } from "@/lib/domain/money";
import { asGood, runnerUp } from "@/lib/domain/tax/inference";
import { policyInFull, policyInWords, type RoundingPolicy } from "@/lib/domain/tax/policy";
import { isSamePolicy } from "@/lib/matching/rounding/candidates";
import type { Evidence } from "@/lib/matching/rounding/infer";
import type { Residue, Setting } from "@/lib/matching/rounding/residue";

const counted = (count: number): string => count.toLocaleString("en");

/** "1,068 of 1,318 (81.0 %)". */
export function shareWords(reproduced: number, documents: number): string {
  if (documents === 0) return "none yet";
  const tenths = Math.floor((reproduced * 1000) / documents);
  // Rounded down, so that 100.0 % means all of them.
  return `${counted(reproduced)} of ${counted(documents)} (${(tenths / 10).toFixed(1)} %)`;
}

/** What is known of one policy: the candidate of the evidence that is it. */
export const candidateOf = ({ candidates }: Evidence, policy: RoundingPolicy) =>
  candidates.find((one) => isSamePolicy(one.policy, policy)) ?? null;

/** The runner-up, and what the documents can't tell, in words. */
export function rivalWords(evidence: Evidence): string {
  if (evidence.documents === 0) return "–";
  const second = runnerUp(evidence);
  const equal = asGood(evidence).length;
  const rest =
    equal === 0
      ? ""
      : `; ${equal} ${equal === 1 ? "other policy makes" : "other policies make"} exactly the same documents as the best`;
  if (!second) return `none that these documents tell apart${rest}`;
  return `${policyInWords(second.policy)}: ${shareWords(second.reproduced, evidence.documents)}; ${counted(second.apart)} documents tell them apart${rest}`;
}

const LEVELS: Readonly<Record<RoundingPolicy["level"], string>> = {
  document: "once per document and rate",
  line: "per line",
  unit: "per unit",
  order: "once per order",
};

/** "ERP rounds per line", "SCAYLE uses price calculator v1 for every order", or both with "and" between. */
export function settingWords({ scayle, erp }: Pick<Setting, "scayle" | "erp">): string {
  const ours =
    scayle &&
    `SCAYLE uses ${scayle === "line" ? "price calculator v1" : "the legacy calculator"} for every order`;
  return [ours, erp && `ERP rounds ${LEVELS[erp]}`].filter(Boolean).join(", and ");
}

/** Which setting would leave least, in a sentence. */
export function endWords({ today, settings, currency }: Residue): string {
  const money = (amount: bigint) => `${formatAmount(amount, currency)} ${currency}`;
  const [best] = settings;
  if (today.cents === 0n) return "Nothing is left to end.";
  if (!best || best.left.cents >= today.cents)
    return "No setting of either system, nor of both together, would leave less than there is today.";
  if (best.left.cents === 0n) return `${settingWords(best)}: that would end it.`;
  return `${settingWords(best)}: ${money(best.left.cents)} of ${money(today.cents)} would be left, on ${counted(best.left.documents)} of ${counted(today.documents)} documents.`;
}

/** The two policies that made a difference: SCAYLE's, and the ERP's where one of its documents is concerned. */
export function madeByWords(policies: string): Readonly<{ scayle: string; erp: string }> {
  const [scayle = "", ...erp] = policies.split(" / ");
  return { scayle: scayle || "–", erp: erp.join(" / ") || "– (SCAYLE’s total and its own items)" };
}

/** A policy for a list to choose from, with what it reproduces. */
export function choiceWords(policy: RoundingPolicy, evidence: Evidence | null): string {
  const candidate = evidence && candidateOf(evidence, policy);
  return candidate
    ? `${policyInFull(policy)} – ${shareWords(candidate.reproduced, evidence.documents)}`
    : policyInFull(policy);
}
