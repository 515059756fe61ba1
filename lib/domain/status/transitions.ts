/**
 * The transitions that an order passes through in both systems, as data: from where to where, who has to push each, how long
 * it may take where nothing is measured, and which cause of the books is raised in its place.
 *
 * Source: SCAYLE's pages on the order's lifecycle and its state transitions (created → pended → confirmed → delegated about a
 * minute later → shipped → invoiced; cancelled in their place). `known` says what was read there and what follows from the ERP's documents.
 */

import type { paymentOf } from "./codes";

export const transitionCodes = [
  "delegate",
  "ship",
  "ship-rest",
  "tell-shipment",
  "invoice",
  "post",
  "tell-cancellation",
  "tell-return",
  "post-credit",
  "reference",
] as const;
export type TransitionCode = (typeof transitionCodes)[number];

/** Who has to push a transition. */
export type Pusher = "SCAYLE" | "the warehouse" | "the ERP" | typeof INTEGRATION;

/** What SCAYLE says of an order's payment, as far as it decides on what a customer may be told. */
export type Payment = ReturnType<typeof paymentOf>;

/** What the words of a transition depend on: whether all items that are not cancelled wait for it, and the payment. */
export type Told = Readonly<{ isPart: boolean; payment: Payment }>;

/** What it means to people who have the customer on the line, and what that customer may be told. */
export type Plain = Readonly<{ words: string; customer?: string }>;

export type Transition = Readonly<{
  code: TransitionCode;
  /** from the state that it leaves to the one that it reaches, for people */
  from: string;
  to: string;
  /** what is missing while it waits, after "… is missing:" */
  missing: string;
  pusher: Pusher;
  /** what the pusher does, as an instruction */
  push: string;
  /** what it can be pushed by from here; null: by nothing that SCAYLE or the ERP offers */
  call: string | null;
  known: "verified" | "assumed";
  /** nothing is called stuck sooner, however quick it usually is: sources are read at intervals */
  floorHours: number;
  /** after so long it is stuck where too little is measured; null: as long as the ERP may take to post (a setting of the entity) */
  documentedHours: number | null;
  /** causes of the books that say the same where they are raised for the order: then status-drift is not */
  instead: readonly string[];
  /** whether the books' causes say it always, so that status-drift never does */
  isOfTheBooks: boolean;
  plain(told: Told): Plain;
}>;

const INTEGRATION = "the warehouse or whoever runs the interface to SCAYLE";

/** What is said of the money for what never leaves. A payment that was cancelled or given back needs no words. */
const releasing: Readonly<Record<Payment, Readonly<{ words: string; customer: string }>>> = {
  charged: {
    words: ", so what was paid may not have been given back",
    customer: "; we are making sure that you get back what you paid for it",
  },
  "not-charged": {
    words: ", so the payment may still be reserved",
    customer: "; we are making sure that you don’t pay for it",
  },
  "given-back": { words: "", customer: "" },
  unknown: {
    words: "",
    customer: "; we are making sure that you don’t pay for it",
  },
};

export const transitions: readonly Transition[] = [
  {
    code: "delegate",
    from: "confirmed",
    to: "delegated",
    missing: "SCAYLE has not passed it on to the merchant",
    pusher: "SCAYLE",
    push: "Have SCAYLE pass the order on again (its support can), or cancel it there.",
    call: null,
    known: "verified",
    floorHours: 1,
    // Tried for 46 h 8 m; then the order is aborted and cancelled.
    documentedHours: 47,
    instead: [],
    isOfTheBooks: false,
    plain: () => ({
      words: "It is confirmed and was not passed on to the warehouse",
      customer: "We are making sure that the warehouse gets your order",
    }),
  },
  {
    code: "ship",
    from: "delegated",
    to: "first parcel shipped",
    missing: "no parcel of it has left",
    pusher: "the warehouse",
    push: "Ask the warehouse. What has left is reported to SCAYLE as shipped, what never will is cancelled there.",
    call: null,
    known: "verified",
    floorHours: 24,
    // Without a shipment message SCAYLE closes the order by force after 14 days.
    documentedHours: 14 * 24,
    instead: ["sale-missing-in-scayle", "cancelled-but-invoiced"],
    isOfTheBooks: false,
    plain: ({ isPart }) => ({
      words: `${isPart ? "A part of it" : "It"} should have left the warehouse by now, and nobody says that it did`,
      customer: `We are asking the warehouse where ${isPart ? "a part of your order" : "your order"} is`,
    }),
  },
  {
    code: "ship-rest",
    from: "first parcel shipped",
    to: "all parcels shipped",
    missing: "some of its items have not left",
    pusher: "the warehouse",
    push: "Ask the warehouse. What has left is reported to SCAYLE as shipped, what never will is cancelled there.",
    call: null,
    known: "verified",
    floorHours: 24,
    documentedHours: 14 * 24,
    instead: ["cancelled-but-invoiced"],
    isOfTheBooks: false,
    plain: () => ({
      words: "A part of it should have left the warehouse by now, and nobody says that it did",
      customer: "We are asking the warehouse where the rest of your order is",
    }),
  },
  {
    code: "tell-shipment",
    from: "invoiced in the ERP",
    to: "shipped in SCAYLE",
    missing: "SCAYLE was not told that it left",
    pusher: INTEGRATION,
    push: "Report the shipment to SCAYLE.",
    call: "POST /fulfillment/shipments",
    known: "verified",
    floorHours: 24,
    documentedHours: null,
    instead: ["cancelled-but-invoiced"],
    isOfTheBooks: false,
    plain: ({ isPart }) =>
      isPart
        ? {
            words:
              "By the ERP a part of it has left; SCAYLE was not told, so the customer got no shipping mail for that part",
            customer: "A part of your order is on its way; the shipping confirmation of that part is delayed",
          }
        : {
            words: "By the ERP it has left; SCAYLE was not told, so the customer got no shipping mail",
            customer: "Your order is on its way; its shipping confirmation is delayed",
          },
  },
  {
    code: "invoice",
    from: "all parcels shipped",
    to: "invoiced in SCAYLE",
    missing: "SCAYLE has not invoiced it",
    pusher: "SCAYLE",
    push: "Have SCAYLE’s support look at the order’s invoice; nothing outside SCAYLE can make it.",
    call: null,
    known: "verified",
    floorHours: 1,
    documentedHours: 24,
    instead: [],
    isOfTheBooks: false,
    plain: () => ({
      words: "It has left, and SCAYLE has made no invoice yet",
      customer: "Your invoice is delayed; we are taking care of it",
    }),
  },
  {
    code: "post",
    from: "shipped in SCAYLE",
    to: "invoiced in the ERP",
    missing: "the ERP has no invoice of it",
    pusher: "the ERP",
    push: "Post the sale in the ERP.",
    call: null,
    known: "assumed",
    floorHours: 24,
    documentedHours: null,
    instead: ["sale-missing-in-erp"],
    isOfTheBooks: true,
    plain: ({ isPart }) => ({
      words: `${isPart ? "A part of it" : "It"} has left, and the ERP has no invoice of it`,
      customer: `${isPart ? "A part of your order" : "Your order"} has left; we are completing its papers`,
    }),
  },
  {
    code: "tell-cancellation",
    from: "invoice taken back in the ERP",
    to: "cancelled in SCAYLE",
    missing: "SCAYLE was not told that it never leaves",
    pusher: INTEGRATION,
    push: "Report the cancellation to SCAYLE.",
    call: "POST /fulfillment/cancellations",
    known: "verified",
    floorHours: 24,
    documentedHours: null,
    instead: ["cancelled-but-invoiced"],
    isOfTheBooks: false,
    plain: ({ isPart, payment }) => ({
      words: `By the ERP ${isPart ? "a part of it" : "it"} will not be delivered; SCAYLE was not told${releasing[payment].words}`,
      customer: `${isPart ? "A part of your order" : "Your order"} can’t be delivered${releasing[payment].customer}`,
    }),
  },
  {
    code: "tell-return",
    from: "credited in the ERP",
    to: "returned in SCAYLE",
    missing: "SCAYLE was not told that it came back",
    pusher: INTEGRATION,
    push: "Report the return to SCAYLE.",
    call: "POST /fulfillment/return-items",
    known: "verified",
    floorHours: 24,
    documentedHours: null,
    instead: ["credit-note-failed", "refund-amount-wrong", "duplicate-in-erp"],
    isOfTheBooks: false,
    plain: ({ payment }) => ({
      words: `By the ERP goods of it came back; SCAYLE was not told${payment === "charged" ? ", so the refund may not have been started" : ""}`,
      customer: `Your return has arrived${
        payment === "charged"
          ? "; we are making sure that your refund is on its way"
          : payment === "given-back"
            ? ""
            : "; we are making sure that you don’t pay for what you sent back"
      }`,
    }),
  },
  {
    code: "post-credit",
    from: "returned in SCAYLE",
    to: "credited in the ERP",
    missing: "the ERP has no credit memo of it",
    pusher: "the ERP",
    push: "Post the credit memo in the ERP.",
    call: null,
    known: "assumed",
    floorHours: 24,
    documentedHours: null,
    instead: ["credit-missing-in-erp"],
    isOfTheBooks: true,
    plain: () => ({
      words: "Goods of it came back, and the ERP has no credit memo of them",
      customer: "Your return has arrived; we are completing its papers",
    }),
  },
  {
    code: "reference",
    from: "invoiced in the ERP",
    to: "ERP’s number in SCAYLE",
    missing: "SCAYLE was not told by which number the ERP has it",
    pusher: INTEGRATION,
    push: "Write the ERP’s number to SCAYLE as the order’s reference key.",
    call: "PUT …/orders/{id}/reference-key",
    known: "verified",
    floorHours: 24,
    documentedHours: null,
    instead: [],
    isOfTheBooks: false,
    plain: () => ({
      words: "SCAYLE doesn’t know the ERP’s number for it; goods and money are not concerned",
    }),
  },
];

const byCode = new Map(transitions.map((one) => [one.code, one]));

/** A transition by its code. Throws where there is none: codes come from this table. */
export function transitionOf(code: TransitionCode): Transition {
  const found = byCode.get(code);
  if (!found) throw new Error(`There is no transition ${code}.`);
  return found;
}

/** Whether a text is the code of a transition. */
export const isTransition = (text: string): text is TransitionCode =>
  transitionCodes.some((code) => code === text);
