import type { Tone } from "@/components/ui/tone";
import type { BucketName } from "@/lib/close/schema";

/** What a bucket is called. */
export const bucketWords: Readonly<Record<BucketName, string>> = {
  matched: "Matched",
  explained: "Explained",
  open: "Open",
  accepted: "Accepted",
  timing: "Timing",
  excluded: "Excluded by a rule",
  failed: "Failed",
};

/** Which of the four meanings a bucket has. */
export const bucketTones: Readonly<Record<BucketName, Tone>> = {
  matched: "agrees",
  explained: "explained",
  open: "attention",
  accepted: "explained",
  timing: "neutral",
  excluded: "neutral",
  failed: "broken",
};
