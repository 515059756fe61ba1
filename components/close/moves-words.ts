import type { Tone } from "@/components/ui/tone";
import type { BucketName } from "@/lib/close/schema";
import type { MoveFigure, MoveReason, MoveTotal } from "@/lib/moves/schema";
import { bucketWords } from "./bucket-words";

/** What made totals move, in words; the second says more. */
export const reasonWords: Readonly<Record<MoveReason, readonly [string, string]>> = {
  source: ["Source changed", "A document came, changed or went at its source"],
  person: ["Somebody acted", "Something was accepted, opened again or paired by hand"],
  setting: ["Setting changed", "A setting, mapping or rule was changed"],
  time: [
    "Time passed",
    "Nothing of it changed: it was on its way, or its month was not over, and now it is otherwise",
  ],
  other: ["Matched otherwise", "Nothing of it changed, and it is matched otherwise than before"],
  before: ["Before", "It was there before movements were kept"],
};

export const reasonTones: Readonly<Record<MoveReason, Tone>> = {
  source: "explained",
  person: "agrees",
  setting: "attention",
  time: "neutral",
  other: "attention",
  before: "neutral",
};

export const figureWords: Readonly<Record<MoveFigure, string>> = {
  gross: "Gross",
  net: "Net",
  tax: "Tax",
  count: "Count",
};

/** A total as a heading names it. `cause` is the title of a cause. */
export function totalWords(total: MoveTotal, cause: string | null): string {
  switch (total.name) {
    case "scayle":
      return "SCAYLE’s total";
    case "erp":
      return "the ERP’s total";
    case "explained":
      return "the explained difference";
    case "unexplained":
      return "the unexplained difference";
    case "cause":
      return `the cause “${cause ?? total.key}”`;
    case "scayle-bucket":
      return `SCAYLE’s lines in “${bucketWords[total.key as BucketName] ?? total.key}”`;
    case "erp-bucket":
      return `the ERP’s lines in “${bucketWords[total.key as BucketName] ?? total.key}”`;
  }
}

/** A count that moved: "+12", "−3". */
export const countText = (value: bigint): string =>
  `${value > 0n ? "+" : value < 0n ? "−" : ""}${(value < 0n ? -value : value).toLocaleString("en")}`;
