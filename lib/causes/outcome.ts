import type { Month } from "@/lib/domain/day";
import type { KnownAmounts } from "@/lib/domain/money";
import type { Bucket, Cause, Claim } from "./contract";
import type { WorkPair } from "./work";

/** What a finding explains of one pair in one period: SCAYLE − ERP in minor units of the pair's currency. */
export type FindingPart = Readonly<{
  pairId: string;
  period: Month;
  currency: string;
  amounts: KnownAmounts;
}>;

/** A claim that was accepted, with the amounts it explains per pair and period. */
export type Finding = Readonly<{
  cause: Cause;
  claim: Claim;
  /** the claim's bucket, else its cause's */
  bucket: Bucket;
  parts: readonly FindingPart[];
  pairIds: readonly string[];
  /** other sets of findings that explain the same difference equally well, in the place of the set this one is in */
  alternatives: readonly (readonly Finding[])[];
}>;

/** A pair as it was found, and where it belongs. */
export type SettledPair = Readonly<{ pair: WorkPair; bucket: Bucket }>;

export type Outcome = Readonly<{ findings: readonly Finding[]; pairs: readonly SettledPair[] }>;
