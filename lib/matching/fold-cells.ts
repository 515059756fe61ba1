import type pg from "pg";

/** So many rows of changes are read with every sum before they are added up. */
const MANY = 500;

/** Sums that are kept as rows which add up: by what they are told apart, and what is summed. */
const KEPT = {
  line_cell: {
    place: [
      "entity_id",
      "period",
      "currency",
      "side",
      "country",
      "channel_type",
      "channel",
      "rate",
      "code",
      "day",
      "kind",
      "document_kind",
      "account",
    ],
    sums: ["lines", "unknown", "net", "tax", "gross", "discount"],
  },
  difference_cell: {
    place: ["entity_id", "period", "currency", "by", "key"],
    sums: ["nets", "net", "taxes", "tax", "grosses", "gross"],
  },
} as const;

/** The tables of sums that lines and differences add to (prisma/migrations 0068, 0069). */
export type CellTable = keyof typeof KEPT;
export const cellTables = Object.keys(KEPT) as readonly CellTable[];

/** The columns that tell the sums of a table apart, and those that are summed. */
export const cellColumns = (
  table: CellTable,
): Readonly<{ place: readonly string[]; sums: readonly string[] }> => KEPT[table];

/**
 * Adds up the changes of an entity's sums that came since the last time, so that reading them stays quick. One at a time; who reads
 * or counts meanwhile waits for nothing. To be called in a transaction of its own.
 */
export async function foldCells(
  client: pg.ClientBase,
  table: CellTable,
  entityId: string,
  least = MANY,
): Promise<void> {
  const { place, sums } = cellColumns(table);
  const names = place.map((name) => `"${name}"`).join(", ");
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))", [table, entityId]);
  const { rows } = await client.query<{ period: string }>(
    `SELECT period FROM (SELECT period, count(*) AS of_place FROM ${table} WHERE entity_id = $1 GROUP BY ${names}) places
      GROUP BY period HAVING sum(of_place - 1) >= $2`,
    [entityId, least],
  );
  if (rows.length === 0) return;
  await client.query(
    `WITH taken AS (DELETE FROM ${table} WHERE entity_id = $1 AND period = ANY ($2) RETURNING *)
     INSERT INTO ${table} (${names}, ${sums.join(", ")})
     SELECT ${names}, ${sums.map((name) => `sum(${name})`).join(", ")} FROM taken GROUP BY ${names}
     HAVING ${sums.map((name) => `sum(${name}) <> 0`).join(" OR ")}`,
    [entityId, rows.map((row) => row.period)],
  );
}
