import type { CountedRecord, Days, SourceCount } from "../contract";
import { pagesById, type RawRecord } from "./records";
import type { Rpc } from "./rpc";
import { kindOf, modifiedAtOf, postingDayOf, sourceIdOf, standingOf } from "./translate";
import { asDate } from "./values";
import { keyWire, WIRE } from "./wire";

/** Keys are short: many go into a page. */
const PAGE_SIZE = 1000;

/**
 * Counts the documents of some days of the books: by date and not by time of change, keys without lines, in pages of
 * another size than the sync's, and with the total that Tryton itself counts.
 */
export async function countDocuments(
  rpc: Rpc,
  invoices: readonly unknown[],
  days: Days,
): Promise<SourceCount> {
  const records: CountedRecord[] = [];
  let invoicesListed = 0;
  let sourceTime: Date | null = null;
  const domain = [...invoices, inDays(days)];
  for await (const page of pagesById(rpc, WIRE.models.invoice, domain, WIRE.fields.key, PAGE_SIZE)) {
    sourceTime ??= page.answer.sourceTime;
    invoicesListed += page.records.length;
    records.push(...page.records.flatMap((one) => recordsOf(one, days)));
  }
  const { result } = await rpc.call(WIRE.methods.searchCount(WIRE.models.invoice), [domain]);
  // Tryton counts invoices; one that was cancelled in a later month is two of ours, or one of either month.
  const stated = typeof result === "number" ? records.length + result - invoicesListed : null;
  return {
    method: "invoices by date of the books, keys only, with the total that Tryton counts",
    records,
    stated,
    sourceTime,
  };
}

/** Invoices whose own or cancelling move falls on one of the days; a draft by the day it would have. */
export function inDays({ from, to }: Days): readonly unknown[] {
  const between = (field: string) => [
    [field, ">=", asDate(from)],
    [field, "<=", asDate(to)],
  ];
  return [
    "OR",
    between("move.date"),
    between("cancel_move.date"),
    [["move", "=", null], between("accounting_date")],
    [["move", "=", null], ["accounting_date", "=", null], between("invoice_date")],
  ];
}

/** A record that doesn't even say its id still counts; it is then known by nothing. */
function recordsOf(raw: RawRecord, { from, to }: Days): readonly CountedRecord[] {
  const parsed = keyWire.safeParse(raw);
  if (!parsed.success) return [{ kind: "sale", sourceId: "", number: null, day: null, modifiedAt: null }];
  const invoice = { ...parsed.data, state: parsed.data.state ?? "" };
  const kind = kindOf(invoice.total_amount ?? "0");
  const modifiedAt = modifiedAtOf(invoice, []);
  const own: CountedRecord = {
    kind,
    sourceId: sourceIdOf(invoice.id, "invoice"),
    number: invoice.number,
    day: postingDayOf(invoice),
    modifiedAt,
  };
  const cancellation: CountedRecord = {
    kind: kind === "sale" ? "credit" : "sale",
    sourceId: sourceIdOf(invoice.id, "cancellation"),
    number: invoice.number === null ? null : `${invoice.number} cancelled`,
    day: invoice["cancel_move."]?.date ?? null,
    modifiedAt,
  };
  const both = standingOf(invoice).isReversedLater ? [own, cancellation] : [own];
  return both.filter(({ day }) => day !== null && day >= from && day <= to);
}
