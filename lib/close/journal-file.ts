import { csvCell, csvLine, csvRaw, csvRow } from "@/lib/domain/csv-cell";
import { formatPlain } from "@/lib/domain/money";
import type { Journal } from "./journals";

/** Journals as CSV: one row per line, amounts as plain decimals, no cell a formula. */
export function journalsCsv(journals: readonly Journal[]): string {
  const head = csvLine([
    "Journal",
    "Posting day",
    "Account",
    "Debit",
    "Credit",
    "Currency",
    "Text",
    "Reason",
    "Approved by",
  ]);
  const rows = journals.flatMap((journal) =>
    journal.lines.map((line) =>
      csvRow([
        csvRaw(String(journal.number)),
        csvRaw(journal.postingDay),
        csvCell(line.account),
        csvRaw(formatPlain(line.debit, journal.currency)),
        csvRaw(formatPlain(line.credit, journal.currency)),
        csvRaw(journal.currency),
        csvCell(line.text),
        csvCell(journal.reason),
        csvCell(journal.decidedBy ?? ""),
      ]),
    ),
  );
  return head + rows.join("");
}
