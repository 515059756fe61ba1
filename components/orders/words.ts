/** A code of one of the systems ("shipping_partially_delivered") as people write it ("partially delivered"); null stays null. */
export const wordsOf = (code: string | null): string | null =>
  plainOf(code)?.replace(/^(order|shipping|billing) (?=.)/, "") ?? null;

const plainOf = (code: string | null): string | null => code?.replaceAll(/[_-]+/g, " ") ?? null;
