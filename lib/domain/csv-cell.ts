/** What a spreadsheet would take for a formula. */
const FORMULA = /^'*[=+\-@\t\r]/;

/** A text as a cell of a CSV file: quoted where it must be, and never a formula where a spreadsheet opens it. */
export const csvCell = (text: string): string => csvRaw(FORMULA.test(text) ? `'${text}` : text);

/** A cell that is no formula whatever it begins with: an amount or a day that this program wrote. */
export const csvRaw = (text: string): string =>
  /[",;\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The text that `csvCell` wrote. */
export const fromCsvCell = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;

/** A line of a CSV file. */
export const csvLine = (texts: readonly string[]): string => csvRow(texts.map(csvCell));

/** A line of cells that are written already. */
export const csvRow = (cells: readonly string[]): string => `${cells.join(",")}\r\n`;

/** What stands between the cells of a file, judged by its first line: a comma, or the semicolon of German spreadsheets. */
export function csvDelimiter(text: string): "," | ";" {
  const first = text.replace(/^\uFEFF/, "").split(/\r?\n/, 1)[0] ?? "";
  return first.includes(";") && !first.includes(",") ? ";" : ",";
}
