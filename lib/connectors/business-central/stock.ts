import { objectOf } from "@/lib/domain/json";
import type { Page, Reading } from "../contract";
import type { ItemStock, StockSource } from "../stock";
import { unreadable } from "../wire-values";
import type { Query, Transport } from "./transport";
import { itemWire, WIRE } from "./wire";

/**
 * What a company has on hand: per item, over all its locations and variants, which is all that `items` says. Services and
 * non-stock items have none, and are left out.
 */
export function stockOf(transport: Transport, company: string): StockSource {
  const { name, select, pageSize: usual } = WIRE.items;
  async function* listed(query: Query, pageSize: number = usual): AsyncGenerator<Page<ItemStock>> {
    const pages = transport.pages(`${company}/${name}`, { $select: select, ...query }, pageSize);
    for await (const { entities, answer, last, next } of pages) {
      const kept = entities.filter((entity) => hasStock(objectOf(entity)["type"]));
      yield {
        readings: kept.map((entity) => readItem(entity, answer.sourceTime)),
        sourceTime: answer.sourceTime,
        last,
        next,
      };
    }
  }
  return {
    all: ({ pageSize }) => listed({}, pageSize),
    async of(itemKey) {
      // A quote is doubled in an OData text.
      const query = { $filter: `number eq '${itemKey.replaceAll("'", "''")}'` };
      for await (const { readings } of listed(query)) return readings[0] ?? null;
      return null;
    },
  };
}

const hasStock = (type: unknown): boolean => type === undefined || type === null || type === "Inventory";

function readItem(raw: unknown, sourceTime: Date | null): Reading<ItemStock> {
  const parsed = itemWire.safeParse(raw);
  const { number } = objectOf(raw);
  const itemKey = typeof number === "string" || typeof number === "number" ? String(number).trim() : "";
  return {
    sourceId: itemKey,
    reference: itemKey === "" ? null : itemKey,
    // When the item was changed says nothing of its inventory.
    modifiedAt: null,
    payload: raw,
    personal: null,
    controls: [],
    result: parsed.success
      ? {
          ok: true,
          value: {
            itemKey: parsed.data.number,
            answeredAt: sourceTime,
            levels: [onHand(parsed.data.inventory)],
            master: {
              name: parsed.data.displayName,
              gtin: parsed.data.gtin,
              taxCode: parsed.data.taxGroupCode,
            },
          },
        }
      : unreadable(parsed.error, raw),
  };
}

const onHand = (quantity: string): ItemStock["levels"][number] => ({
  warehouse: null,
  merchant: null,
  measure: "on-hand",
  quantity,
  withoutStock: null,
  changedAt: null,
});
