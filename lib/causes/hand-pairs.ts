import type { Group, GroupLine } from "@/lib/domain/group";

const APART = "apart ";

/** Whether an item is that of a line which a person took out of its pair: it stands for no other. */
export const isTakenApart = (itemKey: string): boolean => itemKey.startsWith(APART);

/**
 * A group with its lines under the items that people gave them: those paired by hand under the item of their first
 * SCAYLE line, ERP lines taken out of their pair under an item of their own. All counting of units follows from that.
 * What is no pair (any more), for want of lines on both sides, is left as it is.
 */
export function underHandPairs(group: Group): Group {
  const items = new Map<string, Pick<GroupLine, "itemKey" | "kind">>();
  for (const { kind, lineIds } of group.handPairs ?? []) {
    const lines = linesOf(group.lines, lineIds);
    if (kind === "apart") {
      for (const line of lines.filter((one) => one.side === "erp"))
        items.set(line.id, { itemKey: `${APART}${line.sourceLineId}`, kind: line.kind });
      continue;
    }
    const first = lines.find((line) => line.side === "scayle");
    if (!first || !isPair(lines)) continue;
    for (const line of lines) items.set(line.id, { itemKey: first.itemKey, kind: first.kind });
  }
  if (items.size === 0) return group;
  return { ...group, lines: group.lines.map((line) => ({ ...line, ...items.get(line.id) })) };
}

/** The lines of each pair made by hand, as far as it still is one among these lines. */
export const handPairsAmong = (
  group: Group,
  lines: readonly GroupLine[],
): readonly Readonly<{ id: string; lines: readonly GroupLine[] }>[] =>
  (group.handPairs ?? [])
    .filter(({ kind }) => kind === "together")
    .map(({ id, lineIds }) => ({ id, lines: linesOf(lines, lineIds) }))
    .filter((pair) => isPair(pair.lines));

function linesOf(lines: readonly GroupLine[], ids: readonly string[]): readonly GroupLine[] {
  const wanted = new Set(ids);
  return lines.filter((line) => wanted.has(line.id));
}

const isPair = (lines: readonly GroupLine[]): boolean =>
  new Set(lines.map((line) => line.side)).size === 2 &&
  new Set(lines.map((line) => `${line.documentKind} ${line.currency}`)).size === 1;
