import type { StoreWrite } from "@/lib/connectors/write";
import type { GroupLine } from "@/lib/domain/group";
import { absolute, formatAmount } from "@/lib/domain/money";
import { allocateByWeight } from "@/lib/domain/tax/allocation";
import { defineResolution, type ResolutionContext } from "./contract";
import { CannotPlan, planned, positive } from "./drafts";
import { documentOfLines } from "./reversal";

type Refunded = Extract<StoreWrite, { kind: "refund" }>["items"][number];

export const resendRefund = defineResolution({
  code: "resend-refund",
  title: "Send the refund again",
  meaning:
    "Sends SCAYLE the refund of the ERP’s credit memo, with its amount and its items, from which SCAYLE makes the credit note. Done when the credit note is there and both sides agree.",
  target: "scayle",
  suits: ["credit-note-failed"],
  plan: (context) =>
    planned(() => {
      const { group, finding, store } = context;
      const { effect } = finding.claim;
      const { order } = group;
      if (effect.kind !== "aside" || !order || order.shop === null || store === null)
        throw new CannotPlan("SCAYLE’s order is not known well enough to send its refund.");
      const ids = new Set(effect.lineIds);
      const document = documentOfLines(context, ids);
      const credited = group.lines.filter((line) => ids.has(line.id));
      const items = credited.filter((line) => line.kind === "item");
      if (items.length === 0 || items.some((line) => line.granularity === "document"))
        throw new CannotPlan("The credit memo names no items, so it can’t be said which ones come back.");
      const taken = new Set<string>();
      const refunded = items.flatMap((line) => unitsFor(context, line, taken));
      const amount = refunded.reduce((sum, item) => sum + item.gross, 0n);
      const rest = credited.reduce((sum, line) => sum + absolute(line.gross), 0n) - amount;
      return {
        sentence: `Refunds ${refunded.length === 1 ? "1 item" : `${refunded.length} items`} of order ${order.reference}, ${formatAmount(amount, order.currency)} ${order.currency}, as credit memo ${document.number} has it.${
          rest === 0n
            ? ""
            : ` The memo’s charges of ${formatAmount(rest, order.currency)} ${order.currency} are not sent: SCAYLE takes a refund of items.`
        }`,
        effect: "SCAYLE’s invoice list has a credit note, and the items stand as returned.",
        undo: "It can’t be taken back: SCAYLE has no way to withdraw a credit note.",
        writes: [
          {
            target: "scayle",
            connectionId: store,
            figures: null,
            write: {
              kind: "refund",
              shop: order.shop,
              orderId: order.id,
              currency: order.currency,
              amount,
              items: refunded,
              reason: `Credit memo ${document.number}`,
              ...(document.postingDay && { returnedOn: document.postingDay }),
            },
          },
        ],
      };
    }),
});

/** The units of SCAYLE's that a line of the memo credits: sold, not back yet, those of its own price first. */
function unitsFor({ group }: ResolutionContext, line: GroupLine, taken: Set<string>): readonly Refunded[] {
  const count = line.quantity.abs();
  const total = positive(line);
  if (!count.isInteger() || count.isZero())
    throw new CannotPlan(`The memo credits ${count} of ${line.itemKey}, which are no whole units.`);
  const each = total.gross / BigInt(count.toFixed(0));
  const back = new Set(
    group.lines
      .filter((one) => one.side === "scayle" && one.documentKind === "credit")
      .map((one) => one.sourceLineId),
  );
  const units = group.lines
    .filter(
      (one) =>
        one.side === "scayle" &&
        one.documentKind === "sale" &&
        one.kind === "item" &&
        one.itemKey === line.itemKey &&
        !back.has(one.sourceLineId) &&
        !taken.has(one.sourceLineId),
    )
    .sort(
      (a, b) =>
        Number(a.gross !== each) - Number(b.gross !== each) || (a.sourceLineId < b.sourceLineId ? -1 : 1),
    )
    .slice(0, count.toNumber());
  if (units.length < count.toNumber())
    throw new CannotPlan(`SCAYLE has fewer of ${line.itemKey} sold than the memo credits.`);
  for (const unit of units) taken.add(unit.sourceLineId);
  // The memo's figures, unit by unit: where it credits SCAYLE's own prices, they are those.
  const prices = units.map((unit) => unit.gross);
  const isOwn = prices.reduce((sum, price) => sum + price, 0n) === total.gross;
  const gross = isOwn ? prices : allocateByWeight(total.gross, prices, "largest-fraction");
  const tax = allocateByWeight(total.tax, gross, "largest-fraction");
  return units.map((unit, index) => {
    const [withTax = 0n, ofIt = 0n] = [gross[index], tax[index]];
    return { itemId: unit.sourceLineId, quantity: 1, net: withTax - ofIt, tax: ofIt, gross: withTax };
  });
}
