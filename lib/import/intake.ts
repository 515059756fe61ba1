import type { SourceControl } from "@/lib/domain/control";
import type { BookDocument } from "@/lib/domain/document";
import type { Column } from "./columns";
import { type Control, controlErrors, isControl, readControl } from "./control";
import { errorAt, type Group, gather, groupKeyOf } from "./documents";
import { type Header, readHeader } from "./header";
import type { CsvRow } from "./plain-records";
import { NotPlain } from "./plain-records";
import type { Profile } from "./profile";
import { type ImportEntity, type ImportRow, type RowError, readRow } from "./row";
import { createSeen } from "./seen";
import { createTally } from "./tally";

/** What a file came to, its documents aside. */
export type Taken = Readonly<{
  /** data rows, without header and control line */
  rows: number;
  documents: number;
  /** at most `errorsMax` of them, as they stand in the file; then what doesn't hold across rows */
  errors: readonly RowError[];
  errorCount: number;
  control: Control | null;
}>;

/**
 * Rows as they came: of each the line of the file and the text of the columns that the profile reads, which are what a
 * document's figures are read from. What else stands in a row is nobody's business here.
 */
export type RawRows = Readonly<{
  columns: readonly string[];
  rows: readonly Readonly<{ row: number; text: string }>[];
}>;

export type IntakeOptions = Readonly<{
  profile: Profile;
  entity: ImportEntity;
  rowsMax: number;
  errorsMax: number;
  /** documents that may be open at once: a row of one that was closed before makes the file one to read as a whole */
  openMax: number;
}>;

/** A document, what its rows say, counted apart from it, and the line of the file that its first row starts on. */
export type TakenDocument = Readonly<{ document: BookDocument; control: SourceControl; row: number }>;

/** Takes a file's records one by one and hands out documents as they are complete. */
export type Intake = Readonly<{
  /** false: the header is wrong, and nothing more is to be read */
  push(record: CsvRow): boolean;
  /** a fault of the file as a whole */
  fail(error: RowError): void;
  /** how many documents' rows are held */
  held(): number;
  /** whether anything was wrong so far: then there is nothing to store */
  isBroken(): boolean;
  /** the documents that were opened first, and are taken as complete */
  take(count: number): readonly TakenDocument[];
  /** the rows that came since it was last asked */
  takeRaw(): RawRows;
  finish(): Taken;
}>;

/** An intake that has seen nothing yet. */
export function createIntake(options: IntakeOptions): Intake {
  const { profile, rowsMax } = options;
  const errors = createErrors(options.errorsMax);
  const groups = new Map<string, [ImportRow, ...ImportRow[]]>();
  const closed = createSeen();
  const tally = createTally(profile);
  let header: Header | null = null;
  let control: Control | null = null;
  let company: string | null | undefined;
  let count = 0;
  let documents = 0;
  let raw: CsvRow[] = [];

  const keep = (row: ImportRow): void => {
    tally.add(row);
    if (company === undefined) company = row.company;
    if (row.company !== company)
      errors.stranger(errorAt(row, "company", row.company, `${company ?? "nothing"}, as in the first row`));
    const key = groupKeyOf(row, profile.side);
    const group = groups.get(key);
    if (group) group.push(row);
    else if (closed.has(key)) throw new NotPlain("a document whose rows don't stand together");
    else groups.set(key, [row]);
  };
  const take = (wanted: number): readonly TakenDocument[] => {
    const made: TakenDocument[] = [];
    let left = wanted;
    for (const [key, group] of groups) {
      if (left === 0) break;
      left -= 1;
      groups.delete(key);
      if (options.openMax !== Number.POSITIVE_INFINITY) closed.add(key);
      const gathered = gather(group satisfies Group, profile.side);
      errors.duplicates(gathered.duplicates);
      errors.disagreements(gathered.errors);
      for (const [index, document] of gathered.documents.entries()) {
        const control = gathered.controls[index];
        if (control) made.push({ document, control, row: group[0].row });
      }
    }
    documents += made.length;
    return made;
  };

  return {
    push(record) {
      if (isControl(record.cells)) {
        control = readControl(record.row, record.cells);
        return true;
      }
      if (header === null) {
        header = readHeader(record.row, record.cells, profile);
        errors.rows(header.errors);
        return header.errors.length === 0;
      }
      count += 1;
      if (count > rowsMax) {
        const expected = `at most ${rowsMax} rows in a file`;
        throw fileProblem({ row: record.row, column: "", found: "more rows", expected });
      }
      const read = rowOf(record, header, options);
      if ("errors" in read) errors.rows(read.errors);
      else if (!errors.isRowBroken()) {
        keep(read.row);
        raw.push(record);
      }
      return true;
    },
    fail: (error) => errors.rows([error]),
    held: () => groups.size,
    isBroken: () => errors.isRowBroken() || errors.isGroupBroken(),
    take,
    takeRaw() {
      const rows = raw;
      raw = [];
      return {
        columns: header ? [...header.positions.keys()] : [],
        rows: rows.map(({ row, cells }) => ({ row, text: rawText(cells, header, profile) })),
      };
    },
    finish() {
      if (header === null)
        errors.rows([{ row: 1, column: "", found: "no header row", expected: "column names" }]);
      if (control && !errors.isRowBroken() && !errors.isGroupBroken())
        errors.control(controlErrors(control, count, tally, profile));
      return { rows: count, documents, ...errors.all(), control };
    },
  };
}

// What a cell can't have without quotes.
const QUOTED = /["\r\n]/;

/** A record's text again, in the columns that are read. */
function rawText(cells: readonly string[], header: Header | null, { delimiter }: Profile): string {
  if (header === null) return "";
  let text = "";
  let separator = "";
  for (const position of header.positions.values()) {
    const cell = cells[position] ?? "";
    const isPlain = !QUOTED.test(cell) && !cell.includes(delimiter);
    text += separator + (isPlain ? cell : `"${cell.replaceAll('"', '""')}"`);
    separator = delimiter;
  }
  return text;
}

function rowOf(
  { row, cells }: CsvRow,
  header: Header,
  { profile, entity }: IntakeOptions,
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

/** Errors by kind, each counted and its first ones kept. What doesn't hold across rows counts only where every row was read. */
function createErrors(errorsMax: number) {
  const kinds = {
    rows: newList(),
    strangers: newList(),
    duplicates: newList(),
    disagreements: newList(),
    control: newList(),
  };
  const add = (list: ErrorList, found: readonly RowError[]): void => {
    list.count += found.length;
    for (const error of found.slice(0, Math.max(0, errorsMax - list.first.length))) list.first.push(error);
  };
  const isGroupBroken = (): boolean =>
    kinds.strangers.count + kinds.duplicates.count + kinds.disagreements.count > 0;
  return {
    rows: (found: readonly RowError[]): void => add(kinds.rows, found),
    stranger: (error: RowError): void => add(kinds.strangers, [error]),
    duplicates: (found: readonly RowError[]): void => add(kinds.duplicates, found),
    disagreements: (found: readonly RowError[]): void => add(kinds.disagreements, found),
    control: (found: readonly RowError[]): void => add(kinds.control, found),
    isRowBroken: (): boolean => kinds.rows.count > 0,
    isGroupBroken,
    all(): Readonly<{ errors: readonly RowError[]; errorCount: number }> {
      const lists =
        kinds.rows.count > 0
          ? [kinds.rows]
          : [kinds.strangers, kinds.duplicates, kinds.disagreements, kinds.control];
      return {
        errors: lists.flatMap((list) => list.first).slice(0, errorsMax),
        errorCount: lists.reduce((sum, list) => sum + list.count, 0),
      };
    },
  };
}

type ErrorList = { count: number; first: RowError[] };
const newList = (): ErrorList => ({ count: 0, first: [] });

type FileProblem = Error & Readonly<{ rowError: RowError }>;

/** A fault of the file as a whole, to be thrown and told as one of its errors. */
export const fileProblem = (rowError: RowError): FileProblem =>
  Object.assign(new Error(rowError.found), { rowError });

export const isFileProblem = (error: unknown): error is FileProblem =>
  error instanceof Error && "rowError" in error;
