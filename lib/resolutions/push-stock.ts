import { Decimal } from "decimal.js";
import { defineResolution } from "./contract";

/** The ERP's snapshot in words, with its seconds: they are what SCAYLE goes by. */
const stampWords = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;

export const pushStock = defineResolution({
  code: "push-stock",
  title: "Push the ERP’s stock",
  meaning:
    "Tells SCAYLE what may be sold by the ERP’s newest snapshot, stamped with the snapshot’s own time: orders that came since keep their pieces. Done when both sides agree again.",
  target: "scayle",
  suits: ["stock-drift"],
  planStock({ stock, store }) {
    const { itemKey, levels, main, erpAt } = stock;
    if (store === null) return { cannot: "The entity has no SCAYLE connection of its own, or several." };
    const [only, ...more] = levels;
    const level = more.length === 0 ? only : levels.find((one) => one.warehouse === main);
    if (!level)
      return {
        cannot:
          main === null
            ? "The ERP gives one figure for all warehouses, and SCAYLE sells from several. Say first, under Stock, which warehouse takes the difference."
            : `SCAYLE has no stock of ${itemKey} in ${main}, which takes the difference.`,
      };
    const free = Decimal.max(0, new Decimal(stock.onHand).minus(stock.promised));
    const elsewhere = new Decimal(stock.sellable).minus(level.quantity);
    const quantity = free.minus(elsewhere);
    if (quantity.isNegative())
      return {
        cannot: `The ERP has ${free} of ${itemKey} to sell, and SCAYLE sells ${elsewhere} from the other warehouses alone: one of those is wrong, and which can’t be told from the ERP’s one figure.`,
      };
    if (!quantity.isInteger())
      return { cannot: `SCAYLE sells whole pieces: ${quantity} of ${itemKey} can’t be told.` };
    const others = levels.length > 1 ? ` The other warehouses keep their ${elsewhere}.` : "";
    return {
      sentence: `Tells SCAYLE that ${quantity} of ${itemKey} may be sold from ${level.warehouse}, where it has ${level.quantity}: the ERP had ${stock.onHand} on hand, ${stock.promised} of them promised, at ${stampWords(erpAt)}.${others} The update is stamped with that time and not with now, so that orders that came since keep their pieces.`,
      effect: `SCAYLE sells ${free} of ${itemKey}, less what was ordered since the snapshot.`,
      undo: "It can’t be taken back as such: a newer snapshot can be pushed.",
      writes: [
        {
          target: "scayle",
          connectionId: store,
          figures: null,
          write: {
            kind: "stock",
            itemKey,
            warehouse: level.warehouse,
            merchant: level.merchant,
            quantity: quantity.toString(),
            changedAt: erpAt.toISOString(),
            withoutStock: level.withoutStock,
          },
        },
      ],
    };
  },
});
