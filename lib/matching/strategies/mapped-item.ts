import type { Strategy } from "./contract";

export const mappedItem: Strategy = {
  code: "item",
  name: "Order and mapped item",
  meaning:
    "Within the order, lines of the same item (after the item mapping) and period belong together; charges with charges.",
  level: "line",
};
