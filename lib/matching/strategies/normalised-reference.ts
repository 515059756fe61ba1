import { eraPrefix, formArguments, loadReadings } from "../reference-rules";
import type { Placement, Strategy } from "./contract";
import { onlyBearers } from "./order-reference";

export const normalisedReference: Strategy = {
  code: "normalised-reference",
  name: "Normalised reference",
  meaning:
    "Read by the connection's mapping of references (beginnings, endings, separators, zeros), the document's reference is that of exactly one order.",
  level: "document",
  async place({ client, entityId, documents, forms }) {
    const asked = documents.filter((one) => forms.has(one.id));
    if (asked.length === 0) return new Map();
    const found = new Map<string, Placement>();
    for (const [connectionId, { eras }] of await loadReadings(client, entityId)) {
      const own = asked.filter((one) => one.connectionId === connectionId);
      if (own.length === 0) continue;
      for (const era of eras) {
        const { rows } = await client.query<{ name: string; orderKey: string; bears: boolean }>(
          `SELECT a.form AS name, a.order_key AS "orderKey",
                  coalesce($3 || tieout_form(o.reference, $4, $5, $6, $7) = a.form, false) AS bears
             FROM alias_form a LEFT JOIN sales_order o ON o.order_key = a.order_key
            WHERE a.connection_id = $1 AND a.form = ANY($2) AND starts_with(a.form, $3) AND NOT starts_with(a.form, chr(1))`,
          [
            connectionId,
            [...new Set(own.map((one) => forms.get(one.id)))],
            eraPrefix(era),
            ...formArguments(era.rules),
          ],
        );
        const orders = onlyBearers(rows);
        for (const one of own) {
          const orderKey = orders.get(forms.get(one.id) ?? "");
          if (orderKey) found.set(one.id, { orderKey, orderKnown: true, placedBy: normalisedReference.code });
        }
      }
    }
    return found;
  },
};
