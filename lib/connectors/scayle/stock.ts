import type { Reading } from "../contract";
import { unexpectedAnswer } from "../fault";
import type { HttpAnswer } from "../http";
import type { ItemStock } from "../stock";
import { unreadable } from "../wire-values";
import { orNull, type ScayleGet } from "./transport";
import { collectionWire, stockWire, WIRE } from "./wire";

/**
 * What may be sold of a variant, in each warehouse, by its SKU; null where SCAYLE has no such variant. An order whose variant
 * has no reference of its own is known by the variant's number: that is tried where the SKU is one.
 */
export async function stockOf(get: ScayleGet, itemKey: string): Promise<Reading<ItemStock> | null> {
  const identifiers = [WIRE.byReference(itemKey), ...(/^\d+$/.test(itemKey) ? [itemKey] : [])];
  for (const identifier of identifiers) {
    const answer = await orNull(get(WIRE.paths.stocks(identifier), {}, WIRE.scopes.stock));
    if (answer) return readStock(itemKey, answer);
  }
  return null;
}

/** One entry that can't be read fails the variant: its warehouse would be missing without a word. */
function readStock(itemKey: string, { address, body, sourceTime }: HttpAnswer): Reading<ItemStock> {
  const parsed = collectionWire.safeParse(body);
  if (!parsed.success) throw unexpectedAnswer(address, "A list of stock should hold `entities`.");
  const { entities } = parsed.data;
  const entries = entities.map((entity) => stockWire.safeParse(entity));
  const levels = entries.flatMap(({ data }) => (data ? [levelOf(data)] : []));
  const broken = entries.findIndex((entry) => !entry.success);
  const error = entries[broken]?.error;
  const fault = error ? unreadable(error, entities[broken]) : null;
  return {
    sourceId: itemKey,
    reference: itemKey,
    modifiedAt: newestOf(levels.map((level) => level.changedAt)),
    payload: { variant: itemKey, entities },
    personal: null,
    controls: [],
    result: fault
      ? { ...fault, reason: `entities[${broken}].${fault.reason}` }
      : { ok: true, value: { itemKey, answeredAt: sourceTime, levels } },
  };
}

const levelOf = (entry: ReturnType<typeof stockWire.parse>): ItemStock["levels"][number] => ({
  warehouse: entry.warehouseReferenceKey,
  merchant: entry.merchantReferenceKey,
  measure: "sellable",
  quantity: entry.quantity,
  withoutStock: entry.sellableWithoutStock,
  changedAt: entry.changedAt,
});

const newestOf = (times: readonly (Date | null)[]): Date | null =>
  times.reduce((newest, time) => (time && (newest === null || time > newest) ? time : newest), null);
