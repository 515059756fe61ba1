/** A code of one of the systems ("partially_shipped") as people write it; null stays null. */
export const wordsOf = (code: string | null): string | null => code && code.replaceAll(/[_-]+/g, " ");
