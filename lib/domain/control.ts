import type { Day } from "./day";
import type { BookDocument, BookLine, DocumentKind } from "./document";
import type { Minor } from "./money";

/** What of an amount is known: unknown is null, never zero. */
export type Priced = Readonly<{ net: Minor | null; tax: Minor | null; gross: Minor | null }>;

/**
 * Counts and sums of lines, and a hash of their keys and amounts. All members add up, whatever the order: two sets of
 * lines have equal sums exactly when they hold the same lines (but for a collision, 1 in 2^64). Minor units; net, tax and
 * gross are those of the lines that know them.
 */
export type Sums = Readonly<{
  lines: number;
  /** lines of which net, tax or gross is unknown */
  unknown: number;
  net: Minor;
  tax: Minor;
  gross: Minor;
  /** sum of the lines' hashes modulo 2^64, as PostgreSQL's bigint has it. A sum, not XOR: two equal lines don't cancel. */
  figures: bigint;
}>;

export const NO_LINES: Sums = { lines: 0, unknown: 0, net: 0n, tax: 0n, gross: 0n, figures: 0n };

/**
 * What a raw payload says of one document, taken from it as it came and not from its translation: the first of the
 * three counts that nothing may be lost between.
 */
export type SourceControl = Readonly<{
  kind: DocumentKind;
  /** the day it gives itself: posting date, or the day an order was placed; null where it gives none */
  day: Day | null;
  currency: string | null;
  /** lines or units whose amount is no number */
  unreadable: number;
  sums: Sums;
}>;

export const addSums = (a: Sums, b: Sums): Sums => ({
  lines: a.lines + b.lines,
  unknown: a.unknown + b.unknown,
  net: a.net + b.net,
  tax: a.tax + b.tax,
  gross: a.gross + b.gross,
  figures: BigInt.asIntN(64, a.figures + b.figures),
});

/** The same lines taken away: added to the sums that hold them, nothing is left. */
export const negatedSums = (a: Sums): Sums => ({
  lines: -a.lines,
  unknown: -a.unknown,
  net: -a.net,
  tax: -a.tax,
  gross: -a.gross,
  figures: BigInt.asIntN(64, -a.figures),
});

const amountText = (amount: Minor | null): string => (amount === null ? "?" : amount.toString());

/** The sums of one line of the document that its source knows as `sourceId`. */
export function lineSums(sourceId: string, lineId: string, { net, tax, gross }: Priced): Sums {
  const text = [sourceId, lineId, amountText(net), amountText(tax), amountText(gross)].join("\u001f");
  return {
    lines: 1,
    unknown: net === null || tax === null || gross === null ? 1 : 0,
    net: net ?? 0n,
    tax: tax ?? 0n,
    gross: gross ?? 0n,
    figures: hash64(text),
  };
}

/** A document's lines with the ids they are stored under: an id that a source uses twice is told apart by its turn. */
export function storedLines(
  document: Pick<BookDocument, "lines">,
): readonly Readonly<{ sourceLineId: string; line: BookLine }>[] {
  const turns = new Map<string, number>();
  return document.lines.map((line) => {
    const turn = (turns.get(line.sourceLineId) ?? 0) + 1;
    turns.set(line.sourceLineId, turn);
    return { sourceLineId: turn === 1 ? line.sourceLineId : `${line.sourceLineId} #${turn}`, line };
  });
}

const sumOf = (parts: readonly Sums[]): Sums => parts.reduce(addSums, NO_LINES);

/** Adds up sums of lines. */
export const totalSums = sumOf;

/**
 * What a document's lines come to, and `control`: the sum of hashes of everything that places a line in the books (its
 * document, id, day, currency and amounts). The database computes the same from its lines (lib/matching/proof).
 */
export function documentControl(
  document: BookDocument,
  documentId: string,
): Sums & Readonly<{ control: bigint }> {
  const lines = storedLines(document);
  const sums = sumOf(lines.map(({ sourceLineId, line }) => lineSums(document.sourceId, sourceLineId, line)));
  const control = lines.reduce((sum, { sourceLineId, line }) => {
    const placed = [documentId, sourceLineId, dayNumber(line.day).toString(), document.currency];
    const amounts = [amountText(line.net), amountText(line.tax), line.gross.toString()];
    return sum + hash64([...placed, ...amounts].join("\u001f"));
  }, 0n);
  return { ...sums, control: BigInt.asIntN(64, control) };
}

/** Days since 1 January 2000: what a date minus a date is in SQL. */
const dayNumber = (day: Day): number => Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000) - 10_957;

/**
 * PostgreSQL's `hashtextextended(text, 0)`: Bob Jenkins' lookup3 over UTF-8 (src/common/hashfn.c), as a signed 64-bit
 * number. It finds accidents, not forgeries: those are for content hashes (SHA-256) and the audit trail.
 */
export function hash64(text: string): bigint {
  const bytes = Buffer.from(text, "utf8");
  let length = bytes.length;
  let a = (0x9e3779b9 + length + 3_923_095) | 0;
  let b = a;
  let c = a;
  let at = 0;
  const mix = (): void => {
    a = ((a - c) | 0) ^ rotated(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotated(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotated(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ rotated(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotated(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotated(b, 4);
    b = (b + a) | 0;
  };
  for (; length >= 12; length -= 12, at += 12) {
    a = (a + bytes.readInt32LE(at)) | 0;
    b = (b + bytes.readInt32LE(at + 4)) | 0;
    c = (c + bytes.readInt32LE(at + 8)) | 0;
    mix();
  }
  // What is left of the text: four bytes to a, four to b; the lowest byte of c is kept for the length.
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[at + index] ?? 0;
    if (index < 4) a = (a + (byte << (8 * index))) | 0;
    else if (index < 8) b = (b + (byte << (8 * (index - 4)))) | 0;
    else c = (c + (byte << (8 * (index - 7)))) | 0;
  }
  c = ((c ^ b) - rotated(b, 14)) | 0;
  a = ((a ^ c) - rotated(c, 11)) | 0;
  b = ((b ^ a) - rotated(a, 25)) | 0;
  c = ((c ^ b) - rotated(b, 16)) | 0;
  a = ((a ^ c) - rotated(c, 4)) | 0;
  b = ((b ^ a) - rotated(a, 14)) | 0;
  c = ((c ^ b) - rotated(b, 24)) | 0;
  return (BigInt(b) << 32n) | BigInt(c >>> 0);
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
