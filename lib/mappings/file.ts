import { CsvError, parse } from "csv-parse/sync";
import { Decimal } from "decimal.js";
import { csvDelimiter, csvLine, fromCsvCell } from "@/lib/domain/csv-cell";
import { ONE_CHANNEL } from "@/lib/domain/group";
import { notCsv } from "@/lib/domain/not-csv";
import { type Draft, readDraft } from "@/lib/settings/change/schema";
import { keyOf, MappingChange, type MappingTable, placeOf, ROWS_MOST } from "./schema";

/** What is wrong with a row of a file, where, and what to do. `line` counts from 1, as an editor does. */
export type FileProblem = Readonly<{ line: number; column: string; what: string; advice: string }>;

/** The names that a file may use for what an entity has: an ERP connection by its name, its shops by id or name, and its channels. */
export type KnownNames = Readonly<{
  connections: readonly Readonly<{ id: string; name: string }>[];
  shops: readonly Readonly<{ id: string; name: string }>[];
  channels: readonly string[];
}>;

type Column = Readonly<{
  name: string;
  /** the field of the change */
  field: string;
  /** how people write its values, and what they mean; without it, any text */
  words?: Readonly<Record<string, string>>;
  /** other values that are meant as they are written: how they begin */
  other?: string;
  /** a file may do without it: then its cells are empty */
  optional?: boolean;
}>;

const DAYS: readonly Column[] = [
  { name: "valid_from", field: "validFrom", optional: true },
  { name: "valid_until", field: "validUntil", optional: true },
];

/** Whether a row holds, or is taken away; without the column all of them hold. */
const HOLDS: Column = {
  name: "holds",
  field: "holds",
  words: { yes: "yes", no: "no", "": "yes" },
  optional: true,
};

const columnsOf: Readonly<Record<MappingTable, readonly Column[]>> = {
  items: [
    { name: "erp_kind", field: "erpKind", words: { item: "item", account: "account" } },
    { name: "erp_item", field: "erpItem" },
    { name: "variant", field: "erpVariant" },
    {
      name: "stands_for",
      field: "lineKind",
      words: {
        item: "item",
        shipping: "shipping",
        fee: "fee",
        "gift card": "gift_card",
        rounding: "rounding",
        nothing: "nothing",
      },
    },
    { name: "sku", field: "sku" },
    ...DAYS,
  ],
  "tax-codes": [
    { name: "ships_to", field: "shipTo" },
    {
      name: "channel",
      field: "channel",
      words: { any: "*", shop: "shop", marketplace: "marketplace", "in store": "in_store" },
      other: ONE_CHANNEL,
    },
    { name: "rate", field: "rate" },
    { name: "tax_code", field: "taxCode" },
    { name: "right", field: "right", words: { yes: "yes", no: "no" } },
    ...DAYS,
  ],
  references: [
    { name: "connection", field: "connection", optional: true },
    {
      name: "part",
      field: "part",
      words: {
        beginning: "beginning",
        ending: "ending",
        separators: "separators",
        "zeros in front": "zeros",
        "whole reference": "name",
      },
    },
    { name: "text", field: "text" },
    { name: "order", field: "order" },
    HOLDS,
    ...DAYS,
  ],
  payments: [
    { name: "connection", field: "connection", optional: true },
    { name: "shop", field: "shopId", words: { any: "*" }, other: "" },
    { name: "payment", field: "paymentKey" },
    { name: "erp_code", field: "erpCode" },
    HOLDS,
    ...DAYS,
  ],
};

/** The columns of a table's file, as its first line names them. */
export const fileColumns = (table: MappingTable): readonly string[] =>
  columnsOf[table].map((one) => one.name);

/** Rows of a table as a CSV file that no spreadsheet takes for formulas, and that can be imported again. */
export function writeMappingFile(table: MappingTable, rows: readonly Draft[]): string {
  const columns = columnsOf[table];
  const lines = rows.map((row) =>
    columns.map(({ field, words }) => {
      const value = row[field] ?? "";
      return (
        Object.entries(words ?? {}).find(([word, meant]) => word !== "" && meant === value)?.[0] ?? value
      );
    }),
  );
  return [fileColumns(table), ...lines].map((line) => csvLine(line)).join("");
}

/** What a row of a file states. */
export type FileRow = Readonly<{ line: number; change: MappingChange }>;

/** What the good rows of a file state, and everything that is wrong with it: then nothing of it is to be taken. */
export type ReadFile = Readonly<{
  rows: readonly FileRow[];
  problems: readonly FileProblem[];
  /** the orders that its rows name, those with a fault among them */
  orders: readonly Readonly<{ line: number; order: string }>[];
}>;

/** Reads a file of one table, with commas or semicolons between its cells and its columns in any order. */
export function readMappingFile(table: MappingTable, text: string, known: KnownNames = NONE_KNOWN): ReadFile {
  const other = notCsv(text);
  if (other !== null) {
    const advice = `A CSV file with the columns ${fileColumns(table).join(", ")} is taken.`;
    return { rows: [], orders: [], problems: [{ line: 1, column: "(all)", what: other, advice }] };
  }
  const records = recordsOf(text);
  if ("problem" in records) return { rows: [], orders: [], problems: [records.problem] };
  const [header, ...lines] = records.rows;
  const names = (header?.cells ?? []).map((name) => name.trim().toLowerCase());
  const missing = columnsOf[table]
    .filter(({ name, optional }) => optional !== true && !names.includes(name))
    .map(({ name }) => name);
  const unknown = names.filter((name) => !fileColumns(table).includes(name));
  const twice = names.filter((name, place) => names.indexOf(name) !== place);
  const head = (column: string, what: string): FileProblem => ({
    line: header?.line ?? 1,
    column,
    what,
    advice: `The first line names the columns ${fileColumns(table).join(", ")}, each once.`,
  });
  const headProblems = [
    ...missing.map((name) => head(name, "The column is not there.")),
    ...unknown.map((name) => head(name || "(empty)", "There is no such column.")),
    ...twice.map((name) => head(name, "The column is there twice.")),
  ];
  if (headProblems.length > 0) return { rows: [], orders: [], problems: headProblems };
  if (lines.length === 0)
    return { rows: [], orders: [], problems: [head("(all)", "There are no rows below the header.")] };
  if (lines.length > ROWS_MOST) {
    const what = `The file has ${lines.length.toLocaleString("en")} rows; one request takes ${ROWS_MOST}.`;
    return {
      rows: [],
      orders: [],
      problems: [{ line: lines[ROWS_MOST]?.line ?? 1, column: "(all)", what, advice: "Divide the file." }],
    };
  }
  return rowsOf(table, names, lines, known);
}

const NONE_KNOWN: KnownNames = { connections: [], shops: [], channels: [] };

type CsvRow = Readonly<{ line: number; cells: readonly string[] }>;

function rowsOf(
  table: MappingTable,
  names: readonly string[],
  lines: readonly CsvRow[],
  known: KnownNames,
): ReadFile {
  const problems: FileProblem[] = [];
  const places = new Map<string, FileRow>();
  const rows: FileRow[] = [];
  for (const row of lines) {
    const read = rowOf(table, names, row, known);
    if ("problems" in read) {
      problems.push(...read.problems);
      continue;
    }
    const whole = (what: string, advice: string) =>
      problems.push({ line: row.line, column: "(all)", what, advice });
    const place = placeOf(read.change);
    const other = places.get(place);
    if (other) {
      whole(`Line ${other.line} is about the same.`, "Keep one of the two rows.");
      continue;
    }
    const sharing = rows.find((one) => sharesDays(one.change, read.change));
    if (sharing)
      whole(
        `It holds on days on which line ${sharing.line} does.`,
        "Choose other days in one of the two rows.",
      );
    places.set(place, { line: row.line, change: read.change });
    rows.push({ line: row.line, change: read.change });
  }
  const place = table === "references" ? names.indexOf("order") : -1;
  const orders = lines.flatMap(({ line, cells }) => {
    const order = fromCsvCell((cells[place] ?? "").trim());
    return order === "" ? [] : [{ line, order }];
  });
  return { rows, problems, orders };
}

/** Whether two rows say something of the same on one day. */
function sharesDays(one: MappingChange, other: MappingChange): boolean {
  if (
    one.kind.endsWith("-gone") ||
    one.kind !== other.kind ||
    JSON.stringify(keyOf(one)) !== JSON.stringify(keyOf(other))
  )
    return false;
  const [a, b] = [one as Spanned, other as Spanned];
  return (a.validFrom ?? "") <= (b.validUntil ?? "9999") && (b.validFrom ?? "") <= (a.validUntil ?? "9999");
}

type Spanned = Readonly<{ validFrom?: string | undefined; validUntil?: string | undefined }>;

type ReadRow = Readonly<{ change: MappingChange }> | Readonly<{ problems: readonly FileProblem[] }>;

function rowOf(
  table: MappingTable,
  names: readonly string[],
  { line, cells }: CsvRow,
  known: KnownNames,
): ReadRow {
  const problems: FileProblem[] = [];
  const bad = (column: string, what: string, advice: string) => problems.push({ line, column, what, advice });
  if (cells.length !== names.length) {
    bad(
      "(all)",
      `The row has ${cells.length} cells, the header ${names.length}.`,
      "Fill it up, or put quotes around cells with a comma.",
    );
    return { problems };
  }
  const draft: Record<string, string> = {};
  // What is told of a cell already is not told again, nor what follows from it; all else of the row is.
  const told = new Set<string>();
  for (const { name, field, words, other } of columnsOf[table]) {
    const place = names.indexOf(name);
    const value = fromCsvCell((place < 0 ? "" : (cells[place] ?? "")).trim());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(value)) {
      bad(name, "The cell holds a line break or another control character.", "Take it out.");
      told.add(field);
    }
    const meant =
      words?.[value.toLowerCase()] ??
      (!words || (other !== undefined && value.startsWith(other)) ? value : undefined);
    if (words && meant === undefined) {
      told.add(field);
      bad(
        name,
        `“${value.slice(0, 40)}” is not known here.`,
        `Write one of: ${Object.keys(words).filter(Boolean).join(", ")}${other ? `, or ${other} and the channel’s key` : ""}.`,
      );
    }
    draft[field] = field === "rate" ? fractionOf(meant ?? "") : (meant ?? "");
  }
  // What is to be taken away needs neither.
  if (told.has("holds")) for (const field of ["order", "erpCode"]) if (!draft[field]) told.add(field);
  if (told.has("lineKind")) told.add("sku");
  const channel = draft["channel"] ?? "";
  if (
    !told.has("channel") &&
    channel.startsWith(ONE_CHANNEL) &&
    !known.channels.includes(channel.slice(ONE_CHANNEL.length))
  )
    bad(
      "channel",
      `There is no channel ${channel.slice(ONE_CHANNEL.length, 60)}.`,
      nearestWords(known.channels),
    );
  const isGone = draft["lineKind"] === "nothing";
  const { change, faults }: Readonly<{ change: unknown; faults: Readonly<Record<string, string>> | null }> =
    table === "references" || table === "payments"
      ? readLedgerRow(table, draft, known, (column, ...words) => {
          if (!columnsOf[table].some(({ name, field }) => name === column && told.has(field)))
            bad(column, ...words);
        })
      : readDraft(
          table === "items" ? "item" : "tax-code",
          isGone ? { ...draft, lineKind: "rounding" } : draft,
        );
  for (const [field, advice] of Object.entries(faults ?? {})) {
    if (told.has(field)) continue;
    const column = columnsOf[table].find((one) => one.field === field)?.name ?? field;
    bad(column, `“${(draft[field] ?? "").slice(0, 40)}” can’t be read.`, advice);
  }
  if (!told.has("sku") && draft["lineKind"] !== undefined && draft["lineKind"] !== "item" && draft["sku"])
    bad("sku", "Only an item stands for a SKU.", "Leave the cell empty, or write item under stands_for.");
  if (draft["validFrom"] && draft["validUntil"] && draft["validUntil"] < draft["validFrom"])
    bad("valid_until", "The last day is before the first.", "Write a day that is the same or later.");
  if (problems.length > 0 || change === null) return { problems };
  const stated = MappingChange.parse(change);
  if (stated.kind === "item" && isGone) {
    const { erpKind, erpItem, erpVariant, validFrom } = stated;
    const begins = validFrom === undefined ? {} : { begins: validFrom };
    return { change: { kind: "item-gone", erpKind, erpItem, erpVariant, ...begins } };
  }
  return { change: stated };
}

/** A rate as a fraction, where it is written as the table prints it: "19 %" is "0.19". Anything else stays as it is. */
function fractionOf(text: string): string {
  const [, digits] = /^(\d{1,2}(?:[.,]\d{1,3})?)\s*%$/.exec(text) ?? [];
  return digits === undefined ? text : new Decimal(digits.replace(",", ".")).div(100).toFixed();
}

const nearestWords = (names: readonly string[]): string =>
  names.length === 0 ? "There is none here." : `Write one of: ${names.slice(0, 20).join(", ")}.`;

/** A row that is of one ERP connection: named, or the only one. */
function readLedgerRow(
  table: "references" | "payments",
  draft: Draft,
  { connections, shops }: KnownNames,
  bad: (column: string, what: string, advice: string) => void,
): Readonly<{ change: MappingChange | null; faults: Readonly<Record<string, string>> | null }> {
  const of = (field: string): string => draft[field] ?? "";
  const name = of("connection");
  const own =
    name === ""
      ? connections.length === 1
        ? connections
        : []
      : connections.filter((one) => one.name.toLowerCase() === name.toLowerCase());
  const [connection] = own;
  if (!connection)
    bad(
      "connection",
      name === "" ? "It is not said of which ERP." : `There is no ERP connection “${name.slice(0, 40)}”.`,
      nearestWords(connections.map((one) => one.name)),
    );
  const asked = of("shopId") || "*";
  const byId = shops.filter((one) => one.id === asked);
  const meant =
    byId.length > 0 ? byId : shops.filter((one) => one.name.toLowerCase() === asked.toLowerCase());
  if (table === "payments" && asked !== "*" && meant.length !== 1)
    bad(
      "shop",
      meant.length === 0
        ? `There is no shop “${asked.slice(0, 40)}”.`
        : `Several shops are called “${asked.slice(0, 40)}”.`,
      `Write any, or one of: ${shops.map(({ id, name }) => `${id} (${name})`).join(", ")}.`,
    );
  const shopId = meant[0]?.id ?? asked;
  const place =
    table === "references"
      ? { part: of("part"), text: of("text") }
      : { shopId, paymentKey: of("paymentKey") };
  const days = Object.fromEntries(
    ["validFrom", "validUntil"].flatMap((field) => (of(field) === "" ? [] : [[field, of(field)]])),
  );
  // Without a connection the rest is read all the same, so that all faults of the row are told.
  const connectionId = connection?.id ?? "00000000-0000-0000-0000-000000000000";
  const kind = table === "references" ? "reference" : "payment";
  const read = MappingChange.safeParse(
    of("holds") === "no"
      ? {
          kind: `${kind}-gone`,
          connectionId,
          ...place,
          ...(of("validFrom") !== "" && { begins: of("validFrom") }),
        }
      : {
          kind,
          connectionId,
          ...place,
          ...(table === "references" ? { order: of("order") || null } : { erpCode: of("erpCode") }),
          ...days,
        },
  );
  if (read.success) return { change: read.data, faults: null };
  return {
    change: null,
    faults: Object.fromEntries(read.error.issues.map(({ path, message }) => [String(path[0]), message])),
  };
}

function recordsOf(text: string): Readonly<{ rows: readonly CsvRow[] }> | Readonly<{ problem: FileProblem }> {
  try {
    // One line, one break: the parser counts both halves of a Windows break within quotes.
    const rows = parse(text.replace(/\r\n?/g, "\n"), {
      bom: true,
      delimiter: csvDelimiter(text),
      skip_empty_lines: true,
      relax_column_count: true,
      info: true,
    }) as unknown as readonly Readonly<{ record: readonly string[]; info: { lines: number } }>[];
    return {
      rows: rows.map(({ record, info }) => ({ line: startOf(record, info.lines), cells: record })),
    };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as { lines?: unknown }).lines ?? 1);
    const advice = "Check the quotes of this line and the one before; a spreadsheet writes such files right.";
    return { problem: { line, column: "(all)", what: `The file can’t be read: ${error.message}.`, advice } };
  }
}

/** A record is counted by its last line; cells with breaks in them made it longer. */
const startOf = (cells: readonly string[], last: number): number =>
  last - cells.reduce((breaks, cell) => breaks + (cell.match(/\n/g)?.length ?? 0), 0);
