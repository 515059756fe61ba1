/** A title within a sentence: its first letter alone is made small, names in it stay as they are. */
export const lowerFirst = (words: string): string => words.slice(0, 1).toLowerCase() + words.slice(1);

/** A sentence's beginning: its first letter alone is made a capital. */
export const upperFirst = (words: string): string => words.slice(0, 1).toUpperCase() + words.slice(1);
