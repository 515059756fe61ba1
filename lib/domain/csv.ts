/** A text as a cell of a CSV file. What a spreadsheet would take for a formula is written as text. */
export function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return csvRaw(safe);
}

/** A cell that is no formula whatever it begins with: an amount or a day that this program wrote. */
export const csvRaw = (text: string): string =>
  /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A line of cells that are written already. */
export const csvLine = (cells: readonly string[]): string => `${cells.join(",")}\r\n`;
