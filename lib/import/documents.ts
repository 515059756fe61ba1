import { countryOf } from "@/lib/connectors/countries";
import { lineSums, type SourceControl, totalSums } from "@/lib/domain/control";
import type { BookDocument, DocumentKind } from "@/lib/domain/document";
import type { ImportSide } from "./columns";
import type { ImportRow, RowError } from "./row";

type Group = readonly [ImportRow, ...ImportRow[]];
type Gathered = Readonly<{ document: BookDocument; control: SourceControl; errors: readonly RowError[] }>;

/**
 * The documents that the rows of a file make, in the order of their first row, and what doesn't hold across rows.
 * Sales rows of one order and kind are one document, whose id is the order's number. Ledger rows go by document number
 * and type; a posting that sums up several orders is split by the order its rows name. Rows without line_no are
 * counted within their document.
 */
export function gatherDocuments(
  rows: readonly ImportRow[],
  side: ImportSide,
): Readonly<{
  documents: readonly BookDocument[];
  /** of each document, in the same order, what its rows say, counted apart from it */
  controls: readonly SourceControl[];
  errors: readonly RowError[];
}> {
  const [first] = rows;
  const strangers = rows.filter((row) => row.company !== first?.company);
  const groups = groupBy(rows, (row) =>
    side === "sales" ? `${row.orderNo} ${kindOfSale(row)}` : `${row.documentNo} ${row.documentType}`,
  );
  const gathered = groups.flatMap((group) => {
    const parts = side === "sales" ? [group] : groupBy(group, (row) => row.orderNo ?? "");
    const ids = lineIdsOf(group, side);
    return parts.map((part) => documentOf(part, side, parts.length > 1, ids));
  });
  return {
    documents: gathered.map(({ document }) => document),
    controls: gathered.map(({ control }) => control),
    errors: [
      ...strangers.map((row) =>
        errorAt(row, "company", row.company, `${first?.company ?? "nothing"}, as in the first row`),
      ),
      ...groups.flatMap((group) => duplicatesIn(group, side)),
      ...gathered.flatMap((one) => one.errors),
    ],
  };
}

function groupBy(rows: readonly ImportRow[], keyOf: (row: ImportRow) => string): readonly Group[] {
  const groups = new Map<string, [ImportRow, ...ImportRow[]]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return [...groups.values()];
}

const isSale = (row: ImportRow): boolean =>
  row.documentType === "invoice" || row.documentType === "debit_memo";

const kindOfSale = (row: ImportRow): DocumentKind => (isSale(row) ? "sale" : "credit");

function documentOf(
  group: Group,
  side: ImportSide,
  isSplit: boolean,
  ids: ReadonlyMap<ImportRow, string>,
): Gathered {
  const [head] = group;
  const isItemised = group.some(({ line }) => line.kind === "item" && line.sku !== null);
  const lines = group.map((row) => ({
    ...settled(row.line, isItemised),
    sourceLineId: ids.get(row) ?? "",
  }));
  const gross = lines.reduce((sum, line) => sum + line.gross, 0n);
  const kind = side === "sales" ? kindOfSale(head) : kindOf(head, gross);
  const numbers = [...new Set(group.map((row) => row.documentNo))];
  const sourceId = sourceIdOf(head, side, isSplit);
  return {
    control: {
      kind,
      day: head.line.day,
      currency: head.currency,
      unreadable: 0,
      sums: totalSums(group.map((row) => lineSums(sourceId, ids.get(row) ?? "", row.line))),
    },
    errors: [...group.flatMap((row) => disagreements(row, head, side)), ...signErrors(head, gross)],
    document: {
      side: side === "sales" ? "scayle" : "erp",
      kind,
      sourceId,
      number: side === "sales" && kind === "sale" ? (head.orderNo ?? "") : numbers.join(", "),
      reference: head.orderNo,
      originalNumber: group.find((row) => row.originalNo !== null)?.originalNo ?? null,
      status: head.status,
      posted: (head.status ?? "").toLowerCase() !== "draft",
      currency: head.currency,
      shop: head.shop,
      channel: head.channel,
      shipTo: countryOf(head.country),
      postingDay: lines.map((line) => line.day).sort()[0] ?? null,
      modifiedAt: latest(group),
      pricesIncludeTax: null,
      stated: { net: null, tax: null, gross: null },
      lines,
    },
  };
}

const signErrors = (head: ImportRow, gross: bigint): readonly RowError[] =>
  head.documentType === "credit_memo" && gross > 0n
    ? [
        errorAt(
          head,
          "gross_amount",
          `a positive total of credit ${head.documentNo}`,
          'a negative one; declare "sign": "credit-positive" in the profile if credits have no sign',
        ),
      ]
    : [];

/** A cancellation takes back what it cancels: of an invoice it is a credit, of a credit a sale. */
function kindOf(head: ImportRow, gross: bigint): DocumentKind {
  if (head.documentType === "cancellation") return gross > 0n ? "sale" : "credit";
  return head.documentType === "credit_memo" ? "credit" : "sale";
}

function sourceIdOf(head: ImportRow, side: ImportSide, isSplit: boolean): string {
  if (side === "sales") return head.orderNo ?? head.documentNo;
  const isPlain = head.documentType === "invoice" || head.documentType === "credit_memo";
  const id = isPlain ? head.documentNo : `${head.documentType}:${head.documentNo}`;
  return isSplit ? `${id}:${head.orderNo ?? ""}` : id;
}

/** Each row's line id, counted where the file gives none. On the sales side several documents share one group. */
function lineIdsOf(group: Group, side: ImportSide): ReadonlyMap<ImportRow, string> {
  return new Map(
    group.map((row, index) => {
      const number = row.lineNo ?? String(index + 1);
      if (side === "ledger") return [row, number];
      const isPlain = row.documentType === "invoice" || row.documentType === "credit_memo";
      return [row, `${isPlain ? "" : `${row.documentType}:`}${row.documentNo}/${number}`];
    }),
  );
}

function duplicatesIn(group: Group, side: ImportSide): readonly RowError[] {
  const first = new Map<string, ImportRow>();
  const errors: RowError[] = [];
  for (const [row, id] of lineIdsOf(group, side)) {
    const other = first.get(id);
    if (other)
      errors.push(
        errorAt(
          row,
          "line_no",
          row.lineNo,
          `another line number: row ${other.row} is this line of ${row.documentNo}`,
        ),
      );
    else first.set(id, row);
  }
  return errors;
}

/**
 * What an item line without a SKU but with an account is: a charge where other lines of its document are items, and the
 * total of an account, comparable only as part of its whole document, where none is.
 */
function settled(line: ImportRow["line"], isItemised: boolean): ImportRow["line"] {
  if (line.kind !== "item" || line.sku !== null || line.account === null) return line;
  return isItemised ? { ...line, kind: "fee", variant: null } : { ...line, granularity: "document" };
}

function disagreements(row: ImportRow, head: ImportRow, side: ImportSide): readonly RowError[] {
  const fields = [
    ["currency", row.currency, head.currency],
    ["document_status", side === "ledger" ? row.status : null, side === "ledger" ? head.status : null],
  ] as const;
  return fields
    .filter(([, found, expected]) => found !== expected)
    .map(([column, found, expected]) =>
      errorAt(row, column, found, `${expected ?? "nothing"}, as in row ${head.row} of the same document`),
    );
}

function latest(group: Group): Date | null {
  const moments = group.flatMap((row) => (row.modifiedAt ? [row.modifiedAt.getTime()] : []));
  return moments.length === 0 ? null : new Date(moments.reduce((a, b) => Math.max(a, b)));
}

const errorAt = (row: ImportRow, column: string, found: string | null, expected: string): RowError => ({
  row: row.row,
  column,
  found: found ?? "",
  expected,
});
