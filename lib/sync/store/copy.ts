import { once } from "node:events";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { toJson } from "@/lib/domain/json";

/** A value of a COPY row in text format. */
export type CopyValue = string | number | bigint | boolean | Date | null;

// What the text format gives a meaning to.
const SPECIAL = /[\\\t\n\r]/;

/** One value as COPY's text format has it. */
export function copyText(value: CopyValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") return SPECIAL.test(value) ? escaped(value) : value;
  if (value instanceof Date) return value.toISOString();
  return String(value);
}

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r");

/** The names in a list of columns with their types ("id uuid, at date"). */
export const columnNames = (columns: string): readonly string[] =>
  columns.split(",").map((column) => column.trim().split(/\s+/)[0] ?? "");

/** The values of some columns of a row that is written as an object; what is no plain value is written as JSON. */
export const copyValues = (row: Readonly<Record<string, unknown>>, names: readonly string[]): string => {
  let text = "";
  for (const name of names)
    text += text === "" ? copyText(copyable(row[name])) : `\t${copyText(copyable(row[name]))}`;
  return text;
};

function copyable(value: unknown): CopyValue {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return value;
    case "undefined":
      return null;
    default:
      return value === null || value instanceof Date ? value : toJson(value);
  }
}

/** Writes are cut into pieces of about this size, so that a slow server holds the sender back. */
const PIECE = 256 * 1024;

/**
 * Sends rows in COPY's text format into a table, in the client's transaction. `columns` are names divided by commas.
 *
 * @throws what the database says of the rows
 */
export async function copyInto(
  client: pg.ClientBase,
  table: string,
  columns: string,
  rows: readonly string[],
): Promise<void> {
  if (rows.length === 0) return;
  const stream = client.query(copyFrom(`COPY "${table}" (${columns}) FROM STDIN`));
  const finished = once(stream, "finish");
  // A COPY that fails ends here and not in a write that still waits.
  finished.catch(() => undefined);
  let piece = "";
  for (const row of rows) {
    piece += row;
    if (piece.length < PIECE) continue;
    const isTaken = stream.write(piece);
    piece = "";
    if (!isTaken) await Promise.race([once(stream, "drain"), finished]);
  }
  stream.end(piece);
  await finished;
}
