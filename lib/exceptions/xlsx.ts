import { strToU8, Zip, ZipDeflate } from "fflate";
import type { Day } from "@/lib/domain/day";

/**
 * A typed cell of a worksheet; null is empty. An amount is the decimal text of its minor units: it goes into the file digit
 * by digit and is no floating number here.
 */
export type Cell =
  | Readonly<{ kind: "text" | "title"; text: string }>
  | Readonly<{ kind: "amount"; decimal: string; digits: number }>
  | Readonly<{ kind: "count"; value: number }>
  | Readonly<{ kind: "day"; day: Day }>
  /** a wall clock's day and time, "2026-11-05 09:00:00": spreadsheets know no zones */
  | Readonly<{ kind: "moment"; local: string; utc: string }>
  | null;

export type Sheet = Readonly<{
  name: string;
  /** of the columns, in characters */
  widths: readonly number[];
  /** a line that stays in sight, with a filter on each column; null: rows only */
  header: readonly string[] | null;
  rows: AsyncIterable<readonly (readonly Cell[])[]>;
  /** stands before the others, though it is written after them */
  leads?: boolean;
}>;

/** So many rows a worksheet can have, its header included. */
const MOST_ROWS = 1_048_576;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";

// Places of the styles in `styles()`.
const TITLE = 1;
const DAY = 2;
const AMOUNT = 3;
const MOST_DIGITS = 4;
const MOMENT = AMOUNT + MOST_DIGITS + 1;

/**
 * A workbook of typed cells, piece by piece: rows are asked for only as pieces are taken, and nothing of them is kept. A
 * sheet that is full goes on in a further one. No text is ever taken for a formula.
 */
export async function* workbook(sheets: readonly Sheet[]): AsyncGenerator<Uint8Array, void> {
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, data) => {
    if (error) throw error;
    ready.push(data);
  });
  const begin = (path: string) => {
    const part = new ZipDeflate(path, { level: 6 });
    zip.add(part);
    return part;
  };
  const written: { name: string; leads: boolean }[] = [];
  for (const sheet of sheets) {
    let full = 0;
    let part: ZipDeflate | null = null;
    let line = 0;
    const open = () => {
      full++;
      written.push({
        name: full === 1 ? sheet.name : `${sheet.name} ${full}`,
        leads: sheet.leads ?? false,
      });
      part = begin(`xl/worksheets/sheet${written.length}.xml`);
      part.push(strToU8(beginning(sheet)));
      line = sheet.header ? 1 : 0;
    };
    const close = () => part?.push(strToU8(ending(sheet, line)), true);
    open();
    for await (const rows of sheet.rows) {
      for (let at = 0; at < rows.length; ) {
        if (line === MOST_ROWS) {
          close();
          open();
        }
        const fit = rows.slice(at, at + MOST_ROWS - line);
        (part as ZipDeflate | null)?.push(strToU8(fit.map(rowXml).join("")));
        line += fit.length;
        at += fit.length;
      }
      yield* ready.splice(0);
    }
    close();
  }
  for (const [path, text] of frame(written)) begin(path).push(strToU8(text), true);
  zip.end();
  yield* ready.splice(0);
}

const beginning = ({ widths, header }: Sheet): string =>
  `${HEAD}<worksheet xmlns="${MAIN}">${
    header
      ? '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
      : ""
  }<cols>${widths.map((width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`).join("")}</cols><sheetData>${
    header ? rowXml(header.map((text) => ({ kind: "title", text }))) : ""
  }`;

const ending = ({ header }: Sheet, lines: number): string =>
  `</sheetData>${header ? `<autoFilter ref="A1:${letters(header.length)}${lines}"/>` : ""}</worksheet>`;

/** The name of a column, counted from 1: A, Z, AA. */
function letters(column: number): string {
  const rest = Math.floor((column - 1) / 26);
  return `${rest > 0 ? letters(rest) : ""}${String.fromCharCode(65 + ((column - 1) % 26))}`;
}

const rowXml = (cells: readonly Cell[]): string => `<row>${cells.map(cellXml).join("")}</row>`;

function cellXml(cell: Cell): string {
  if (cell === null) return "<c/>";
  switch (cell.kind) {
    case "text":
    case "title":
      return `<c t="inlineStr"${cell.kind === "title" ? ` s="${TITLE}"` : ""}><is><t xml:space="preserve">${escaped(cell.text)}</t></is></c>`;
    case "amount":
      return `<c s="${AMOUNT + Math.min(cell.digits, MOST_DIGITS)}"><v>${cell.decimal}</v></c>`;
    case "count":
      return `<c><v>${cell.value}</v></c>`;
    case "day":
      return `<c s="${DAY}"><v>${serialOf(cell.day)}</v></c>`;
    case "moment":
      return `<c s="${MOMENT}"><v>${momentOf(cell.local)}</v></c>`;
    default:
      throw new Error(`no such cell: ${cell satisfies never}`);
  }
}

/** Spreadsheets count days from 30 December 1899. */
const serialOf = (day: Day): number =>
  Math.round((Date.parse(`${day}T00:00:00Z`) - Date.UTC(1899, 11, 30)) / 86_400_000);

/** The same with the part of the day behind the point, to the second. */
function momentOf(local: string): string {
  const [day = "", time = ""] = local.split(" ");
  const seconds = Math.round((Date.parse(`1970-01-01T${time}Z`) / 1000) % 86_400);
  return (serialOf(day) + seconds / 86_400).toFixed(6);
}

// XML has no way to say these, not even escaped.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A cell holds at most 32,767 characters. */
const escaped = (text: string): string =>
  text
    .slice(0, 32_767)
    .replace(UNSAYABLE, "")
    .replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** Everything of the file that is no worksheet. */
function frame(sheets: readonly Readonly<{ name: string; leads: boolean }>[]): readonly [string, string][] {
  const numbered = sheets.map((sheet, at) => ({ ...sheet, number: at + 1 }));
  const tabs = [...numbered.filter(({ leads }) => leads), ...numbered.filter(({ leads }) => !leads)];
  const all = numbered.map(({ number }) => number);
  return [
    [
      "xl/workbook.xml",
      `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${tabs
        .map(({ name, number }) => `<sheet name="${escaped(name)}" sheetId="${number}" r:id="rId${number}"/>`)
        .join("")}</sheets></workbook>`,
    ],
    [
      "xl/_rels/workbook.xml.rels",
      `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${all
        .map(
          (at) =>
            `<Relationship Id="rId${at}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${at}.xml"/>`,
        )
        .join("")}<Relationship Id="rIdStyles" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    ],
    ["xl/styles.xml", styles()],
    [
      "_rels/.rels",
      `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      "[Content_Types].xml",
      `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>${all
        .map(
          (at) => `<Override PartName="/xl/worksheets/sheet${at}.xml" ContentType="${TYPE}.worksheet+xml"/>`,
        )
        .join("")}<Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
    ],
  ];
}

/** Plain, title, day, amounts with none to four decimals, and day with time. */
function styles(): string {
  const decimals = Array.from({ length: MOST_DIGITS + 1 }, (_, digits) => digits);
  const format = (digits: number) => `#,##0${digits > 0 ? `.${"0".repeat(digits)}` : ""}`;
  return `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="${decimals.length + 2}"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="180" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/>${decimals
    .map((digits) => `<numFmt numFmtId="${165 + digits}" formatCode="${format(digits)}"/>`)
    .join(
      "",
    )}</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="${4 + decimals.length}"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/>${decimals
    .map((digits) => `<xf numFmtId="${165 + digits}" applyNumberFormat="1"/>`)
    .join("")}<xf numFmtId="180" applyNumberFormat="1"/></cellXfs></styleSheet>`;
}
