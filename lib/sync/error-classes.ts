/** What sort of fault kept a record from being read, mapped or written: it decides who may do what about it. */
export const errorClasses = [
  "value",
  "missing-reference",
  "connection",
  "rate-limit",
  "permission",
  "too-large",
  "duplicate",
  "schema",
] as const;
export type ErrorClass = (typeof errorClasses)[number];
