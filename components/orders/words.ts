import { isCreditNote } from "@/lib/domain/order";

/** A code of one of the systems ("shipping_partially_delivered") as people write it ("partially delivered"); null stays null. */
export const wordsOf = (code: string | null): string | null =>
  plainOf(code)?.replace(/^(order|shipping|billing) (?=.)/, "") ?? null;

const plainOf = (code: string | null): string | null => code?.replaceAll(/[_-]+/g, " ") ?? null;

/** Ways of paying that are called by a name of their own. */
const PAYMENTS: Readonly<Record<string, string>> = { paypal: "PayPal", klarna: "Klarna" };

/** A way of paying as people write it. */
export const paymentName = (key: string | null): string | null =>
  key === null ? null : (PAYMENTS[key.toLowerCase()] ?? wordsOf(key));

/** What people call an invoice of SCAYLE's: those that credit are credit notes, and are called so everywhere here. */
export const invoiceName = (type: string): string =>
  isCreditNote(type) ? "credit note" : (wordsOf(type) ?? "invoice");
