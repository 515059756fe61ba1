import { amountsBasis } from "@/lib/matching/exceptions";
import { isStanding } from "@/lib/matching/standing-causes";

type About = Readonly<{ cause: string; currency: string; amounts: unknown; evidence: unknown }>;

/** What an exception is about (columns as they are stored), as a hash: its amounts, or what a standing one says of its subject. */
export function basisOf(about: About): string | null {
  if (!isStanding(about.cause)) return amountsBasis(about.amounts, about.currency);
  const { evidence } = about;
  const basis =
    typeof evidence === "object" && evidence !== null && "basis" in evidence ? evidence.basis : null;
  return typeof basis === "string" ? basis : null;
}
