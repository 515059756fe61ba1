import type { Strategy } from "./contract";

export const aggregatedUnits: Strategy = {
  code: "units",
  name: "Aggregated units",
  meaning:
    "Single units of an item on one side are one line on the other, or spread over several invoices or credits: their quantities agree.",
  level: "line",
};
