import { CsvError, parse } from "csv-parse/sync";
import { causeOf } from "@/lib/causes/registry";
import { csvDelimiter, csvLine, fromCsvCell } from "@/lib/domain/csv-cell";
import { Refusal } from "@/lib/domain/faults";
import { OwnershipRule } from "./schema";

const HEADER = ["cause", "entity", "shop", "team"] as const;

/** The table of who owns what, as a CSV file; empty cells are "all". */
export function writeRulesFile(rules: readonly OwnershipRule[]): string {
  const lines = rules.map(({ cause, entityId, shopId, team }) => [cause, entityId ?? "", shopId ?? "", team]);
  return [[...HEADER], ...lines].map(csvLine).join("");
}

/** What a file's rows can name: teams and entities by their ids, shops by `shopPlace`. */
export type KnownPlaces = Readonly<Record<"teams" | "entities" | "shops", ReadonlySet<string>>>;

/** A shop within its entity, as a key. */
export const shopPlace = (entityId: string, shopId: string): string => JSON.stringify([entityId, shopId]);

const PROBLEMS_MOST = 30;

/**
 * Reads such a file, with commas or semicolons between its cells. The whole file or nothing: throws Refusal "invalid" with
 * each line that can't be read, that names what is not there, or that says something else of the same place than a line before it.
 */
export function readRulesFile(text: string, known: KnownPlaces): readonly OwnershipRule[] {
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
    problems.push(...unknownIn(rule, known).map((what) => `line ${line}: ${what}`));
    rules.set(place, rule);
  }
  if (problems.length > 0) {
    const more = problems.length > PROBLEMS_MOST ? ` and ${problems.length - PROBLEMS_MOST} more` : "";
    throw new Refusal(
      "invalid",
      `Nothing was imported: ${problems.slice(0, PROBLEMS_MOST).join("; ")}${more}.`,
    );
  }
  if (rules.size === 0) throw new Refusal("invalid", "The file has a header and no lines.");
  return [...rules.values()];
}

/** What a row names that is not there. */
function unknownIn(
  { team, entityId, shopId }: OwnershipRule,
  { teams, entities, shops }: KnownPlaces,
): readonly string[] {
  return [
    ...(teams.has(team) ? [] : [`there is no team “${team}”`]),
    ...(entityId === null || entities.has(entityId) ? [] : [`there is no entity “${entityId}”`]),
    ...(entityId !== null &&
    entities.has(entityId) &&
    shopId !== null &&
    !shops.has(shopPlace(entityId, shopId))
      ? [`there is no shop “${shopId}” in ${entityId}`]
      : []),
  ];
}

/** What a rule is about, as a key. */
export const placeOf = ({ cause, entityId, shopId }: Omit<OwnershipRule, "team">): string =>
  JSON.stringify([cause, entityId, shopId]);

type CsvLine = Readonly<{ line: number; record: Readonly<Record<string, string>> }>;

function recordsOf(text: string): readonly CsvLine[] {
  const delimiter = csvDelimiter(text);
  try {
    const rows = parse(text, { bom: true, delimiter, skip_empty_lines: true, trim: true }) as string[][];
    const [header = [], ...lines] = rows;
    const names = header.map((name) => name.toLowerCase());
    const missing = HEADER.filter((name) => !names.includes(name));
    if (missing.length > 0)
      throw new Refusal("invalid", `The file's first line has no column ${missing.join(", ")}.`);
    return lines.map((cells, index) => ({
      line: index + 2,
      record: Object.fromEntries(names.map((name, place) => [name, fromCsvCell(cells[place] ?? "")])),
    }));
  } catch (error) {
    if (error instanceof CsvError) throw new Refusal("invalid", `The file can't be read: ${error.message}.`);
    throw error;
  }
}
