import { Refusal } from "@/lib/domain/faults";
import { unexpectedAnswer } from "../fault";
import type { StockLevel } from "../stock";
import type { StoreWrite, Trace, WireRequest } from "../write";
import { stockOf } from "./stock";
import type { ScayleGet, ScayleSend } from "./transport";
import { stockWire, WIRE } from "./wire";

/*
 * POST /variants/{variant}/stocks is in SCAYLE's public API. The quantity is absolute. An update whose `changedAt` is older than
 * the last one is ignored, and what is held is answered as a success: the answer is compared with what was sent. A later stamp
 * than the snapshot's would free the reservations of orders that the snapshot doesn't know.
 */

type StockWrite = Extract<StoreWrite, { kind: "stock" }>;

/** What is sent. Throws Refusal "invalid" for a quantity that SCAYLE can't be told. */
export function stockRequest(write: StockWrite): WireRequest & Readonly<{ method: "POST" }> {
  if (!/^\d{1,9}$/.test(write.quantity))
    throw new Refusal(
      "invalid",
      `SCAYLE sells whole pieces, and none below zero: ${write.quantity} of ${write.itemKey} can't be told.`,
    );
  return {
    does: `Tells SCAYLE that ${write.quantity} of ${write.itemKey} may be sold from ${write.warehouse}, as of the ERP's snapshot`,
    method: "POST",
    path: WIRE.paths.stocks(WIRE.byReference(write.itemKey)),
    body: {
      quantity: Number(write.quantity),
      warehouseReferenceKey: write.warehouse,
      changedAt: stampOf(write.changedAt),
      ...(write.withoutStock === null ? {} : { sellableWithoutStock: write.withoutStock }),
      ...(write.merchant === null ? {} : { merchantReferenceKey: write.merchant }),
    },
  };
}

/** SCAYLE writes its times with an offset and whole seconds; what is cut off makes it earlier, which frees no reservation. */
const stampOf = (instant: string): string => instant.replace(/\.\d+/, "").replace(/Z$/, "+00:00");

const secondOf = (instant: Date): number => Math.floor(instant.getTime() / 1000);

/** Whether SCAYLE has it: by the stamp, where it shows one, and no more than was told (orders since then take from it). */
export async function lookAtStock(get: ScayleGet, write: StockWrite): Promise<Trace> {
  const reading = await stockOf(get, write.itemKey);
  if (reading === null) throw new Refusal("not-found", `SCAYLE has no variant ${write.itemKey}.`);
  if (!reading.result.ok)
    throw unexpectedAnswer(stockRequest(write).path, `The stock can't be read: ${reading.result.reason}.`);
  const level = reading.result.value.levels.find(
    (one) => one.warehouse === write.warehouse && one.merchant === write.merchant,
  );
  return level !== undefined && isThere(write, level)
    ? { state: "done", id: write.itemKey, number: null }
    : { state: "none" };
}

function isThere(write: StockWrite, { quantity, changedAt }: Pick<StockLevel, "quantity" | "changedAt">) {
  if (changedAt === null) return Number(quantity) === Number(write.quantity);
  const isOurs = secondOf(changedAt) === secondOf(new Date(write.changedAt));
  return isOurs && Number(quantity) <= Number(write.quantity);
}

/**
 * Tells SCAYLE, and compares what it answers. Throws Refusal "conflict" where it kept what it had: an ignored older update is
 * answered as a success.
 */
export async function sendStock(send: ScayleSend, write: StockWrite, key: string): Promise<Trace> {
  const { method, path, body } = stockRequest(write);
  const { body: answer, address } = await send({ method, path, body, key, scope: WIRE.scopes.stockWrites });
  const parsed = stockWire.safeParse(answer);
  if (!parsed.success)
    throw unexpectedAnswer(
      address,
      "It took the level, and its answer can't be read: it is looked at again.",
    );
  if (isThere(write, parsed.data)) return { state: "done", id: write.itemKey, number: null };
  const { quantity, changedAt } = parsed.data;
  const held =
    changedAt === null
      ? `${quantity} pieces`
      : `${quantity} pieces, stamped ${stampOf(changedAt.toISOString())}`;
  const sent = `${write.quantity} as of ${stampOf(write.changedAt)}`;
  const isNewer = changedAt !== null && secondOf(changedAt) > secondOf(new Date(write.changedAt));
  throw new Refusal(
    "conflict",
    isNewer
      ? `SCAYLE answered with success and ignored it: it was told ${sent}, and keeps ${held}, since that is newer. If that stamp is from the past, read the ERP's stock again and push the newer snapshot. If it lies ahead of the time, a system that pushes stock has a wrong clock or stamps its own time: put that right; until the stamp has passed, SCAYLE ignores every update of this item, and its stock can be put right only in the SCAYLE panel.`
      : `SCAYLE answered with success and something else than it was told: it was told ${sent}, and has ${held}. Read the item's stock again before anything else is pushed.`,
  );
}
