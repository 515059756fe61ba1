import { paymentWords, plainWords } from "@/lib/domain/code-words";
import { isCreditNote } from "@/lib/domain/order";

/** A code of one of the systems ("shipping_partially_delivered") as people write it ("partially delivered"); null stays null. */
export const wordsOf = (code: string | null): string | null =>
  code === null ? null : plainWords(code).replace(/^(order|shipping|billing) (?=.)/, "");

/** A way of paying as people write it. */
export const paymentName = (key: string | null): string | null => (key === null ? null : paymentWords(key));

/** What people call an invoice of SCAYLE's: those that credit are credit notes, and are called so everywhere here. */
export const invoiceName = (type: string): string =>
  isCreditNote(type) ? "credit note" : (wordsOf(type) ?? "invoice");
