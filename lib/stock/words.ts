import { Decimal } from "decimal.js";
import { momentWords } from "@/lib/domain/moment-words";
import type { ItemFigures, Judged } from "./judge";

/** How an item's stock stands, in a sentence with its figures. */
export function explanationOf(itemKey: string, item: ItemFigures, judged: Judged): string {
  if (item.onHand === null || judged.low === null || judged.high === null)
    return `SCAYLE sells ${item.sellable} of ${itemKey}; the ERP says nothing of it, so that it can’t be compared.`;
  const free = Decimal.max(0, new Decimal(item.onHand).minus(judged.promised));
  const stated = `SCAYLE sells ${item.sellable} of ${itemKey}. The ERP has ${item.onHand} on hand, ${judged.promised} of them promised to orders that have not left: ${free} may be sold.`;
  const flight =
    judged.inFlight.length === 0
      ? "Nothing is in flight"
      : `By what is in flight it may be ${judged.low} to ${judged.high}`;
  switch (judged.state) {
    case "waiting":
      return `${stated} SCAYLE’s orders are not read up to both moments yet, so that it can’t be said whether they agree.`;
    case "agrees":
    case "unknown":
      return stated;
    case "in-flight":
      return `${stated} ${flight}, which explains the rest.`;
    case "drifting": {
      const drift = new Decimal(judged.drift);
      return `${stated} ${flight}: SCAYLE sells ${drift.abs()} too ${drift.isPositive() ? "many" : "few"}.`;
    }
  }
}

/** More warehouses than this are counted, and not named. */
const MOST_NAMED = 3;

/** An item and where SCAYLE sells it, as lists name it. */
export function placeOf(itemKey: string, warehouses: readonly string[]): string {
  const named = warehouses.filter((one) => one !== "");
  if (named.length === 0) return itemKey;
  return `${itemKey} in ${named.length > MOST_NAMED ? `${named.length} warehouses` : named.join(", ")}`;
}

/** How far SCAYLE is off, in two words; null: it is not known to be. */
export function matterOf({ state, drift }: Pick<Judged, "state" | "drift">): string | null {
  if (state !== "drifting") return null;
  return `${drift.replace("-", "")} too ${drift.startsWith("-") ? "few" : "many"}`;
}

/** The reckoning behind it, step by step. */
export function stepsOf(
  item: ItemFigures,
  judged: Judged,
  at: Readonly<{ erp: Date | null; scayle: Date; timeZone: string }>,
) {
  const time = (moment: Date | null): string =>
    moment === null ? "never" : momentWords(moment, at.timeZone);
  return [
    `The ERP’s snapshot of ${time(at.erp)}: ${item.onHand ?? "unknown"} on hand.`,
    `Promised ${item.reserved === null ? "by SCAYLE’s orders, confirmed and not shipped at that moment" : "as the ERP states it"}: ${judged.promised}.`,
    ...judged.inFlight.map(
      ({ why, up, down }) =>
        `In flight, ${why}: ${[up !== "0" && `up to ${up} more`, down !== "0" && `up to ${down} fewer`].filter(Boolean).join(", ")}.`,
    ),
    `So SCAYLE may sell ${judged.low === judged.high ? judged.low : `${judged.low} to ${judged.high}`}.`,
    `SCAYLE at ${time(at.scayle)}: ${item.sellable}. Beyond what is in flight: ${judged.drift}.`,
  ];
}
