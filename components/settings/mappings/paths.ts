import type { Route } from "next";

/** A view of the mappings, as its address says it. */
export const mappingsPath = (query: Readonly<Record<string, string>>): Route =>
  `/settings/mappings?${new URLSearchParams(query)}` as Route;
