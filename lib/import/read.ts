import { createHash, type Hash } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import type { SourceControl } from "@/lib/domain/control";
import type { BookDocument } from "@/lib/domain/document";
import type { Column } from "./columns";
import { type Control, controlErrors, isControl, readControl } from "./control";
import { gatherDocuments } from "./documents";
import { type Header, readHeader } from "./header";
import type { Profile } from "./profile";
import { type ImportEntity, type ImportRow, type RowError, readRow } from "./row";

/** What a file comes to. With any error there are no documents: it is the whole file or nothing. */
export type ImportResult = Readonly<{
  documents: readonly BookDocument[];
  /** what the rows of each document say, counted apart from it; in the same order */
  controls: readonly SourceControl[];
  /** data rows, without header and control line */
  rows: number;
  /** SHA-256 of the file's bytes, as hex */
  sha256: string;
  /** at most `errorsMax` of them */
  errors: readonly RowError[];
  errorCount: number;
  control: Control | null;
}>;

export type ImportOptions = Readonly<{
  profile: Profile;
  entity: ImportEntity;
  bytesMax?: number;
  rowsMax?: number;
  errorsMax?: number;
}>;

const BYTES_MAX = 200 * 1024 * 1024;
const ROWS_MAX = 1_000_000;
const RECORD_CHARACTERS_MAX = 1_000_000;

/** Reads a CSV file as its profile says, row by row. Never throws for what is in the file: that is in `errors`. */
export async function parseImport(
  stream: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportResult> {
  const { profile, bytesMax = BYTES_MAX, rowsMax = ROWS_MAX, errorsMax = 100 } = options;
  const hash = createHash("sha256");
  const errors: RowError[] = [];
  let errorCount = 0;
  const fail = (found: readonly RowError[]): void => {
    errorCount += found.length;
    errors.push(...found.slice(0, Math.max(0, errorsMax - errors.length)));
  };
  const rows: ImportRow[] = [];
  let count = 0;
  let control: Control | null = null;
  let header: Header | null = null;
  try {
    for await (const { row, cells } of recordsOf(decoded(stream, profile, hash, bytesMax), profile)) {
      if (isControl(cells)) {
        control = readControl(row, cells);
      } else if (header === null) {
        header = readHeader(row, cells, profile);
        fail(header.errors);
        if (header.errors.length > 0) break;
      } else {
        count += 1;
        if (count > rowsMax) throw problem(row, "more rows", `at most ${rowsMax} rows in a file`);
        const read = rowOf(row, cells, header, options);
        if ("errors" in read) fail(read.errors);
        else if (errorCount === 0) rows.push(read.row);
      }
    }
    if (header === null) fail([{ row: 1, column: "", found: "no header row", expected: "column names" }]);
  } catch (error) {
    fail([problemOf(error)]);
  }
  const gathered =
    errorCount === 0 ? gatherDocuments(rows, profile.side) : { documents: [], controls: [], errors: [] };
  fail(gathered.errors);
  if (control && errorCount === 0) fail(controlErrors(control, rows, profile));
  return {
    documents: errorCount === 0 ? gathered.documents : [],
    controls: errorCount === 0 ? gathered.controls : [],
    rows: count,
    sha256: hash.digest("hex"),
    errors,
    errorCount,
    control,
  };
}

function rowOf(
  row: number,
  cells: readonly string[],
  header: Header,
  { profile, entity }: ImportOptions,
): ReturnType<typeof readRow> {
  if (cells.length !== header.width) {
    const found = `${cells.length} columns`;
    return { errors: [{ row, column: "", found, expected: `${header.width} columns, as in the header` }] };
  }
  const cellOf = (column: Column): string | null => {
    const position = header.positions.get(column);
    return (position === undefined ? null : cells[position]) ?? profile.constants[column] ?? null;
  };
  // PostgreSQL holds no NUL in a text.
  if (cells.some((cell) => cell.includes("\u0000")))
    return { errors: [{ row, column: "", found: "a NUL character", expected: "text" }] };
  return readRow(row, cellOf, profile, entity);
}

type CsvRecord = Readonly<{ record: readonly string[]; info: Readonly<{ lines: number }> }>;

/** The records of a CSV text, each with the line it starts on. Empty lines are passed over. */
async function* recordsOf(
  text: AsyncIterable<string>,
  profile: Profile,
): AsyncGenerator<Readonly<{ row: number; cells: readonly string[] }>> {
  const parser = parse({
    bom: true,
    delimiter: profile.delimiter,
    quote: profile.quote,
    from_line: profile.headerRow,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_CHARACTERS_MAX,
  });
  // A failing source destroys the parser, whose iteration then throws the source's error.
  pipeline(Readable.from(text), parser, () => undefined);
  // The parser counts a CRLF within quotes as two lines.
  let surplus = 0;
  for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
    surplus += countIn(record, /\r\n/g);
    yield { row: info.lines - surplus - countIn(record, /\r\n|\r|\n/g), cells: record };
  }
}

const countIn = (cells: readonly string[], pattern: RegExp): number =>
  cells.reduce((sum, cell) => sum + (cell.match(pattern)?.length ?? 0), 0);

/** The file's text, counted and hashed on its way. */
async function* decoded(
  stream: AsyncIterable<Uint8Array>,
  { encoding }: Profile,
  hash: Hash,
  bytesMax: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw problem(1, "a larger file", `at most ${bytesMax} bytes`);
    hash.update(chunk);
    yield decodedBy(decoder, chunk);
  }
  yield decodedBy(decoder, null);
}

function decodedBy(decoder: TextDecoder, chunk: Uint8Array | null): string {
  try {
    return chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw problem(1, `bytes that are not ${decoder.encoding}`, "the encoding that the profile declares");
  }
}

type Problem = Error & Readonly<{ rowError: RowError }>;

const problem = (row: number, found: string, expected: string): Problem =>
  Object.assign(new Error(found), { rowError: { row, column: "", found, expected } });

/** A problem of the file as a row error. Anything else, like a disk that fails, is thrown on. */
function problemOf(error: unknown): RowError {
  if (error instanceof Error && "rowError" in error) return (error as Problem).rowError;
  if (!(error instanceof CsvError)) throw error;
  const row = typeof error["lines"] === "number" ? error["lines"] : 0;
  return { row, column: "", found: error.message, expected: "CSV as the profile declares it" };
}
