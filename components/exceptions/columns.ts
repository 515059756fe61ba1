/** The cookie in which a browser remembers the columns that are not wanted, joined by points. */
export const COLUMNS_COOKIE = "queue-columns";

/** The columns of the queue that can be left out; the others say which exception a row is, and how much. */
export const optionalColumns = [
  ["document", "Document"],
  ["ageDays", "Age"],
  ["shopName", "Shop"],
  ["channel", "Channel"],
  ["owner", "Owner"],
  ["assignee", "Assignee"],
  ["due", "Due"],
  ["state", "State"],
] as const;
