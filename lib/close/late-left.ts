import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { findLate, monthsCarriedInto } from "./late";

type TaxAndGross = Readonly<{ net: Minor; tax: Minor; gross: Minor }>;

/**
 * What came to a closed month in one currency and is proposed for another: SCAYLE − ERP of all of it, minor units, and what journals
 * stand for already, in whichever month they were made.
 */
export type LateLeft = Readonly<{
  from: Month;
  currency: string;
  /** orders */
  count: number;
  tax: Minor;
  gross: Minor;
  /** by journals that were proposed or approved, decisions that nothing is booked among them */
  proposed: TaxAndGross;
  /** by those that were approved */
  approved: TaxAndGross;
}>;

/** What is proposed for a month of the closed ones before it, by month and currency. */
export async function findLateLeft(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<readonly LateLeft[]> {
  const found: LateLeft[] = [];
  // One after the other: a client in a transaction does one thing at a time.
  for (const from of await monthsCarriedInto(client, entityId, month)) {
    const { sums } = await findLate(client, entityId, from, 0);
    const made = await findMade(client, entityId, from, month);
    for (const currency of new Set([
      ...sums.map((one) => one.currency),
      ...made.map((one) => one.currency),
    ])) {
      const sum = sums.find((one) => one.currency === currency);
      const of = (states: readonly string[]) =>
        made
          .filter((one) => one.currency === currency && states.includes(one.state))
          .reduce(
            (all, one) => ({ net: all.net + one.net, tax: all.tax + one.tax, gross: all.gross + one.gross }),
            NOTHING,
          );
      const proposed = of(["asked", "approved"]);
      if ((sum?.count ?? 0) === 0 && proposed.gross === 0n && proposed.tax === 0n) continue;
      found.push({
        from,
        currency,
        count: sum?.count ?? 0,
        tax: (sum?.scayleTax ?? 0n) - (sum?.erpTax ?? 0n),
        gross: (sum?.scayle ?? 0n) - (sum?.erp ?? 0n),
        proposed,
        approved: of(["approved"]),
      });
    }
  }
  return found;
}

const NOTHING: TaxAndGross = { net: 0n, tax: 0n, gross: 0n };

// What takes a journal back stands in the month after, and makes what it stood for open again there.
async function findMade(client: pg.ClientBase | pg.Pool, entityId: string, lateOf: Month, month: Month) {
  const { rows } = await client.query<TaxAndGross & { currency: string; state: string }>(
    `SELECT currency, state, sum(net)::bigint AS net, sum(tax)::bigint AS tax, sum(gross)::bigint AS gross FROM journal
      WHERE entity_id = $1 AND late_of = $2 AND state <> 'rejected' AND (reverses IS NULL OR month <= $3) GROUP BY 1, 2`,
    [entityId, lateOf, month],
  );
  return rows;
}
