import { makeGuid } from "@/lib/sandbox/random";
import type { EntityCode } from "@/lib/sandbox/retailer";
import type { Json } from "@/lib/sandbox/scayle-item";

/** The payment terms of the companies, as Business Central's own demonstration company calls such. */
const TERMS = [
  { code: "CM", name: "Current month" },
  { code: "14 DAYS", name: "Net 14 days" },
  { code: "PREPAID", name: "Paid in advance" },
] as const;
type Code = (typeof TERMS)[number]["code"];

/** What the bookkeepers have for the shops' ways of paying; the rest is paid in advance. */
const CODES: Readonly<Record<string, Code>> = { klarna_invoice: "14 DAYS", marketplace: "CM" };

const idOf = (entity: EntityCode, code: Code): string => makeGuid("paymentTerms", entity, code);

/**
 * The terms of a document of an order. One in about two hundred bears others: somebody at the till chose them by hand. Drawn from
 * the document's own id, so that nothing else of the world moves.
 */
export function paymentTermsIdOf(entity: EntityCode, documentId: string, paymentKey: string): string {
  const usual = CODES[paymentKey] ?? "PREPAID";
  const isOdd = Number.parseInt(makeGuid("odd terms", documentId).slice(0, 4), 16) % 211 === 0;
  return idOf(entity, isOdd ? (usual === "PREPAID" ? "14 DAYS" : "PREPAID") : usual);
}

/** The payment terms of a company. */
export const paymentTermsJson = (entity: EntityCode): Json[] =>
  TERMS.map(({ code, name }) => ({
    id: idOf(entity, code),
    code,
    displayName: name,
    dueDateCalculation: code === "14 DAYS" ? "14D" : "0D",
    discountDateCalculation: "",
    discountPercent: 0,
    calculateDiscountOnCreditMemos: false,
    lastModifiedDateTime: "2023-05-10T10:00:00Z",
  }));

/** Whether a company has such terms. */
export const hasPaymentTerms = (entity: EntityCode, id: string): boolean =>
  TERMS.some(({ code }) => idOf(entity, code) === id.toLowerCase());
