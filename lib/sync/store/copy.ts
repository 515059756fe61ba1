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
  const values = new Array<string>(names.length);
  for (let index = 0; index < names.length; index += 1)
    values[index] = copyText(copyable(row[names[index] ?? ""]));
  return values.join("\t");
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
  let from = 0;
  let size = 0;
  for (let index = 0; index < rows.length; index += 1) {
    size += rows[index]?.length ?? 0;
    if (size < PIECE) continue;
    // Joined at once: a text that grows row by row has to be put together again before it can be sent.
    const isTaken = stream.write(Buffer.from(rows.slice(from, index + 1).join("")));
    from = index + 1;
    size = 0;
    if (!isTaken) await Promise.race([once(stream, "drain"), finished]);
  }
  stream.end(Buffer.from(rows.slice(from).join("")));
  await finished;
}
