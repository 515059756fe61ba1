import type { Group, GroupLine } from "@/lib/domain/group";
import { alternativesFor } from "./alternatives";
import { explainOnce } from "./engine";
import { underHandPairs } from "./hand-pairs";
import type { Outcome } from "./outcome";
import { compareText } from "./work";

/**
 * Explains a group: sets aside what stands alone, pairs the rest, corrects the ERP's lines cause by cause, and gives
 * what is left to rounding or to `unexplained`. For every pair and period SCAYLE − ERP = Σ parts, exactly.
 * Where another set of causes explains the same equally well, the findings in question say so (`alternatives`).
 */
export function explainGroup(asLoaded: Group): Outcome {
  const group = inOrder(underHandPairs(asLoaded));
  const outcome = explainOnce(group, null);
  return outcome
    ? { ...outcome, findings: alternativesFor(group, outcome.findings) }
    : { findings: [], pairs: [] };
}

/** The outcome must not depend on the order in which records arrived: lines by day and id, documents by id. */
function inOrder(group: Group): Group {
  return { ...group, lines: ordered(group.lines, byDayAndId), documents: ordered(group.documents, byId) };
}

const byDayAndId = (a: GroupLine, b: GroupLine): number =>
  compareText(a.day, b.day) || compareText(a.id, b.id);
const byId = (a: Readonly<{ id: string }>, b: Readonly<{ id: string }>): number => compareText(a.id, b.id);

function ordered<Item>(items: readonly Item[], compare: (a: Item, b: Item) => number): readonly Item[] {
  for (let index = 1; index < items.length; index += 1) {
    const [before, item] = [items[index - 1], items[index]];
    if (before !== undefined && item !== undefined && compare(before, item) > 0)
      return [...items].sort(compare);
  }
  return items;
}
