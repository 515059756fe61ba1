import type { Profile } from "./profile";

/** A record of a CSV text with the line that it starts on. */
export type CsvRow = Readonly<{ row: number; cells: readonly string[] }>;

/** Thrown where a text isn't plain: whoever catches it reads the file again with the careful parser. */
export class NotPlain extends Error {}

/**
 * Cuts plain CSV text into records, several times faster than a parser that knows every dialect: one kind of line end
 * throughout, quotes only around whole cells and doubled within. At anything else it throws NotPlain instead of
 * guessing, so that what it returns is what the careful parser returns (its test compares them).
 */
export function createPlainReader(profile: Pick<Profile, "delimiter" | "quote" | "headerRow">) {
  const { delimiter, quote, headerRow } = profile;
  let rest = "";
  let line = 1;
  let hasReturns: boolean | null = null;
  let isStart = true;

  /** The text of the line that ends before `end` ("\n"), without its line end. */
  const lineText = (text: string, from: number, end: number): string => {
    const returns = end > from && text.charCodeAt(end - 1) === RETURN;
    hasReturns ??= returns;
    if (returns !== hasReturns) throw new NotPlain("two kinds of line ends");
    return returns ? text.slice(from, end - 1) : text.slice(from, end);
  };

  /** The records that `chunk` completes; with `isLast` also the one that no line end closes. */
  return function read(chunk: string, isLast: boolean): readonly CsvRow[] {
    let text = rest + chunk;
    if (isStart && text !== "") {
      if (text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1);
      isStart = false;
    }
    const rows: CsvRow[] = [];
    let from = 0;
    let nextQuote = text.indexOf(quote);
    while (from < text.length) {
      const end = text.indexOf("\n", from);
      if (end < 0 && !isLast) break;
      const to = end < 0 ? text.length : end;
      if (nextQuote >= 0 && nextQuote < from) nextQuote = text.indexOf(quote, from);
      if (nextQuote < 0 || nextQuote >= to) {
        const plain = end < 0 ? text.slice(from, to) : lineText(text, from, to);
        if (plain.includes("\r")) throw new NotPlain("a carriage return within a line");
        if (plain !== "" && line >= headerRow) rows.push({ row: line, cells: plain.split(delimiter) });
        line += 1;
        from = to + 1;
        continue;
      }
      if (line < headerRow) throw new NotPlain("a quote above the header");
      const record = quotedRecord(text, from, { delimiter, quote }, isLast);
      if (record === null) break;
      if (record.ending !== "") {
        hasReturns ??= record.ending === "\r\n";
        if (hasReturns !== (record.ending === "\r\n")) throw new NotPlain("two kinds of line ends");
      }
      rows.push({ row: line, cells: record.cells });
      line += 1 + record.lineBreaks;
      from = record.next;
    }
    rest = text.slice(from);
    if (rest.length > REST_MAX) throw new NotPlain("a very long record");
    return rows;
  };
}

const RETURN = 13;
const BYTE_ORDER_MARK = 0xfeff;
const REST_MAX = 1_000_000;

type Quoted = Readonly<{
  cells: readonly string[];
  lineBreaks: number;
  ending: "" | "\n" | "\r\n";
  next: number;
}>;

/** A record with quoted cells; null where the text ends before it does. */
function quotedRecord(
  text: string,
  start: number,
  { delimiter, quote }: Readonly<{ delimiter: string; quote: string }>,
  isLast: boolean,
): Quoted | null {
  // Within quotes the careful parser takes " as the escape, whatever the quote is.
  if (quote !== '"') throw new NotPlain("an uncommon quote");
  const cells: string[] = [];
  let lineBreaks = 0;
  let at = start;
  for (;;) {
    let cell: string;
    if (text.startsWith(quote, at)) {
      const closing = closingQuote(text, at + 1, quote);
      // A quote at the end of what is here may be the first of two.
      if (closing < 0 || (closing === text.length - 1 && !isLast)) {
        if (isLast) throw new NotPlain("a quote that never closes");
        return null;
      }
      cell = text.slice(at + 1, closing).replaceAll(quote + quote, quote);
      lineBreaks += cell.match(/\r\n|\r|\n/g)?.length ?? 0;
      at = closing + 1;
    } else {
      const end = endOfCell(text, at, delimiter);
      if (end < 0 && !isLast) return null;
      const to = end < 0 ? text.length : end;
      cell = text.slice(at, to);
      if (cell.includes(quote)) throw new NotPlain("a quote within a cell");
      at = to;
    }
    cells.push(cell);
    if (at >= text.length) {
      if (!isLast) return null;
      return { cells, lineBreaks, ending: "", next: at };
    }
    if (text.startsWith(delimiter, at)) at += 1;
    else if (text.charCodeAt(at) === 10) return { cells, lineBreaks, ending: "\n", next: at + 1 };
    else if (text.startsWith("\r\n", at)) return { cells, lineBreaks, ending: "\r\n", next: at + 2 };
    else if (at === text.length - 1 && !isLast) return null;
    else throw new NotPlain("text behind a quoted cell");
  }
}

function closingQuote(text: string, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 2)) {
    if (!text.startsWith(quote, at + 1)) return at;
  }
  return -1;
}

/** Where an unquoted cell ends: at a delimiter or a line end; -1 where the text ends first. */
function endOfCell(text: string, from: number, delimiter: string): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === RETURN || text[at] === delimiter) return at;
  }
  return -1;
}
