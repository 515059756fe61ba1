import type { BookDocument, DocumentKind } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import type { Minor } from "@/lib/domain/money";
import type { OrderInvoice, SalesOrder } from "@/lib/domain/order";
import { faultOf, unexpectedAnswer } from "./fault";

/**
 * What a connection may be asked to write, in our words; a connector turns it into its system's requests. Money is in minor
 * units of the write's currency and positive on credits too: a writer that needs another sign turns it round.
 */

/** A line of a document that is to be posted. */
export type DraftLine = Readonly<{
  kind: "item" | "shipping" | "fee" | "rounding";
  /** the item or the account as the ERP calls it */
  number: string;
  description: string;
  /** decimal text, positive */
  quantity: string;
  net: Minor;
  tax: Minor;
  gross: Minor;
  taxCode: string;
  /** decimal text, 0.19; null: not known */
  taxRate: string | null;
}>;

/** A document as the ERP is to post it. */
export type DraftDocument = Readonly<{
  kind: DocumentKind;
  /** the order's reference, by which it is matched */
  reference: string;
  currency: string;
  /** the day of the books, YYYY-MM-DD */
  postingDay: string;
  shipTo: string | null;
  /** the ERP's code for how the order was paid; absent: none is mapped. An ERP that has no field for it is not told */
  payment?: string;
  /** the posted document that a credit is about */
  corrects: Readonly<{ sourceId: string; number: string }> | null;
  lines: readonly DraftLine[];
}>;

export type LedgerWrite =
  | Readonly<{ kind: "post-document"; document: DraftDocument }>
  /**
   * undoes a posted document whole, by the ERP's own reversal. An ERP may refuse it for a document that is paid (Business
   * Central does, status Paid): then a document of the other kind with its lines, which `corrects` it, does the same.
   */
  | Readonly<{
      kind: "reverse-document";
      document: Readonly<{ kind: DocumentKind; sourceId: string; number: string; reference: string }>;
      postingDay: string;
    }>;

export type StoreWrite =
  /** the refund that makes SCAYLE write a credit note */
  | Readonly<{
      kind: "refund";
      shop: string;
      orderId: string;
      currency: string;
      amount: Minor;
      items: readonly Readonly<{ itemId: string; quantity: number; net: Minor; tax: Minor; gross: Minor }>[];
      reason: string;
      /** the day on which the ERP's books have the goods back, YYYY-MM-DD, so that both sides have it in one month */
      returnedOn?: string;
    }>
  /** what the order's items are worth now, from which SCAYLE makes its total */
  | Readonly<{
      kind: "line-values";
      shop: string;
      orderId: string;
      currency: string;
      items: readonly Readonly<{ itemId: string; net: Minor; tax: Minor; gross: Minor; taxRate: string }>[];
      total: Readonly<{ net: Minor; tax: Minor; gross: Minor }>;
    }>
  | Fulfilment
  /** by which number the ERP has the order */
  | Readonly<{ kind: "reference-key"; shop: string; orderId: string; referenceKey: string }>
  /** what may be sold of an item in one warehouse, as of the ERP's snapshot: never as of now, which would free reservations */
  | Readonly<{
      kind: "stock";
      itemKey: string;
      warehouse: string;
      merchant: string | null;
      /** whole and not below zero, as decimal text */
      quantity: string;
      /** when the ERP answered with the figures that it was reckoned from: an ISO instant */
      changedAt: string;
      /** as SCAYLE has it; null: it doesn't say */
      withoutStock: boolean | null;
    }>;

/** What happened to items of an order, told to SCAYLE: they left in one parcel, they never leave, or they came back. */
export type Fulfilment =
  | Readonly<{
      kind: "shipment";
      shop: string;
      orderId: string;
      itemIds: readonly string[];
      carrier: string;
      /** the parcel's number; where nobody knows it, the number of the ERP's document */
      shipmentKey: string;
    }>
  | Readonly<{ kind: "cancellation"; shop: string; orderId: string; itemIds: readonly string[] }>
  | Readonly<{
      kind: "return";
      shop: string;
      orderId: string;
      itemIds: readonly string[];
      /** the day of the ERP's books on which the goods are back, YYYY-MM-DD */
      returnedOn: string;
    }>;

/** What is written about an order in the store. */
export type OrderWrite = Exclude<StoreWrite, Readonly<{ kind: "stock" }>>;

/**
 * A request as it goes out, without credentials: what a person sees before it is sent. `{…}` in a path or a body stands for
 * an id that is looked up just before, or that an earlier request gives.
 */
export type WireRequest = Readonly<{
  /** what it does, in words */
  does: string;
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** address below the system's root */
  path: string;
  body: unknown;
}>;

/**
 * How far a write has come in the other system.
 * none: it has nothing of it · begun: it has something that counts for nothing yet (a draft) · done: it has the effect
 */
export type Trace =
  | Readonly<{ state: "none" }>
  | Readonly<{
      state: "begun";
      id: string;
      /** what the system made of the draft; null where it doesn't say */
      figures: Readonly<{ net: Minor; tax: Minor; gross: Minor }> | null;
    }>
  | Readonly<{
      state: "done";
      id: string;
      number: string | null;
      /** what of it is not there although the rest is, for people: nobody sends it again; absent: it is whole */
      missing?: string;
    }>;

/** An order with its invoice list; null: the list was not asked for. */
export type HeldOrder = Readonly<{ order: SalesOrder; invoices: readonly OrderInvoice[] | null }>;

/** What a write starts from, and what is read once it has its effect: documents that are new or changed, the order where it changes. */
export type Standing = Readonly<{ documents: readonly BookDocument[]; order: HeldOrder | null }>;

/**
 * Writes to one system, one step at a time, so that whoever was killed between two steps finds out by looking. Each write
 * has a key of ours, which goes along with it and is found again.
 */
export type Writer<Write extends Readonly<{ kind: string }>> = Readonly<{
  /** null: it can; else why it can't, for people */
  lacks(kind: Write["kind"]): string | null;
  /** Exactly what would be sent, in this order. Throws Refusal "invalid" for what the system can't be told. */
  requests(write: Write, key: string): readonly WireRequest[];
  /** What the system has of it already. Reads only. */
  look(write: Write, key: string): Promise<Trace>;
  /**
   * Sends the next request after what was just looked at, once: it is never repeated by itself.
   * Throws a Refusal with an HttpFault: `isRejected` tells an answer that refused it from one that was lost.
   */
  advance(write: Write, key: string, seen: Trace): Promise<Trace>;
  /**
   * What will be read once the write has its effect, worked out from what is held: `before` has the posted document that it
   * undoes, or the order that it changes. `id` stands for the id and the number that nobody knows yet. Pure.
   */
  afterwards?(write: Write, before: Standing, given: Readonly<{ id: string; at: Date }>): Standing;
  /** Takes a draft back that must not be posted. Absent where the system has none. */
  discard?(write: Write, key: string, seen: Trace): Promise<void>;
  /** how long after a lost answer the system may still be at work on it, in milliseconds: nobody looks earlier */
  settles: number;
}>;

/** Answers that say nothing about whether the request was carried out. */
const UNDECIDED = new Set([408, 425, 429]);

/**
 * Whether the system refused a write, or could not even be told (Refusal "invalid"), so that it has nothing of it that counts.
 * Else its answer was lost: only looking tells.
 */
export function isRejected(error: unknown): boolean {
  const fault = faultOf(error);
  if (fault === null) return error instanceof Refusal && error.code === "invalid";
  if (fault.kind === "refused") return true;
  if (fault.kind !== "status" || fault.status === null) return false;
  return fault.status >= 400 && fault.status < 500 && !UNDECIDED.has(fault.status);
}

/**
 * Reads what a system has after it took a request. Where that can't be read its answer is as good as lost, whatever the
 * reading was answered with: nobody may take it for a refusal of the write.
 */
export async function afterTaking<Seen>(address: string, read: () => Promise<Seen>): Promise<Seen> {
  try {
    return await read();
  } catch (error) {
    if (faultOf(error) === null || !(error instanceof Error)) throw error;
    throw unexpectedAnswer(address, `It took the request, and could not be read after it: ${error.message}`);
  }
}
