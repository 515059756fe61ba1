/** Why a file's text is no CSV file, and what to do; null where it may be one. A workbook is a ZIP archive, an old one a compound file. */
export function notCsv(text: string): string | null {
  if (text.trim() === "") return "The file is empty.";
  // What no text begins with stands there in place of the signs of an old one.
  if (text.startsWith("PK\u0003\u0004") || text.startsWith("\ufffd\ufffd\u0011"))
    return "This is a workbook, not a CSV file: open it in the spreadsheet and save the sheet as CSV.";
  return text.includes("\u0000")
    ? "This is not a CSV file as text: save the sheet as CSV (UTF-8) and choose that file."
    : null;
}
