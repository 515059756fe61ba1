/** "1 exception", "412 exceptions". */
export const countedText = (count: number): string =>
  count === 1 ? "1 exception" : `${count.toLocaleString("en")} exceptions`;
