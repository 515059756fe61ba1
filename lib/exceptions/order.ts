import type { ExceptionRow } from "./data";
import { amountIn, extentIn } from "./filter";
import type { ExceptionQuery, ExceptionSort } from "./schema";

type Key = Readonly<{ sql: string; type: "text" | "date" | "bigint" | "uuid" }>;

/** By what the list is sorted: columns that all run the same way, the last of them an id, so that a row is one place. */
export type Order = Readonly<{
  keys: readonly Key[];
  direction: "ASC" | "DESC";
  /** the first column may be unknown: such rows come last, whichever the direction */
  nullable: boolean;
}>;

const ID: Key = { sql: "e.id", type: "uuid" };
const text = (sql: string): Key => ({ sql, type: "text" });
const columns: Readonly<Record<Exclude<ExceptionSort, "gross" | "value" | "due">, Key>> = {
  cause: text("e.cause"),
  order: text("e.order_reference"),
  document: text("e.document_number"),
  age: { sql: "e.age_day", type: "date" },
  owner: text("e.owner_team"),
  assignee: text("u.name"),
  state: text("e.state"),
};
const MAY_BE_NULL: ReadonlySet<string> = new Set(["order", "document", "assignee", "due"]);

/** The order that a query asks for. Of what is due on one day the larger comes first (of the whole exception, in any month). */
export function orderOf({ sort, period }: Pick<ExceptionQuery, "sort" | "period">): Order {
  const name = sort.replace(/^-/, "") as ExceptionSort;
  // An age grows as the day lies further back.
  const direction = sort.startsWith("-") === (name === "age") ? "ASC" : "DESC";
  const gross = amountIn("gross", period);
  const amount = (sql: string): Key => ({ sql, type: "bigint" });
  const keys =
    name === "due"
      ? [{ sql: "e.due", type: "date" } as const, amount("(-abs(e.gross))"), ID]
      : [name === "gross" ? amount(gross) : name === "value" ? amount(extentIn(period)) : columns[name], ID];
  return { keys, direction, nullable: MAY_BE_NULL.has(name) };
}

/** The same as SQL for a list that is read as a whole. */
export const orderSql = ({ keys, direction, nullable }: Order): string =>
  keys.map(({ sql }, at) => `${sql} ${direction}${nullable && at === 0 ? " NULLS LAST" : ""}`).join(", ");

/** A place in the list: the columns of the row there. */
export type Place = readonly (string | null)[];

const FORMS: Readonly<Record<Key["type"], RegExp>> = {
  text: /^/,
  date: /^\d{4}-\d\d-\d\d$/,
  bigint: /^-?\d{1,18}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
};

/** Writes a place for an address. */
export const placeText = (place: Place): string => Buffer.from(JSON.stringify(place)).toString("base64url");

/** Reads it back; null where it is none of this order: the list begins at its first row then. */
export function placeOf(order: Order, after: string | undefined): Place | null {
  if (after === undefined) return null;
  try {
    const parts: unknown = JSON.parse(Buffer.from(after, "base64url").toString());
    if (!Array.isArray(parts) || parts.length !== order.keys.length) return null;
    const fits = order.keys.every(({ type }, at) => {
      const part: unknown = parts[at];
      if (part === null) return order.nullable && at === 0;
      return (
        typeof part === "string" &&
        !part.includes("\0") &&
        FORMS[type].test(part) &&
        (type !== "date" || !Number.isNaN(Date.parse(part)))
      );
    });
    return fits ? (parts as Place) : null;
  } catch {
    return null;
  }
}

export type Step = Readonly<{ sql: string; params: readonly unknown[] }>;

/**
 * The conditions under which the rows after a place follow, in the order in which they are asked: those whose first column is
 * known, then the others. `next` numbers the parameters.
 */
export function stepsAfter(order: Order, place: Place | null, next: number): readonly Step[] {
  const [first] = order.keys;
  if (!first) return [];
  const sign = order.direction === "ASC" ? ">" : "<";
  const beyond = (keys: readonly Key[], parts: Place): Step =>
    place === null
      ? { sql: "true", params: [] }
      : {
          sql: `(${keys.map(({ sql }) => sql).join(", ")}) ${sign} (${keys.map(({ type }, at) => `$${next + at}::${type}`).join(", ")})`,
          params: parts,
        };
  const known = beyond(order.keys, place ?? []);
  if (!order.nullable) return [known];
  const isUnknown = place !== null && place[0] === null;
  const rest = isUnknown ? beyond(order.keys.slice(1), place.slice(1)) : { sql: "true", params: [] };
  return [
    ...(isUnknown ? [] : [{ ...known, sql: `${first.sql} IS NOT NULL AND ${known.sql}` }]),
    { ...rest, sql: `${first.sql} IS NULL AND ${rest.sql}` },
  ];
}

/** A row with the columns that it is sorted by. */
export type PlacedRow = ExceptionRow & Readonly<{ place: Place }>;
