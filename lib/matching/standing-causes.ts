/**
 * Causes of exceptions that stand beside the groups: of a record, a feed, a document's history. They are in no pair and no
 * total, and matching a group leaves them alone. For SQL: `cause NOT IN ${STANDING}`.
 */
export const STANDING = "('record-failed', 'feed-behind', 'posted-changed', 'order-gone')";
