import { halfUp, netOutOf, weightedRate } from "@/lib/sandbox/arithmetic";
import { priceIn, type Variant } from "@/lib/sandbox/catalogue";
import type { Fee, Reduction, SandboxOrder, Unit } from "@/lib/sandbox/model";
import { makeHex, type Random } from "@/lib/sandbox/random";
import type { Outlet, SandboxShop } from "@/lib/sandbox/retailer";

type Basket = Pick<SandboxOrder, "units" | "fees" | "voucher" | "giftCard">;

/** What SCAYLE charges for the unit in the end: the price, or what the absolute voucher leaves of it. */
export function chargedFor(unit: Unit): bigint {
  return unit.voucherPrice ?? unit.price;
}

/** The price after so many percent off, in whole tens of cents as this retailer's price lists have them. */
function reduced(price: bigint, percent: number): bigint {
  return halfUp(price * BigInt(100 - percent), 1_000n) * 10n;
}

/** Some people add something to read, which is taxed at another rate than what they came for. */
function chooseVariants(random: Random, catalogue: readonly [Variant, ...Variant[]]): Variant[] {
  const count = random.pick([1, 1, 1, 1, 2, 2, 2, 3, 4]);
  const chosen = new Map<number, Variant>();
  const books = catalogue.filter((variant) => variant.category === "book");
  const [first, ...rest] = books;
  if (first && random.chance(0.12)) {
    const book = random.pick([first, ...rest]);
    chosen.set(book.id, book);
  }
  for (let tries = 0; chosen.size < count && tries < 20; tries += 1) {
    const variant = random.pick(catalogue);
    chosen.set(variant.id, variant);
  }
  return [...chosen.values()];
}

function makeUnits(
  random: Random,
  outlet: Outlet,
  orderId: number,
  variants: Variant[],
  voucher: Basket["voucher"],
): Unit[] {
  const { shop } = outlet;
  const external = outlet.channel?.type === "marketplace";
  const units: Unit[] = [];
  for (const variant of variants) {
    const undiscounted = priceIn(shop, variant);
    const reductions: Reduction[] = [];
    let price = undiscounted;
    if (!external && random.chance(0.12)) {
      const percent = random.pick([20, 30]);
      const sale = reduced(price, percent);
      reductions.push({ category: "sale", type: "relative", amount: price - sale, percent });
      price = sale;
    }
    if (voucher?.type === "relative") {
      const after = reduced(price, voucher.value);
      const amount = price - after;
      reductions.push({
        category: "voucher",
        type: "relative",
        amount,
        percent: voucher.value,
        code: voucher.code,
      });
      price = after;
    }
    const quantity = random.pick([1, 1, 1, 1, 1, 2, 2, 3]);
    for (let piece = 0; piece < quantity; piece += 1) {
      const id = orderId * 100 + units.length + 1;
      units.push({
        id,
        key: makeHex(32, "item", id),
        variant,
        rate: shop.rates[variant.category],
        undiscounted,
        price,
        voucherPrice: null,
        reductions,
        cancelledAt: null,
        shipment: null,
        credit: null,
      });
    }
  }
  return units;
}

/** An absolute voucher sits on one unit only, the dearest; a voucher worth more than that unit is not given. */
function placeAbsoluteVoucher(units: Unit[], value: number): boolean {
  const dearest = units.reduce<Unit | null>(
    (best, unit) => (best && best.price >= unit.price ? best : unit),
    null,
  );
  if (!dearest || dearest.price <= BigInt(value) + 200n) return false;
  dearest.voucherPrice = dearest.price - BigInt(value);
  return true;
}

function makeFees(random: Random, shop: SandboxShop, units: Unit[]): Fee[] {
  const fees: Fee[] = [];
  const gross = units.reduce((sum, unit) => sum + chargedFor(unit), 0n);
  if (gross < shop.freeShippingFrom) {
    const goods = units.map((unit) => ({ net: netOutOf(chargedFor(unit), unit.rate).net, rate: unit.rate }));
    const rate = shop.shippingTax === "country" ? shop.rates.apparel : weightedRate(goods);
    fees.push({ kind: "shipping", gross: shop.shippingFee, rate });
  }
  if (random.chance(0.06)) fees.push({ kind: "payment", gross: 200n, rate: shop.rates.apparel });
  return fees;
}

/** What somebody puts into the basket and how it is priced: units, reductions, fees, gift card. */
export function makeBasket(
  random: Random,
  outlet: Outlet,
  orderId: number,
  catalogue: readonly [Variant, ...Variant[]],
): Basket {
  const external = outlet.channel?.type === "marketplace";
  const luck = random.next();
  let voucher: Basket["voucher"] = null;
  if (!external && luck < 0.07) voucher = { code: "WELCOME", type: "relative", value: random.pick([10, 20]) };
  else if (!external && luck < 0.14)
    voucher = { code: "THANKYOU", type: "absolute", value: random.pick([500, 1_000, 2_000]) };
  const units = makeUnits(random, outlet, orderId, chooseVariants(random, catalogue), voucher);
  if (voucher?.type === "absolute" && !placeAbsoluteVoucher(units, voucher.value)) voucher = null;
  const fees = outlet.channel ? [] : makeFees(random, outlet.shop, units);
  const total = [...units.map(chargedFor), ...fees.map((fee) => fee.gross)].reduce(
    (sum, one) => sum + one,
    0n,
  );
  const card = !external && random.chance(0.05) ? random.pick([1_000n, 2_500n, 5_000n]) : 0n;
  return { units, fees, voucher, giftCard: card < total ? card : total };
}
