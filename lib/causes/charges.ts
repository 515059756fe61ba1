import type { DocumentKind } from "@/lib/domain/document";
import type { GroupLine } from "@/lib/domain/group";
import { linesOf, type Work } from "./work";

/** Charges of each side that the other has no counterpart for. */
export type LoneCharges = Readonly<{ scayle: readonly GroupLine[]; erp: readonly GroupLine[] }>;

const NONE: LoneCharges = { scayle: [], erp: [] };

/**
 * Shipping and fees that stand on one side only. Charges of the same amount are counterparts; of the rest, one of each
 * side and kind (shipping, fee) belong together at different prices. What is then left of a kind on one side, while the
 * other has none of it left, has no counterpart. Where both have several left, nobody can tell which is which: none is lone.
 */
export function loneCharges(work: Work, kind: DocumentKind): LoneCharges {
  const scayle = chargesOf(work, "scayle", kind);
  const erp = chargesOf(work, "erp", kind);
  if (scayle.length === 0 && erp.length === 0) return NONE;
  const left = withoutEqual(scayle, erp);
  if (left.scayle.length === 0 || left.erp.length === 0) return left;
  const kinds = [...new Set([...left.scayle, ...left.erp].map((line) => line.kind))];
  const settled = kinds.map((one) => ({
    scayle: left.scayle.filter((line) => line.kind === one),
    erp: left.erp.filter((line) => line.kind === one),
  }));
  // A kind that both sides have left is a matter of its price, or of nobody's proof.
  const lone = settled.filter((one) => one.scayle.length === 0 || one.erp.length === 0);
  const isCrossed = lone.some((one) => one.scayle.length > 0) && lone.some((one) => one.erp.length > 0);
  // Shipping on one side and a fee on the other may be one charge under two names.
  if (isCrossed) return NONE;
  return { scayle: lone.flatMap((one) => one.scayle), erp: lone.flatMap((one) => one.erp) };
}

const chargesOf = (work: Work, side: "scayle" | "erp", kind: DocumentKind): readonly GroupLine[] =>
  linesOf(work, side, kind).filter((line) => line.itemKey === "charge");

/** Takes charges of the same amount and currency off both sides, those of the same kind and month first. */
function withoutEqual(scayle: readonly GroupLine[], erp: readonly GroupLine[]): LoneCharges {
  let [ofScayle, ofErp] = [scayle, erp];
  for (const isCloser of [isSameKindAndMonth, isSameKind, () => true]) {
    for (const line of ofScayle) {
      const match = ofErp.find(
        (one) => one.gross === line.gross && one.currency === line.currency && isCloser(one, line),
      );
      if (!match) continue;
      ofScayle = ofScayle.filter((one) => one !== line);
      ofErp = ofErp.filter((one) => one !== match);
    }
  }
  return { scayle: ofScayle, erp: ofErp };
}

const isSameKind = (a: GroupLine, b: GroupLine): boolean => a.kind === b.kind;
const isSameKindAndMonth = (a: GroupLine, b: GroupLine): boolean => isSameKind(a, b) && a.period === b.period;
