import { formatAmount } from "@/lib/domain/money";
import { costBasis } from "@/lib/domain/recognition";
import { defineResolution } from "./contract";
import { CannotPlan, planned } from "./drafts";

export const sendLineValues = defineResolution({
  code: "send-line-values",
  title: "Send the items’ values",
  meaning:
    "Tells SCAYLE what the order’s remaining items are worth, from which it makes the order’s total anew. Done when SCAYLE’s total agrees with its items and the ERP.",
  target: "scayle",
  suits: ["tax-not-recalculated"],
  plan: (context) =>
    planned(() => {
      const { group, finding, store } = context;
      const { order } = group;
      if (!order || order.shop === null || store === null)
        throw new CannotPlan("SCAYLE’s order is not known well enough to send its values.");
      const { cost } = order;
      if (cost.net === null || cost.tax === null || cost.gross === null)
        throw new CannotPlan("SCAYLE states no total of this order that could be compared.");
      const basis = costBasis(order, group.invoices, group.settings.recognition);
      const items = basis.flatMap((part) => {
        if (!("sku" in part)) return [];
        const { id, net, tax, gross, taxRate } = part;
        if (net === null || tax === null || taxRate === null)
          throw new CannotPlan(`SCAYLE states no tax of ${part.sku}: its value can’t be sent.`);
        return [{ itemId: id, net, tax, gross, taxRate }];
      });
      if (items.length === 0) throw new CannotPlan("No item of the order is left whose value could be sent.");
      const stale = finding.parts.reduce(
        (all, { amounts }) => ({ tax: all.tax + amounts.tax, gross: all.gross + amounts.gross }),
        { tax: 0n, gross: 0n },
      );
      const tax = cost.tax - stale.tax;
      const gross = cost.gross - stale.gross;
      const money = (minor: bigint) => `${formatAmount(minor, order.currency)} ${order.currency}`;
      return {
        sentence: `Sends the values of ${items.length === 1 ? "the 1 item" : `the ${items.length} items`} that order ${order.reference} still has; its total goes from ${money(cost.gross)} with ${money(cost.tax)} tax to ${money(gross)} with ${money(tax)}.`,
        effect: "The order’s total in SCAYLE is that of its items.",
        undo: "It can’t be taken back as such: other values can be sent.",
        writes: [
          {
            target: "scayle",
            connectionId: store,
            figures: null,
            write: {
              kind: "line-values",
              shop: order.shop,
              orderId: order.id,
              currency: order.currency,
              items,
              total: { net: gross - tax, tax, gross },
            },
          },
        ],
      };
    }),
});
