import { Decimal } from "decimal.js";
import { momentWords } from "@/lib/domain/moment-words";
import { defineResolution, type Expected, type StockContext } from "./contract";

/** SCAYLE's stamps have whole seconds. */
const secondOf = (at: Date): number => Math.floor(at.getTime() / 1000);

/** Why SCAYLE would ignore the ERP's snapshot, since it goes by a later update of the item; null: it would not. */
function ignoredWhy(
  { stock: { itemKey, erpAt }, now, timeZone }: StockContext,
  { warehouse, changedAt }: StockContext["stock"]["levels"][number],
): string | null {
  const stamp = changedAt === null ? null : new Date(changedAt);
  if (stamp === null || secondOf(stamp) <= secondOf(erpAt)) return null;
  const stamped = momentWords(stamp, timeZone);
  return stamp > now
    ? `SCAYLE goes by an update of ${itemKey} in ${warehouse} that is stamped ${stamped}, which is still to come, and ignores every update with an earlier stamp. It can be pushed after that time; until then its stock can be put right only in the SCAYLE panel. The system that sent it has a wrong clock or stamps a time of its own: put that right, or it comes again.`
    : `SCAYLE goes by an update of ${itemKey} in ${warehouse} that is stamped ${stamped}, later than the ERP’s snapshot of ${momentWords(erpAt, timeZone)}, and would ignore that snapshot. It can be pushed once the ERP’s stock has been read again.`;
}

type Level = StockContext["stock"]["levels"][number];

/** What SCAYLE is expected to sell after a push, by what was read last, and what closes by it. */
function expectedOfPush(
  { stock, timeZone }: StockContext,
  level: Level,
  { quantity, elsewhere }: Readonly<{ quantity: Decimal; elsewhere: Decimal }>,
): Expected {
  const { itemKey, erpAt, scayleAt, orderedSince, levels } = stock;
  // A snapshot does not know the orders after it: SCAYLE keeps their pieces.
  const lessOrdered = (figure: Decimal): string =>
    orderedSince === 0
      ? `${figure}`
      : `${Decimal.max(0, figure.minus(orderedSince))}: ${figure}, less ${orderedSince} ordered since the snapshot`;
  const sold = levels.reduce((sum, one) => sum.plus(one.quantity), new Decimal(0));
  const short = new Decimal(stock.promised).minus(stock.onHand);
  return {
    name: itemKey,
    changes: [
      { what: `${itemKey} in ${level.warehouse}`, before: level.quantity, after: lessOrdered(quantity) },
      ...(levels.length > 1
        ? [
            {
              what: `${itemKey} in all warehouses of the entity`,
              before: `${sold}`,
              after: lessOrdered(quantity.plus(elsewhere)),
            },
          ]
        : []),
      {
        what: "The update that SCAYLE goes by there is stamped",
        before:
          level.changedAt === null ? "SCAYLE shows none" : momentWords(new Date(level.changedAt), timeZone),
        after: momentWords(erpAt, timeZone),
      },
    ],
    readAt: scayleAt.toISOString(),
    timeZone,
    closes: [`Stock differs: ${itemKey}`],
    besides: short.gt(0)
      ? [
          `${short} more are promised to orders than the ERP has: no push puts that right, and the item stays at risk.`,
        ]
      : [],
  };
}

export const pushStock = defineResolution({
  code: "push-stock",
  title: "Push the ERP’s stock",
  meaning:
    "Tells SCAYLE what may be sold by the ERP’s newest snapshot, stamped with the snapshot’s own time: orders that came since keep their pieces. Done when both sides agree again.",
  target: "scayle",
  suits: ["stock-drift"],
  planStock(context) {
    const { stock, store, timeZone } = context;
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
    const ignored = ignoredWhy(context, level);
    if (ignored !== null) return { cannot: ignored };
    const free = Decimal.max(0, new Decimal(stock.onHand).minus(stock.promised));
    const elsewhere = levels
      .filter((one) => one !== level)
      .reduce((sum, one) => sum.plus(one.quantity), new Decimal(0));
    const quantity = free.minus(elsewhere);
    if (quantity.isNegative())
      return {
        cannot: `The ERP has ${free} of ${itemKey} to sell, and SCAYLE sells ${elsewhere} from the other warehouses alone: one of those is wrong, and which can’t be told from the ERP’s one figure.`,
      };
    if (!quantity.isInteger())
      return { cannot: `SCAYLE sells whole pieces: ${quantity} of ${itemKey} can’t be told.` };
    const others = levels.length > 1 ? ` The other warehouses keep their ${elsewhere}.` : "";
    return {
      sentence: `Tells SCAYLE that ${quantity} of ${itemKey} may be sold from ${level.warehouse}, where it has ${level.quantity}: the ERP had ${stock.onHand} on hand, ${stock.promised} of them promised, at ${momentWords(erpAt, timeZone)}.${others} The update is stamped with that time and not with now, so that orders that came since keep their pieces.`,
      effect: `SCAYLE sells ${free} of ${itemKey}, less what was ordered since the snapshot.`,
      undo: "It can’t be taken back as such: a newer snapshot can be pushed.",
      expects: expectedOfPush(context, level, { quantity, elsewhere }),
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
