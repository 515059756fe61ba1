import type pg from "pg";
import type { Month } from "@/lib/domain/day";

/**
 * From the documents of a month to what counts in it, of one side in one currency; gross, minor units of the currency:
 * documents − countsElsewhere + fromElsewhere = counts. A document stands on its posting day, and each of its lines counts
 * on its own day, which may lie in another month.
 */
export type MonthBridge = Readonly<{
  side: "scayle" | "erp";
  currency: string;
  /** lines of the documents of the month: what the three counts come to */
  documents: bigint;
  /** of these, lines that count in another month */
  countsElsewhere: bigint;
  /** lines that count in this month, of documents of another one */
  fromElsewhere: bigint;
  /** what the tie-out has for the month */
  counts: bigint;
}>;

/** The bridge of each side and currency of a month; sides and currencies without a line in the books are left out. */
export async function findMonthBridge(
  client: pg.ClientBase,
  entityId: string,
  period: Month,
): Promise<readonly MonthBridge[]> {
  const { rows } = await client.query<MonthBridge>(
    `SELECT l.side, l.currency,
            coalesce(sum(l.gross) FILTER (WHERE d.month = $2), 0)::bigint AS documents,
            coalesce(sum(l.gross) FILTER (WHERE d.month = $2 AND l.period <> $2), 0)::bigint AS "countsElsewhere",
            coalesce(sum(l.gross) FILTER (WHERE d.month <> $2 AND l.period = $2), 0)::bigint AS "fromElsewhere",
            coalesce(sum(l.gross) FILTER (WHERE l.period = $2), 0)::bigint AS counts
       FROM line l
       JOIN (SELECT id, order_key, to_char(posting_day, 'YYYY-MM') AS month FROM document WHERE entity_id = $1) d
         ON d.order_key = l.order_key AND d.id = l.document_id
      WHERE l.entity_id = $1 AND l.in_books AND (d.month = $2 OR l.period = $2)
      GROUP BY l.side, l.currency ORDER BY l.side DESC, l.currency`,
    [entityId, period],
  );
  return rows;
}
