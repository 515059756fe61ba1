import { halfUp, netOutOf, weightedRate } from "@/lib/sandbox/arithmetic";
import { chargedFor } from "@/lib/sandbox/basket";
import { feeFigures } from "@/lib/sandbox/cost";
import { amountOf, type Edit, type EditMaker, isAdditive, type Site } from "@/lib/sandbox/faults/edits";
import type { ErpLine, FaultName } from "@/lib/sandbox/model";
import type { UntaxedLine } from "@/lib/sandbox/postings";
import { SHIPPING_ACCOUNT, taxCodeFor } from "@/lib/sandbox/retailer";

/** The places of item lines that are still right and bear no discount, in an order by chance. */
function freeItems({ document, taken, random }: Site): number[] {
  const places = document.lines.flatMap((line, index) =>
    line.kind === "Item" && line.discount === 0n && !taken.has(index) ? [index] : [],
  );
  const start = places.length > 0 ? random.integer(0, places.length - 1) : 0;
  return [...places.slice(start), ...places.slice(0, start)];
}

/** Changes one item line, the first that can be changed without moving a cent elsewhere. */
function changeItem(cause: FaultName, change: (line: ErpLine, site: Site) => UntaxedLine | null): EditMaker {
  return (site) => {
    for (const index of freeItems(site)) {
      const line = site.document.lines[index];
      const changed = line && change(line, site);
      if (!changed) continue;
      const edit: Edit = { cause, changes: new Map([[index, changed]]) };
      if (isAdditive(site.document, [edit])) return edit;
    }
    return null;
  };
}

const priced = (line: ErpLine, quantity: bigint, unitPrice: bigint): UntaxedLine => ({
  ...line,
  quantity,
  unitPrice,
  gross: quantity * unitPrice,
});

/** The ERP invoices at a price of another list. */
export const anotherPrice = changeItem("price-wrong", (line, { random }) =>
  priced(line, line.quantity, line.unitPrice + random.pick([-200n, 500n, 1_000n])),
);

/** The ERP invoices one piece more or less than was shipped. */
export const anotherQuantity = changeItem("quantity-wrong", (line, { random }) => {
  const fewer = line.quantity > 1n && random.chance(0.5);
  return priced(line, line.quantity + (fewer ? -1n : 1n), line.unitPrice);
});

/** The ERP credits a part of the price only, or more than was paid. */
export const anotherRefund = changeItem("refund-amount-wrong", (line, { random }) => {
  const percent = random.pick([50, 80, 90, 105]);
  const unitPrice = halfUp(line.unitPrice * BigInt(percent), 100n);
  return unitPrice > 0n ? priced(line, line.quantity, unitPrice) : null;
});

/** The ERP taxes an item at the shop's other rate: same gross, another code, another tax. */
export const anotherTaxCode = changeItem("tax-code-wrong", (line, { order }) => {
  const other = order.shop.taxCodes.find((entry) => entry.rate !== line.rate);
  return other ? { ...line, rate: other.rate, taxCode: other.code } : null;
});

/** The ERP invoices another item of the same rate, that the order doesn't have, at the same price. */
export const anotherItem = changeItem("item-wrong", (line, { order, catalogue, random }) => {
  const ordered = new Set(order.units.map((unit) => unit.variant.sku));
  const others = catalogue.filter(
    (variant) => !ordered.has(variant.sku) && order.shop.rates[variant.category] === line.rate,
  );
  // An item that stands on two lines would be wrong on one of them only.
  const isAlone =
    order.units.filter((unit) => unit.variant.sku === line.number).length === Number(line.quantity);
  const other = others[random.integer(0, Math.max(0, others.length - 1))];
  return other && isAlone ? { ...line, number: other.sku, description: other.name } : null;
});

const placeOfShipping = ({ document, taken }: Site): number =>
  document.lines.findIndex(
    (line, index) => line.kind === "Account" && line.number === SHIPPING_ACCOUNT && !taken.has(index),
  );

/** The ERP forgets the shipping: what is missing are SCAYLE's own figures of it. */
export const noShipping: EditMaker = (site) => {
  const place = placeOfShipping(site);
  const fee = site.order.fees.find((one) => one.kind === "shipping");
  if (place < 0 || !fee) return null;
  return { cause: "shipping-missing", changes: new Map([[place, null]]), missing: feeFigures(fee) };
};

/**
 * Goods of several rates: where SCAYLE taxes shipping at the average of the goods' rates weighted by their net, the ERP
 * takes the country's rate, and the other way round.
 */
export const anotherShippingTax: EditMaker = (site) => {
  const { shop, units } = site.order;
  const place = placeOfShipping(site);
  const line = site.document.lines[place];
  if (!line || new Set(units.map((unit) => unit.rate)).size < 2) return null;
  const goods = units.map((unit) => ({ net: netOutOf(chargedFor(unit), unit.rate).net, rate: unit.rate }));
  const rate = shop.shippingTax === "weighted" ? shop.rates.apparel : weightedRate(goods);
  const changed = { ...line, rate, taxCode: taxCodeFor(shop, rate) };
  const edit: Edit = { cause: "shipping-tax-basis", changes: new Map([[place, changed]]) };
  // Two rates can make the same cents: then nothing is wrong that amounts to anything.
  const differs = amountOf(site.document, edit).tax !== 0n;
  return differs && isAdditive(site.document, [edit]) ? edit : null;
};
