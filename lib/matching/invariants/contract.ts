/** Which groups a check looks at: a condition on the order key of a table, by its alias. */
export type Within = (alias: string) => string;

/** What must hold of the books. One query that returns no row while it does. */
export type Invariant = Readonly<{
  /** kebab-case and stable: proofs, pages and stored breaches go by it */
  name: string;
  /** what holds, in a sentence for people */
  holds: string;
  /** how what doesn't is counted: "3 lines are in no bucket" */
  breached: (count: number) => string;
  /**
   * Rows of `order_key`, `period` (YYYY-MM) and `detail`, one per breach, of entity $1. `detail` names the record.
   * It looks only at groups that `within` lets pass.
   */
  sql: (within: Within) => string;
  /** looked at on request and in tests only: it opens every stored version */
  deep?: true;
}>;

/** The groups of the temporary table `scope`. */
export const inScope: Within = (alias) => `${alias}.order_key IN (SELECT order_key FROM scope)`;
/** Some groups, whose keys are the statement's second parameter: read by their keys alone. */
export const amongKeys: Within = (alias) => `${alias}.order_key = ANY ($2::uuid[])`;
/** One group, whose key is the statement's second parameter. */
export const ofKey: Within = (alias) => `${alias}.order_key = $2::uuid`;
/** All groups of the entity. */
export const everywhere: Within = () => "true";

/** "3 lines are" */
export const counted = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? `${one} is` : `${many} are`}`;

/**
 * For queries over whole tables. The planner takes a document's key and its order's for unrelated, expects a handful of
 * rows from joins that give all of them, and would look each one up; hashing them is ten times as fast.
 */
export const WHOLE_TABLES = "SET LOCAL enable_nestloop = off; SET LOCAL enable_sort = off";
