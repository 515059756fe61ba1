/**
 * Causes of exceptions that stand beside the groups: of a record, a feed, a document's history. They are in no pair and no
 * total, and matching a group leaves them alone.
 */
const codes = [
  "record-failed",
  "feed-behind",
  "posted-changed",
  "order-gone",
  "question",
  "stock-drift",
  "status-drift",
];

/** The same for SQL: `cause NOT IN ${STANDING}`. */
export const STANDING = `(${codes.map((code) => `'${code}'`).join(", ")})`;

/** Whether exceptions of a cause stand beside the groups. */
export const isStanding = (cause: string): boolean => codes.includes(cause);
