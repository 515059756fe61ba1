import type { KnownAmounts, Minor } from "@/lib/domain/money";
import type { JournalPart, JournalPurpose } from "./schema";

/** One line of a journal; minor units, one of both is zero. */
export type JournalLine = Readonly<{ account: string; debit: Minor; credit: Minor; text: string }>;

export type Accounts = Readonly<Record<JournalPart, string>>;

/** What a correction is called, what it is made of, and what its three accounts are for. */
export const PURPOSES: Readonly<
  Record<
    JournalPurpose,
    Readonly<{ title: string; what: string; parts: Readonly<Record<JournalPart, string>> }>
  >
> = {
  rounding: {
    title: "Rounding differences",
    what: "What the proved roundings of the month come to.",
    parts: { net: "Revenue, rounding", tax: "VAT, rounding", gross: "Clearing, rounding" },
  },
  accrual: {
    title: "Accruals at cut-off",
    what: "What counts in this month for SCAYLE and in another for the ERP; taken back on the first day of the next month.",
    parts: { net: "Revenue, accrued", tax: "VAT, accrued", gross: "Receivables, accrued" },
  },
  "write-off": {
    title: "Write-offs",
    what: "What people accepted as it is.",
    parts: { net: "Write-offs", tax: "VAT, written off", gross: "Clearing, write-offs" },
  },
  late: {
    title: "Late arrivals",
    what: "What came to a closed month and was proposed for this one: the closed month stays as it is locked.",
    parts: { net: "Revenue, late arrivals", tax: "VAT, late arrivals", gross: "Receivables, late arrivals" },
  },
};

/**
 * The journal that brings the ERP to what SCAYLE has: `amounts` is SCAYLE − ERP. Revenue and tax that the ERP lacks are
 * credited and their gross debited; what it has too much, the other way round. Debits equal credits, since gross = net + tax.
 */
export function journalOf(amounts: KnownAmounts, accounts: Accounts, text: string): readonly JournalLine[] {
  const { net, tax, gross } = amounts;
  if (gross !== net + tax) throw new Error("a correction's gross is its net and tax");
  const line = (account: string, credit: Minor): JournalLine => ({
    account,
    debit: credit < 0n ? -credit : 0n,
    credit: credit > 0n ? credit : 0n,
    text,
  });
  return [line(accounts.gross, -gross), line(accounts.net, net), line(accounts.tax, tax)].filter(
    ({ debit, credit }) => debit !== 0n || credit !== 0n,
  );
}

/** What takes a journal back. */
export const reversed = (lines: readonly JournalLine[], text: string): readonly JournalLine[] =>
  lines.map(({ account, debit, credit }) => ({ account, debit: credit, credit: debit, text }));
