import type pg from "pg";
import { orderGone } from "@/lib/causes/order-gone";
import { type Day, dayIn, monthOf } from "@/lib/domain/day";
import { idOf } from "@/lib/domain/identity";
import type { Moment } from "./exceptions";
import { keepStanding } from "./standing";

type Row = Readonly<{
  order_key: string;
  source_id: string;
  reference: string;
  currency: string;
  gone_at: Date;
  checked_at: Date;
  day: Day | null;
  documents: string;
}>;

/** Records of orders that are held and that their source no longer has; f is the failed record. For SQL. */
export const IS_GONE =
  "(f.gone_at IS NOT NULL AND f.resource = 'orders' AND EXISTS (SELECT FROM sales_order held WHERE held.order_key = f.order_key))";

/** Opens an exception for each order that SCAYLE no longer has, and resolves those of orders that it has again. */
export async function reconcileGoneOrders(
  client: pg.PoolClient,
  entityId: string,
  ownerTeam: string,
  moment: Moment,
): Promise<void> {
  const { rows } = await client.query<Row>(
    `SELECT f.order_key, f.source_id, o.reference, o.currency, f.gone_at, o.checked_at,
            (SELECT min(d.posting_day) FROM document d WHERE d.order_key = f.order_key AND d.side = 'scayle') AS day,
            (SELECT coalesce(string_agg(d.number, ', ' ORDER BY d.number), 'nothing') FROM document d
              WHERE d.order_key = f.order_key AND d.side = 'erp') AS documents
       FROM failed_record f JOIN sales_order o ON o.order_key = f.order_key
      WHERE f.entity_id = $1 AND f.resolved_at IS NULL AND ${IS_GONE} ORDER BY f.order_key`,
    [entityId],
  );
  await keepStanding(
    client,
    entityId,
    { cause: orderGone, ownerTeam, cleared: "SCAYLE has the order again." },
    rows.map((row) => ({
      orderKey: row.order_key,
      subject: `orders ${row.source_id}`,
      documentKind: "sale",
      orderReference: row.reference,
      documentNumber: null,
      period: monthOf(row.day ?? dayIn(row.gone_at, moment.timeZone)),
      currency: row.currency,
      signature: "deleted",
      // Gone another time, or with other documents in the ERP, is another thing to accept. Its worth is for people to judge.
      basis: idOf("order-gone", row.gone_at.toISOString(), row.documents),
      worth: null,
      explanation: `SCAYLE no longer has order ${row.reference}. It counts as it was read last; the ERP has ${row.documents}.`,
      steps: [
        `Read last: ${row.checked_at.toISOString()}.`,
        `Found to be gone: ${row.gone_at.toISOString()}.`,
        "The version that was read last is kept, and shown with the order.",
      ],
    })),
    moment,
  );
}
