import { COLUMNS, type Column, REQUIRED } from "./columns";
import type { Profile } from "./profile";
import type { RowError } from "./row";

/** Where each of our columns stands in a file. */
export type Header = Readonly<{
  width: number;
  positions: ReadonlyMap<Column, number>;
  errors: readonly RowError[];
}>;

/** Finds our columns in a header row. What is required, or named by the profile, must be there, and once. */
export function readHeader(row: number, cells: readonly string[], profile: Profile): Header {
  const names = cells.map((cell) => cell.trim());
  const found = names.join(", ").slice(0, 200);
  const positions = new Map<Column, number>();
  const errors: RowError[] = [];
  for (const [column, name] of profile.columns) {
    const position = names.indexOf(name);
    if (position >= 0) positions.set(column, position);
    if (position >= 0 && names.indexOf(name, position + 1) >= 0)
      errors.push({ row, column: name, found: "twice", expected: "each column once" });
    if (position < 0 && profile.namesColumns)
      errors.push({ row, column: name, found, expected: `a column "${name}", which the profile names` });
  }
  for (const column of REQUIRED[profile.side]) {
    if (positions.has(column) || profile.constants[column] !== undefined) continue;
    if (profile.namesColumns && profile.columns.has(column)) continue;
    errors.push({
      row,
      column: profile.columns.get(column) ?? column,
      found,
      expected: profile.namesColumns
        ? `a column or constant for ${column} in the profile`
        : `a column "${column}" (${profile.side} files can have: ${COLUMNS[profile.side].join(", ")})`,
    });
  }
  return { width: cells.length, positions, errors };
}
