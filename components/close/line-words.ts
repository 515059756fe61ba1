const words: Readonly<Record<string, string>> = {
  item: "Item",
  shipping: "Shipping",
  fee: "Fee",
  gift_card: "Gift card sold",
  discount: "Discount",
  rounding: "Rounding",
  header: "Stated by the order beyond its items and fees",
  charge: "Shipping and fees",
  document: "The whole document",
};

/** What a line or a pair is of: its item, else what it charges for. */
export const lineWords = (kind: string, item: string | null): string =>
  kind === "item" && item ? item : (words[kind] ?? item ?? kind);
