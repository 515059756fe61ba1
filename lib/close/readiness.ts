import { formatAmount } from "@/lib/domain/money";
import type { Totals } from "./schema";

/** How ready a period is, in one sentence. `state` carries the sentence's colour and icon. */
export type Readiness = Readonly<{
  state: "ties-out" | "work-left" | "blocked" | "nothing";
  sentence: string;
  /** what blocks the close, one short phrase each, and the cause whose exceptions it stands for */
  blocks: readonly Readonly<{ text: string; cause: string | null }>[];
}>;

/**
 * Says whether a period of an entity ties out, over all its currencies, and what is in the way if not.
 * `open` is the number of exceptions that somebody must still act on in it; `ended`: whether the month is over, before which it is
 * said how it stands so far.
 */
export function readinessOf(summaries: readonly Totals[], open: number, ended = true): Readiness {
  if (summaries.length === 0) {
    return { state: "nothing", sentence: "Nothing has been reconciled for this period yet.", blocks: [] };
  }
  // What has no currency of its own (an unread record, a broken proof) is said by each currency's totals, but is one thing.
  const blocks = [...new Map(summaries.flatMap(blocksOf).map((block) => [block.text, block])).values()];
  if (blocks.length > 0) {
    const what = blocks.length === 1 ? "1 thing blocks" : `${blocks.length} things block`;
    return { state: "blocked", sentence: `${what} the close.`, blocks };
  }
  if (open > 0) {
    const what = open === 1 ? "1 exception still waits" : `${open} exceptions still wait`;
    return {
      state: "work-left",
      sentence: `The figures tie out${ended ? "" : " so far"}, every difference is explained; ${what} for somebody to act.`,
      blocks: [],
    };
  }
  return {
    state: "ties-out",
    sentence: ended
      ? "The period ties out, and nobody has anything left to do."
      : "The period ties out so far, and nobody has anything left to do; it has not ended.",
    blocks: [],
  };
}

function blocksOf(totals: Totals): Readiness["blocks"] {
  const { currency, unexplained } = totals;
  const failed = (totals.buckets.scayle["failed"]?.lines ?? 0) + (totals.buckets.erp["failed"]?.lines ?? 0);
  const records = totals.causes.find((cause) => cause.cause === "record-failed")?.count ?? 0;
  const unread = Math.max(failed, records);
  const blocks = [
    ...(unexplained.count > 0 || unexplained.gross !== 0n
      ? [
          {
            text: `${formatAmount(unexplained.gross, currency)} ${currency} unexplained on ${counted(unexplained.count, "subject")}`,
            cause: "unexplained",
          },
        ]
      : []),
    ...(unread > 0
      ? [{ text: `${counted(unread, "record")} could not be read`, cause: "record-failed" }]
      : []),
    ...totals.proofs
      .filter((proof) => !proof.ok && !proof.name.startsWith("nothing-"))
      .map((proof) => ({
        text: `${proofTitle(proof.name)}: no (${proof.detail ?? "no detail"})`,
        cause: null,
      })),
  ];
  // Records that could not be read have no currency, and block the month once: with the entity's own.
  const broken = totals.proofs.filter((proof) => !proof.ok);
  const isCountedElsewhere = broken.length > 0 && broken.every((proof) => proof.name === "nothing-failed");
  if (blocks.length > 0 || totals.tiesOut || isCountedElsewhere) return blocks;
  return [{ text: `The ${currency} figures do not tie out`, cause: null }];
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const proofTitles: Readonly<Record<string, string>> = {
  "adds-up": "SCAYLE − causes = ERP",
  "one-bucket": "Every line is in exactly one bucket",
  "nothing-lost": "Nothing fetched was lost",
  "versions-agree": "Kept versions add up to the lines",
  "causes-hold": "Causes, pairs and exceptions fit together",
  "source-agrees": "The sources, counted again, agree",
  "nothing-unexplained": "Nothing is unexplained",
  "nothing-failed": "Every record could be read",
};

/** What a proof of a reconciliation says when it holds. */
export const proofTitle = (name: string): string => proofTitles[name] ?? name.replaceAll("-", " ");
