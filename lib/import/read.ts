import { createHash } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import type { SourceControl } from "@/lib/domain/control";
import type { BookDocument } from "@/lib/domain/document";
import {
  createIntake,
  fileProblem,
  type Intake,
  isFileProblem,
  type RawRows,
  type Taken,
  type TakenDocument,
} from "./intake";
import { type CsvRow, createPlainReader } from "./plain-records";
import type { Profile } from "./profile";
import type { ImportEntity, RowError } from "./row";

/** What a file comes to. With any error there are no documents: it is the whole file or nothing. */
export type ImportResult = Omit<Taken, "documents"> &
  Readonly<{
    documents: readonly BookDocument[];
    /** what the rows of each document say, counted apart from it; in the same order */
    controls: readonly SourceControl[];
    /** of each document the line that its first row starts on */
    firstRows: readonly number[];
    raw: RawRows;
  }>;

export type ImportOptions = Readonly<{
  profile: Profile;
  entity: ImportEntity;
  bytesMax?: number;
  rowsMax?: number;
  errorsMax?: number;
}>;

/** Documents of a file that are complete, and rows as they came. */
export type Portion = Readonly<{ documents: readonly TakenDocument[]; raw: RawRows }>;

const BYTES_MAX = 200 * 1024 * 1024;
const ROWS_MAX = 1_000_000;
const ERRORS_MAX = 100;
const RECORD_CHARACTERS_MAX = 1_000_000;

/** A file that is read as a stream may be as large as a year of a large shop. */
const STREAM_BYTES_MAX = 16 * 1024 ** 3;
const STREAM_ROWS_MAX = 50_000_000;
/** Documents that are complete are handed on so many at once; as many stay open for rows that come a little later. */
const PORTION = 1000;

/**
 * Reads a whole CSV file as its profile says, in any dialect and with rows in any order, into memory. Never throws for
 * what is in the file: that is in `errors`.
 */
export async function parseImport(
  stream: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportResult> {
  const { profile, bytesMax = BYTES_MAX, rowsMax = ROWS_MAX, errorsMax = ERRORS_MAX, entity } = options;
  const intake = createIntake({ profile, entity, rowsMax, errorsMax, openMax: Number.POSITIVE_INFINITY });
  await reading(intake, async () => {
    for await (const record of recordsOf(decoded(stream, profile, bytesMax), profile)) {
      if (!intake.push(record)) break;
    }
  });
  const documents = intake.take(Number.POSITIVE_INFINITY);
  const raw = intake.takeRaw();
  const taken = intake.finish();
  if (taken.errorCount > 0)
    return { ...taken, documents: [], controls: [], firstRows: [], raw: { columns: [], rows: [] } };
  return {
    ...taken,
    documents: documents.map(({ document }) => document),
    controls: documents.map(({ control }) => control),
    firstRows: documents.map(({ row }) => row),
    raw,
  };
}

/**
 * Reads a plain CSV file whose documents' rows stand together, in bounded memory, and hands its documents on while it
 * reads: `store` is called no more once anything is wrong. Never throws for what is in the file, but for one thing.
 *
 * @throws NotPlain where the file is of another kind: what was handed on is to be forgotten, and parseImport reads it
 */
export async function streamImport(
  stream: AsyncIterable<Uint8Array>,
  options: ImportOptions,
  store: (portion: Portion) => Promise<void>,
): Promise<Taken> {
  const { profile, entity } = options;
  const { bytesMax = STREAM_BYTES_MAX, rowsMax = STREAM_ROWS_MAX, errorsMax = ERRORS_MAX } = options;
  const intake = createIntake({ profile, entity, rowsMax, errorsMax, openMax: 2 * PORTION });
  const read = createPlainReader(profile);
  const handOn = async (count: number): Promise<void> => {
    const documents = intake.take(count);
    const raw = intake.takeRaw();
    if (!intake.isBroken()) await store({ documents, raw });
  };
  await reading(intake, async () => {
    for await (const { text, isLast } of piecesOf(decoded(stream, profile, bytesMax))) {
      for (const record of read(text, isLast)) {
        if (!intake.push(record)) return;
        if (intake.held() >= 2 * PORTION) await handOn(PORTION);
      }
    }
  });
  while (intake.held() > 0) await handOn(PORTION);
  return intake.finish();
}

/** What parseImport read, in portions. */
export function* portionsOf({ documents, controls, firstRows, raw }: ImportResult): Generator<Portion> {
  const { columns, rows } = raw;
  for (let first = 0; first < rows.length; first += ROWS_PORTION) {
    yield { documents: [], raw: { columns, rows: rows.slice(first, first + ROWS_PORTION) } };
  }
  for (let first = 0; first < documents.length; first += PORTION) {
    const some = documents.slice(first, first + PORTION);
    yield {
      documents: some.flatMap((document, index) => {
        const control = controls[first + index];
        return control ? [{ document, control, row: firstRows[first + index] ?? 0 }] : [];
      }),
      raw: { columns, rows: [] },
    };
  }
}

const ROWS_PORTION = 5000;

/** SHA-256 of a file's bytes, as hex. */
export async function fileHash(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

/** Keeps what is wrong with the file as a whole beside what is wrong with its rows. A disk that fails is thrown. */
async function reading(intake: Intake, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    intake.fail(problemOf(error));
  }
}

async function* piecesOf(
  texts: AsyncIterable<string>,
): AsyncGenerator<Readonly<{ text: string; isLast: boolean }>> {
  for await (const text of texts) yield { text, isLast: false };
  yield { text: "", isLast: true };
}

type CsvRecord = Readonly<{ record: readonly string[]; info: Readonly<{ lines: number }> }>;

/** The records of a CSV text, each with the line it starts on. Empty lines are passed over. */
export async function* recordsOf(text: AsyncIterable<string>, profile: Profile): AsyncGenerator<CsvRow> {
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

/** The file's text, its bytes counted on their way. */
async function* decoded(
  stream: AsyncIterable<Uint8Array>,
  { encoding }: Profile,
  bytesMax: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw problem("a larger file", `at most ${bytesMax} bytes`);
    yield decodedBy(decoder, chunk);
  }
  yield decodedBy(decoder, null);
}

function decodedBy(decoder: TextDecoder, chunk: Uint8Array | null): string {
  try {
    return chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw problem(`bytes that are not ${decoder.encoding}`, "the encoding that the profile declares");
  }
}

const problem = (found: string, expected: string): Error =>
  fileProblem({ row: 1, column: "", found, expected });

/** A problem of the file as a row error. Anything else, like a disk that fails, is thrown on. */
function problemOf(error: unknown): RowError {
  if (isFileProblem(error)) return error.rowError;
  if (!(error instanceof CsvError)) throw error;
  const row = typeof error["lines"] === "number" ? error["lines"] : 0;
  return { row, column: "", found: error.message, expected: "CSV as the profile declares it" };
}
