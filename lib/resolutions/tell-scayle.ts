import type { StoreWrite } from "@/lib/connectors/write";
import { dayIn, dayName } from "@/lib/domain/day";
import type { SalesOrder } from "@/lib/domain/order";
import type { Wait } from "@/lib/domain/status/judge";
import { transitionOf } from "@/lib/domain/status/transitions";
import { defineResolution } from "./contract";
import { CannotPlan, planned } from "./drafts";
import { expectedOf } from "./expected";

type Told = Readonly<{ write: StoreWrite; sentence: string; effect: string; undo: string }>;

const ASK_SCAYLE = "Ask SCAYLE’s support";

export const tellScayle = defineResolution({
  code: "tell-scayle",
  title: "Tell SCAYLE",
  meaning:
    "Tells SCAYLE of the step that the ERP has made and SCAYLE was not told of: that items left, never leave or came back, or the ERP’s number. Done when the order shows it.",
  target: "scayle",
  suits: ["status-drift"],
  plan: ({ group, drift, store, timeZone, told: known, today }) =>
    planned(() => {
      const { order } = group;
      if (drift === undefined)
        throw new CannotPlan(
          "SCAYLE’s states can’t be set from outside: SCAYLE’s support has to put them right.",
          ASK_SCAYLE,
        );
      const { call, push, pusher } = transitionOf(drift.transition);
      if (call === null)
        throw new CannotPlan(
          `No call of either system makes this step. ${push} It clears itself once the step is read.`,
          pusher === "SCAYLE" ? ASK_SCAYLE : pusher === "the warehouse" ? "Ask the warehouse" : undefined,
        );
      if (!order || order.shop === null || store === null)
        throw new CannotPlan("SCAYLE’s order is not known well enough to tell SCAYLE anything of it.");
      const told = toldOf(order, order.shop, drift, timeZone);
      return {
        sentence: told.sentence,
        effect: told.effect,
        undo: told.undo,
        expects: expectedOf(
          drift,
          { told: known, today, countsShipped: group.settings.recognition.recognition === "shipped" },
          dayIn(drift.day ?? drift.since, timeZone),
        ),
        writes: [{ target: "scayle", connectionId: store, figures: null, write: told.write }],
      };
    }),
});

function toldOf(order: SalesOrder, shop: string, drift: Wait, timeZone: string): Told {
  const of = { shop, orderId: order.id };
  const itemIds = [...drift.items];
  const items = itemIds.length === 1 ? "1 item" : `${itemIds.length} items`;
  const documents = drift.documents.join(", ");
  const since = dayIn(drift.day ?? drift.since, timeZone);
  switch (drift.transition) {
    case "tell-shipment": {
      const { carrier, shipmentKey, isKnown } = parcelOf(order, itemIds, drift.documents);
      return {
        write: { kind: "shipment", ...of, itemIds, carrier, shipmentKey },
        sentence: `Tells SCAYLE that ${items} of order ${order.reference} left, as the ERP has invoiced with ${documents}. ${
          isKnown
            ? `The parcel is ${shipmentKey}.`
            : `Neither system says the parcel’s number: ${shipmentKey} stands for it, and the customer reads it.`
        } SCAYLE counts it as sold when it is told; if the ERP posted it in another month, that shows as a cut-off.`,
        effect: "The items stand as shipped in SCAYLE.",
        undo: "It can’t be taken back: SCAYLE captures the payment and makes the invoice.",
      };
    }
    case "tell-cancellation":
      return {
        write: { kind: "cancellation", ...of, itemIds },
        sentence: `Tells SCAYLE that ${items} of order ${order.reference} will not be delivered: the ERP took ${documents} back.`,
        effect: "The items stand as cancelled in SCAYLE.",
        undo: "It can’t be taken back: SCAYLE releases the payment.",
      };
    case "tell-return":
      return {
        write: { kind: "return", ...of, itemIds, returnedOn: since },
        sentence: `Tells SCAYLE that ${items} of order ${order.reference} came back on ${dayName(since)}, as credit memo ${documents} has it. Which of several equal items it is, no memo says: the first are named.`,
        effect: "The items stand as returned in SCAYLE.",
        undo: "It can’t be taken back: SCAYLE makes the credit note and starts the refund.",
      };
    case "reference": {
      const referenceKey = drift.key ?? "";
      return {
        write: { kind: "reference-key", ...of, referenceKey },
        sentence: `Writes ${referenceKey} to SCAYLE as the reference key of order ${order.reference}: by it the ERP has it.`,
        effect: "The order goes by the ERP’s number in SCAYLE; it is still found by its other names.",
        undo: "Another key can be written over it.",
      };
    }
    default:
      throw new CannotPlan(transitionOf(drift.transition).push);
  }
}

/** The parcel that items are to leave with: SCAYLE wants its carrier and its number. */
function parcelOf(
  order: SalesOrder,
  itemIds: readonly string[],
  documents: readonly string[],
): Readonly<{ carrier: string; shipmentKey: string; isKnown: boolean }> {
  const named = new Set(itemIds);
  const packages = new Set(
    order.items.flatMap((item) => (named.has(item.id) && item.packageId !== null ? [item.packageId] : [])),
  );
  const [own] = order.packages.filter((one) => packages.has(one.id));
  const carrier = own?.carrier ?? order.packages.find((one) => one.carrier !== null)?.carrier ?? null;
  if (carrier === null)
    throw new CannotPlan(
      "SCAYLE wants to know who carries a parcel, and neither system says it. Have the shipment reported by the warehouse.",
    );
  const [document = order.reference] = documents;
  return { carrier, shipmentKey: own?.tracking ?? document, isKnown: own?.tracking != null };
}
