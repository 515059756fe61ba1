import { CsvError, parse } from "csv-parse/sync";
import { causeOf } from "@/lib/causes/registry";
import { csvLine, csvText } from "@/lib/domain/csv";
import { Refusal } from "@/lib/domain/faults";
import { OwnershipRule } from "./schema";

const HEADER = ["cause", "entity", "shop", "team"] as const;

/** The table of who owns what, as a CSV file; empty cells are "all". */
export function writeRulesFile(rules: readonly OwnershipRule[]): string {
  const lines = rules.map(({ cause, entityId, shopId, team }) => [cause, entityId ?? "", shopId ?? "", team]);
  return [[...HEADER], ...lines].map((line) => csvLine(line.map(csvText))).join("");
}

/**
 * Reads such a file, with commas or semicolons between its cells. The whole file or nothing: throws Refusal "invalid" with
 * each line that can't be read, or that says something else of the same place than a line before it.
 */
export function readRulesFile(text: string): readonly OwnershipRule[] {
  const problems: string[] = [];
  const rules = new Map<string, OwnershipRule>();
  for (const { line, record } of recordsOf(text)) {
    const read = OwnershipRule.safeParse({
      cause: record["cause"]?.trim() ?? "",
      entityId: record["entity"] ?? "",
      shopId: record["shop"] ?? "",
      team: record["team"] ?? "",
    });
    if (!read.success) {
      problems.push(`line ${line}: ${read.error.issues[0]?.path.join(".")} can't be read`);
      continue;
    }
    const rule = read.data;
    const place = placeOf(rule);
    if (!causeOf(rule.cause)?.raises) problems.push(`line ${line}: there is no cause "${rule.cause}"`);
    else if (rules.has(place)) problems.push(`line ${line}: says the same place twice`);
    else if (rule.shopId !== null && rule.entityId === null)
      problems.push(`line ${line}: a shop needs its entity`);
    rules.set(place, rule);
  }
  if (problems.length > 0) {
    const more = problems.length > 5 ? ` and ${problems.length - 5} more` : "";
    throw new Refusal("invalid", `Nothing was imported: ${problems.slice(0, 5).join("; ")}${more}.`);
  }
  if (rules.size === 0) throw new Refusal("invalid", "The file has a header and no lines.");
  return [...rules.values()];
}

/** What a rule is about, as a key. */
export const placeOf = ({ cause, entityId, shopId }: Omit<OwnershipRule, "team">): string =>
  JSON.stringify([cause, entityId, shopId]);

type CsvLine = Readonly<{ line: number; record: Readonly<Record<string, string>> }>;

function recordsOf(text: string): readonly CsvLine[] {
  const first = text.replace(/^\uFEFF/, "").split(/\r?\n/, 1)[0] ?? "";
  const delimiter = first.includes(";") && !first.includes(",") ? ";" : ",";
  try {
    const rows = parse(text, { bom: true, delimiter, skip_empty_lines: true, trim: true }) as string[][];
    const [header = [], ...lines] = rows;
    const names = header.map((name) => name.toLowerCase());
    const missing = HEADER.filter((name) => !names.includes(name));
    if (missing.length > 0)
      throw new Refusal("invalid", `The file's first line has no column ${missing.join(", ")}.`);
    return lines.map((cells, index) => ({
      line: index + 2,
      record: Object.fromEntries(
        names.map((name, place) => [name, (cells[place] ?? "").replace(/^'(?=[=+\-@])/, "")]),
      ),
    }));
  } catch (error) {
    if (error instanceof CsvError) throw new Refusal("invalid", `The file can't be read: ${error.message}.`);
    throw error;
  }
}
