import type { Affair } from "@/lib/sandbox/model";
import { makeRandom } from "@/lib/sandbox/random";

/** A long reference in SCAYLE: shop, number with leading zeros, where it came from. */
export const longReference = (prefix: string, id: number): string =>
  `${prefix}-${String(id).padStart(12, "0")}-W`;

type Loss = "nothing" | "prefix" | "suffix" | "zeros" | "all";

function lose(reference: string, loss: Loss): string {
  const [, prefix = "", zeros = "", digits = "", suffix = ""] =
    /^([A-Z]+-)?(0*)(\d+)(-[A-Z])?$/.exec(reference) ?? [];
  if (digits === "") return reference;
  const kept = (part: string, lost: Loss) => (loss === lost || loss === "all" ? "" : part);
  return `${kept(prefix, "prefix")}${kept(zeros, "zeros")}${digits}${kept(suffix, "suffix")}`;
}

/** The affairs as an ERP writes them that loses a part of some orders' references: prefix, suffix, leading zeros, or all. */
export function withLostReferences(affairs: readonly Affair[], seed: number): Affair[] {
  return affairs.map(({ order, documents }) => {
    const loss = makeRandom(seed, "reference", order.id).pick<Loss>([
      "nothing",
      "prefix",
      "suffix",
      "zeros",
      "all",
    ]);
    const written = documents.map((one) => ({ ...one, writtenReference: lose(one.reference, loss) }));
    return { order, documents: written };
  });
}
