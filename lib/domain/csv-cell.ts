/** What a spreadsheet would take for a formula. */
const FORMULA = /^'*[=+\-@\t\r]/;

/** A text as a cell of a CSV file: quoted where it must be, and never a formula where a spreadsheet opens it. */
export function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",;\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The text that `csvCell` wrote. */
export const fromCsvCell = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;

/** A line of a CSV file. */
export const csvLine = (texts: readonly string[]): string => `${texts.map(csvCell).join(",")}\r\n`;

/** What stands between the cells of a file, judged by its first line: a comma, or the semicolon of German spreadsheets. */
export function csvDelimiter(text: string): "," | ";" {
  const first = text.replace(/^\uFEFF/, "").split(/\r?\n/, 1)[0] ?? "";
  return first.includes(";") && !first.includes(",") ? ";" : ",";
}
