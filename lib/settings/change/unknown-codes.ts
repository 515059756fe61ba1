import type pg from "pg";
import type { SettingsChange } from "./schema";

/** A tax code that an entity's books don't know, and the known ones that are spelt most like it. */
export type UnknownCode = Readonly<{ code: string; nearest: readonly string[] }>;

/** How many codes are offered in place of one. */
const NEAREST_MAX = 3;

/**
 * The tax codes of a change that no mapping and no line of the entity has: mistyped, or not posted yet. None for a change
 * of anything else.
 */
export async function unknownCodesOf(
  client: pg.ClientBase,
  entityId: string,
  change: SettingsChange,
): Promise<readonly UnknownCode[]> {
  const codes = codesOf(change);
  if (codes.length === 0) return [];
  const { rows: mapped } = await client.query<{ code: string }>(
    "SELECT DISTINCT tax_code AS code FROM tax_mapping WHERE entity_id = $1 ORDER BY 1",
    [entityId],
  );
  const known = mapped.map((row) => row.code);
  const missing = codes.filter((code) => !known.includes(code));
  if (missing.length === 0) return [];
  // A code may be posted where no rule proposed it: the lines are asked too, only for what no mapping has.
  const { rows: posted } = await client.query<{ code: string }>(
    `SELECT code FROM unnest($2::text[]) AS code
      WHERE EXISTS (SELECT FROM line WHERE entity_id = $1 AND side = 'erp' AND tax_code = code)`,
    [entityId, missing],
  );
  return missing
    .filter((code) => !posted.some((row) => row.code === code))
    .map((code) => ({ code, nearest: nearestOf(code, known) }));
}

function codesOf(change: SettingsChange): readonly string[] {
  if (change.kind === "tax-code") return [change.taxCode];
  return change.kind === "none-tax-codes" ? [...new Set(change.taxCodes)] : [];
}

/** Of five letters two may be wrong (swapped, say), and the other text still be the one that was meant. */
const slipsIn = (text: string): number => Math.max(1, Math.floor((text.length * 2) / 5));

/**
 * The texts that need the fewest letters changed, left out or put in to be the one given, nearest first; none that needs more
 * than two in five, as that is another text and no slip.
 */
export function nearestOf(text: string, known: readonly string[]): readonly string[] {
  return known
    .map((one) => ({ one, distance: distanceOf(text.toUpperCase(), one.toUpperCase()) }))
    .filter(({ distance }) => distance <= slipsIn(text))
    .sort((a, b) => a.distance - b.distance || (a.one < b.one ? -1 : 1))
    .slice(0, NEAREST_MAX)
    .map(({ one }) => one);
}

/** Levenshtein's distance, row by row of its matrix. */
function distanceOf(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const [left = 0, up = 0, corner = 0] = [current[column], above[column + 1], above[column]];
      current.push(Math.min(left + 1, up + 1, corner + (letter === other ? 0 : 1)));
    }
    above = current;
  }
  return above[above.length - 1] ?? 0;
}
