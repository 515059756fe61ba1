import { acceptTiming } from "./accept-timing";
import type { Resolution, WrittenResolution } from "./contract";
import { correctCharge } from "./correct-charge";
import { correctLine } from "./correct-line";
import { fixMapping } from "./fix-mapping";
import { linkByHand } from "./link-by-hand";
import { markDuplicate } from "./mark-duplicate";
import { postMissingCredit } from "./post-missing-credit";
import { postMissingSale } from "./post-missing-sale";
import { postRoundingDifference } from "./post-rounding-difference";
import { pushStock } from "./push-stock";
import { resendRefund } from "./resend-refund";
import { resync } from "./resync";
import { retryRecord } from "./retry-record";
import { reverseDuplicate } from "./reverse-duplicate";
import { sendLineValues } from "./send-line-values";
import { setTaxCode } from "./set-tax-code";
import { tellScayle } from "./tell-scayle";
import { writeOff } from "./write-off";

/** Every resolution, in the order in which they are offered. */
export const resolutions: readonly Resolution[] = [
  resendRefund,
  sendLineValues,
  pushStock,
  postMissingSale,
  postMissingCredit,
  reverseDuplicate,
  setTaxCode,
  correctLine,
  correctCharge,
  tellScayle,
  fixMapping,
  acceptTiming,
  linkByHand,
  markDuplicate,
  retryRecord,
  postRoundingDifference,
  writeOff,
  resync,
];

/** A resolution by its code; null for one that is not registered any more. */
export const resolutionOf = (code: string): Resolution | null =>
  resolutions.find((one) => one.code === code) ?? null;

/** What a cause is offered, the suggested one first. */
export const resolutionsFor = (cause: string): readonly Resolution[] =>
  resolutions.filter(({ suits }) => suits.includes(cause) || suits.includes("*"));

/** The resolution that is sent and read back for a cause, if there is one. */
export const writtenFor = (cause: string): WrittenResolution | null => {
  const [first] = resolutionsFor(cause).flatMap((one) => (one.kind === "written" ? [one] : []));
  return first ?? null;
};
