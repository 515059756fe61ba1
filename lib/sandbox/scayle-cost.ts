import { chargedFor } from "@/lib/sandbox/basket";
import { costAt, costMoment, feeFigures, listedFees, liveUnits } from "@/lib/sandbox/cost";
import type { Fee, SandboxOrder } from "@/lib/sandbox/model";
import { type Json, wire, wireRate } from "@/lib/sandbox/scayle-item";

function feeJson(fee: Fee): Json {
  const { net, tax, gross } = feeFigures(fee);
  return {
    amount: { withTax: wire(gross), withoutTax: wire(net) },
    category: fee.kind === "shipping" ? "delivery" : "payment",
    key: fee.kind === "shipping" ? "base_shipping_service_cost" : "base_payment_service_cost",
    option: fee.kind === "shipping" ? "standard" : "invoice",
    tax: { vat: { amount: wire(tax), rate: wireRate(fee.rate) } },
  };
}

/** The order's header as it stands at the instant: recalculated to what is neither cancelled nor back. */
export function costJson(order: SandboxOrder, at: number): Json {
  const external = order.calculator === "external";
  const cost = costAt(order, at);
  const fees = listedFees(order, at);
  const units = liveUnits(order, costMoment(order, at));
  const feeTotal = fees.reduce((sum, fee) => sum + fee.gross, 0n);
  const rates = [...new Set([...units.map((unit) => unit.rate), ...fees.map((fee) => fee.rate)])];
  const [rate] = rates;
  const captured = cost.gross > order.giftCard ? cost.gross - order.giftCard : 0n;
  const vat = {
    amount: wire(cost.tax),
    ...(rates.length === 1 && rate !== undefined && !external ? { rate: wireRate(rate) } : {}),
  };
  const taken = units.reduce((sum, unit) => sum + unit.price - chargedFor(unit), 0n);
  return {
    withTax: wire(cost.gross),
    ...(order.netKnown ? { withoutTax: wire(cost.net), tax: { vat } } : {}),
    appliedFees: fees.map(feeJson),
    ...(external
      ? {}
      : {
          appliedReductions:
            taken > 0n
              ? [
                  {
                    category: "voucher",
                    type: "absolute",
                    amount: { absoluteWithTax: wire(taken), relative: 0 },
                  },
                ]
              : [],
          withoutTaxWithMembershipDiscount: wire(cost.net),
        }),
    withTaxWithMembershipDiscountWithoutServiceCosts: wire(cost.gross - feeTotal),
    costCapture: wire(captured),
    hasExternalPrices: external,
  };
}

/** How the order was paid when it was placed; gift cards are payments, not reductions. */
export function paymentJson(order: SandboxOrder): Json[] {
  const gross = [...order.units.map(chargedFor), ...order.fees.map((fee) => fee.gross)].reduce(
    (sum, one) => sum + one,
    0n,
  );
  const card = {
    key: "gift_card",
    amount: wire(order.giftCard),
    transactionKey: `gift-${order.id}`,
    isGiftCard: true,
    data: {},
  };
  const main = {
    key: order.paymentKey,
    amount: wire(gross - order.giftCard),
    transactionKey: `pay-${order.id}`,
    isGiftCard: false,
    data: {},
  };
  if (order.giftCard === 0n) return [main];
  return gross > order.giftCard ? [main, card] : [card];
}

/** What the parcel cost, repeated beside the fee: never add both. Marketplaces don't say. */
export function shippingJson(order: SandboxOrder): Json {
  if (order.calculator === "external") return { policy: "least_packages" };
  const fee = wire(order.fees.find((one) => one.kind === "shipping")?.gross ?? 0n);
  return {
    policy: "least_packages",
    deliveryCosts: fee,
    deliveryCostsWithoutDiscount: fee,
    expressDeliveryCosts: 0,
    expressDeliveryCostsWithoutDiscount: 0,
  };
}
