/** How many open exceptions keep their date although the rules are others now. */
export function keptWords({ byRule, byHand }: Readonly<{ byRule: number; byHand: number }>): string {
  if (byRule + byHand === 0) return "No open exception of this entity has a date.";
  const kept =
    byRule === 1
      ? "1 open exception keeps its date"
      : `${byRule.toLocaleString("en")} open exceptions keep their dates`;
  const hand =
    byHand === 0
      ? ""
      : ` ${byHand.toLocaleString("en")} more have one that a person set: that stays in any case.`;
  return `${kept} as long as you don’t apply the new ones.${hand}`;
}

/** How many open exceptions have another date now, with a space before it; nothing where none has. */
export const movedWords = (moved: number): string =>
  moved === 0
    ? ""
    : moved === 1
      ? " 1 open exception has another date."
      : ` ${moved.toLocaleString("en")} open exceptions have another date.`;
