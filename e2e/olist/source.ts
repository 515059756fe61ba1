import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "csv-parse/sync";
import { z } from "zod";

const orderRows = z.array(z.object({ order_id: z.string(), order_purchase_timestamp: z.string() }));
const itemRows = z.array(
  z.object({
    order_id: z.string(),
    order_item_id: z.string(),
    product_id: z.string(),
    price: z.string(),
    freight_value: z.string(),
  }),
);
const paymentRows = z.array(
  z.object({
    order_id: z.string(),
    payment_sequential: z.string(),
    payment_type: z.string(),
    payment_value: z.string(),
  }),
);

/** The three files of the Olist sample, as texts. */
export type OlistSample = Readonly<{
  orders: z.infer<typeof orderRows>;
  items: z.infer<typeof itemRows>;
  payments: z.infer<typeof paymentRows>;
}>;

/** Reads the sample's files from a folder. */
export async function readOlist(folder: string): Promise<OlistSample> {
  const read = async (name: string): Promise<unknown> =>
    parse(await readFile(path.join(folder, `olist_${name}_dataset.csv`)), { columns: true, bom: true });
  return {
    orders: orderRows.parse(await read("orders")),
    items: itemRows.parse(await read("order_items")),
    payments: paymentRows.parse(await read("order_payments")),
  };
}
