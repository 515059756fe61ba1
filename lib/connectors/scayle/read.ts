import type { z } from "zod";
import type { OrderInvoice, SalesOrder } from "@/lib/domain/order";
import type { Reading, Unreadable } from "../contract";
import { readInstant, unreadable } from "../wire-values";
import { orderControls } from "./control";
import { splitOrder } from "./personal";
import { translateInvoice, translateOrder } from "./translate";
import { invoiceWire, orderWire } from "./wire";

/** One order of SCAYLE's as a reading: personal data split off first, then read; a payload that can't be read says why. */
export function readOrder(raw: unknown, shop: string): Reading<SalesOrder> {
  const { payload, personal } = splitOrder(raw);
  const parsed = orderWire.safeParse(payload);
  const found = parsed.success ? translateOrder(parsed.data, shop) : unreadable(parsed.error, payload);
  return { ...labelOf(payload), payload, personal, controls: orderControls(payload), result: found };
}

/** An order's invoice list as a reading; one entry that can't be read fails the list, since a credit note may be in it. */
export function readInvoices(
  orderId: string,
  entities: readonly unknown[],
): Reading<readonly OrderInvoice[]> {
  const split = splitOrder({ entities });
  const parsed = entities.map((entity) => invoiceWire.safeParse(entity));
  const broken = parsed.findIndex((one) => !one.success);
  const error = parsed[broken]?.error;
  return {
    sourceId: orderId,
    reference: null,
    modifiedAt: null,
    payload: split.payload,
    controls: [],
    personal: split.personal && { ...split.personal, customerKey: `order:${orderId}` },
    result: error
      ? entryUnreadable(broken, unreadable(error, entities[broken]))
      : { ok: true, value: parsed.flatMap(invoiceOf) },
  };
}

const entryUnreadable = (index: number, entry: Unreadable): Unreadable => ({
  ...entry,
  reason: `entities[${index}].${entry.reason}`,
});

const invoiceOf = (parsed: z.ZodSafeParseResult<z.infer<typeof invoiceWire>>): readonly OrderInvoice[] =>
  parsed.success ? [translateInvoice(parsed.data)] : [];

/** What can be said of a payload that may be broken anywhere. */
function labelOf(payload: unknown): Pick<Reading<never>, "sourceId" | "reference" | "modifiedAt"> {
  const order = typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : {};
  const id = textOf(order["id"]);
  const updatedAt = order["updatedAt"];
  return {
    sourceId: id ?? "",
    reference: textOf(order["referenceKey"]) ?? textOf(order["publicKey"]) ?? id,
    modifiedAt: typeof updatedAt === "string" ? readInstant(updatedAt) : null,
  };
}

const textOf = (value: unknown): string | null =>
  (typeof value === "string" && value.trim() !== "") || typeof value === "number"
    ? String(value).trim()
    : null;
