import { csvLine } from "@/lib/domain/csv-cell";
import { toJson } from "@/lib/domain/json";
import type { AuditEntry } from "./data";

type Format = "csv" | "jsonl";

/** What stands before the first event. */
export const auditHead = (format: Format): string =>
  format === "jsonl"
    ? ""
    : csvLine(["No.", "When (UTC)", "Kind", "Who", "What", "Record", "Outcome", "Before", "After", "Hash"]);

/** One event as a line of the file; no cell is a formula. */
export function auditLine(format: Format, entry: AuditEntry): string {
  if (format === "jsonl") return `${toJson(entry)}\n`;
  const { seq, at, actorKind, actorName, action, subject, outcome, before, after, hash } = entry;
  return csvLine([
    seq.toString(),
    at.toISOString(),
    actorKind,
    actorName,
    action,
    subject,
    outcome,
    toJson(before),
    toJson(after),
    hash,
  ]);
}
