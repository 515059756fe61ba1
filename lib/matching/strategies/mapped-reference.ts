import { aliasOf } from "@/lib/domain/identity";
import { NAMED } from "../reference-rules";
import type { Placement, Strategy } from "./contract";
import { onlyBearers } from "./order-reference";

export const mappedReference: Strategy = {
  code: "mapped-reference",
  name: "Mapped reference",
  meaning: "The connection's mapping of references says which order the document's whole reference is.",
  level: "document",
  async place({ client, documents, forms }) {
    const asked = documents.filter((one) => forms.get(one.id)?.startsWith(NAMED));
    if (asked.length === 0) return new Map();
    const { rows } = await client.query<{
      connectionId: string;
      form: string;
      orderKey: string;
      reference: string | null;
    }>(
      `SELECT a.connection_id AS "connectionId", a.form, a.order_key AS "orderKey", o.reference
         FROM alias_form a LEFT JOIN sales_order o ON o.order_key = a.order_key
        WHERE a.connection_id = ANY($1::uuid[]) AND a.form = ANY($2)`,
      [
        [...new Set(asked.map((one) => one.connectionId))],
        [...new Set(asked.map((one) => forms.get(one.id)))],
      ],
    );
    const orders = onlyBearers(
      rows.map(({ connectionId, form, orderKey, reference }) => ({
        name: `${connectionId}${form}`,
        orderKey,
        bears: reference !== null && `${NAMED}${aliasOf(reference)}` === form,
      })),
    );
    return new Map(
      asked.flatMap((one): [string, Placement][] => {
        const orderKey = orders.get(`${one.connectionId}${forms.get(one.id)}`);
        return orderKey ? [[one.id, { orderKey, orderKnown: true, placedBy: mappedReference.code }]] : [];
      }),
    );
  },
};
