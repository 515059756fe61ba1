import { z } from "zod";

/** So many letters at least are searched for: one alone begins everything. */
export const LEAST_LETTERS = 2;

/** What a person typed to find a record. */
export const RecordSearch = z.preprocess(
  (value) => (typeof value === "string" ? value : ""),
  z.string().trim().max(120).catch(""),
);
