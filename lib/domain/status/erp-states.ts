/**
 * The states of the ERP's documents as data: what each says of the goods, and what the ERPs call it.
 *
 * Source: Business Central's API (status of salesInvoice and salesCreditMemo) and Tryton's account.invoice, both read. A state that is
 * not here is kept as it is; a posted document of it counts as one that is open.
 */

export type ErpState = "draft" | "open" | "paid" | "cancelled" | "corrective";

export type ErpStateRow = Readonly<{
  state: ErpState;
  title: string;
  /** what it says of an order's goods */
  says: string;
  /** as Business Central and Tryton write it, in small letters */
  names: readonly string[];
  known: "verified" | "assumed";
}>;

export const erpStates: readonly ErpStateRow[] = [
  {
    state: "draft",
    title: "draft",
    says: "Nothing: it may still be changed or deleted, and no step follows from it",
    names: ["draft", "in review", "validated"],
    known: "verified",
  },
  {
    state: "open",
    title: "open, posted",
    says: "An invoice: its goods left. A credit memo: they came back",
    names: ["open", "posted"],
    known: "verified",
  },
  {
    state: "paid",
    title: "paid",
    says: "The same as open: a payment moves no goods",
    names: ["paid"],
    known: "verified",
  },
  {
    state: "cancelled",
    title: "cancelled",
    says: "It was taken back: nothing left or came back by it",
    names: ["canceled", "cancelled"],
    known: "verified",
  },
  {
    state: "corrective",
    title: "corrective",
    says: "It takes another document back: nothing came back by it",
    names: ["corrective"],
    known: "verified",
  },
];

/** What a document's status is, as its ERP writes it; null for none, and for one that is not known. */
export const erpStateOf = (status: string | null): ErpState | null =>
  erpStates.find(({ names }) => names.includes((status ?? "").toLowerCase()))?.state ?? null;
