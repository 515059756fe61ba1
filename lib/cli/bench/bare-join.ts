import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** Seconds that DuckDB took, and how many rows it wrote. */
export type BareJoin = Readonly<{ load: number; group: number; join: number; rows: number }>;

const SOURCE = (file: string): string =>
  `read_csv('${file.replaceAll("'", "''")}', header = true, all_varchar = true)`;
const CENTS = (column: string): string => `CAST(CAST(${column} AS DECIMAL(18, 2)) * 100 AS BIGINT)`;
const KEY = "order_no, kind, item";

/** Lines of one file as a join needs them: amounts as whole cents, and a key of order, sale or credit, and item. */
const lines = (file: string, order: string): string =>
  `SELECT ${order} AS order_no, document_type AS kind, coalesce(sku, line_kind) AS item,
          CAST(quantity AS INTEGER) AS quantity, ${CENTS("net_amount")} AS net, ${CENTS("tax_amount")} AS tax,
          ${CENTS("gross_amount")} AS gross FROM ${SOURCE(file)}`;

const grouped = (table: string): string =>
  `SELECT ${KEY}, sum(quantity) AS quantity, sum(net) AS net, sum(tax) AS tax, sum(gross) AS gross FROM ${table} GROUP BY ${KEY}`;

/**
 * What a bare join costs: both sides' lines in DuckDB tables, summed by order and item (a shop has units, an ERP has
 * quantities), joined in full, compared in quantity, net, tax and gross, and the result written to a table on disk.
 * `join` is the join, the comparison and the write alone; no causes, no proofs, no history.
 */
export async function bareJoin(
  folder: string,
  sales: string,
  ledger: string,
  threads: number,
): Promise<BareJoin> {
  const instance = await DuckDBInstance.create(path.join(folder, "bare.duckdb"), {
    threads: String(threads),
  });
  const connection = await instance.connect();
  const timed = async (...statements: readonly string[]): Promise<number> => {
    const started = performance.now();
    for (const statement of statements) await connection.run(statement);
    return (performance.now() - started) / 1000;
  };
  const load = await timed(
    `CREATE TABLE sales AS ${lines(sales, "order_no")}`,
    `CREATE TABLE ledger AS ${lines(ledger, "external_order_no")}`,
    "CHECKPOINT",
  );
  const group = await timed(
    `CREATE TABLE sold AS ${grouped("sales")}`,
    `CREATE TABLE posted AS ${grouped("ledger")}`,
    "CHECKPOINT",
  );
  const join = await timed(
    `CREATE TABLE result AS
       SELECT ${KEY}, s.quantity AS sold_quantity, s.net AS sold_net, s.tax AS sold_tax, s.gross AS sold_gross,
              p.quantity AS posted_quantity, p.net AS posted_net, p.tax AS posted_tax, p.gross AS posted_gross,
              CASE WHEN p.gross IS NULL THEN 'missing' WHEN s.gross IS NULL THEN 'surplus'
                   WHEN s.quantity = p.quantity AND s.net = p.net AND s.tax = p.tax AND s.gross = p.gross THEN 'matched'
                   ELSE 'differs' END AS bucket
         FROM sold s FULL JOIN posted p USING (${KEY})`,
    "CHECKPOINT",
  );
  const reader = await connection.runAndReadAll("SELECT count(*)::INTEGER AS rows FROM result");
  const rows = Number(reader.getRows()[0]?.[0] ?? 0);
  connection.closeSync();
  instance.closeSync();
  return { load, group, join, rows };
}
