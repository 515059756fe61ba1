import { createWriteStream } from "node:fs";
import path from "node:path";
import { type Affair, FAULTS, type Fault, makeAffair, type Posting, type Unit } from "./orders";
import { createRandom } from "./random";

/** Two files that `tieout import` reads with its built-in profiles, and what is in them. */
export type Books = Readonly<{
  sales: string;
  ledger: string;
  orders: number;
  salesLines: number;
  ledgerLines: number;
  /** orders of several lines, and how many of them differ by rounding alone */
  multiLine: number;
  rounded: number;
  faults: Readonly<Record<Fault, number>>;
}>;

const SALES =
  "shop,channel,country,order_no,document_type,document_no,line_no,sold_at,currency,line_kind,sku,description,quantity,net_amount,tax_amount,gross_amount,tax_rate";
const LEDGER =
  "document_type,document_no,line_no,posting_date,currency,external_order_no,line_kind,sku,description,quantity,unit_price,net_amount,tax_code,tax_rate,tax_amount,gross_amount,original_document_no";

/** Writes orders until both sides have `lines` lines, never holding more than a few of them. */
export async function writeBooks(folder: string, lines: number, seed: number): Promise<Books> {
  const random = createRandom(seed);
  const [sales, ledger] = [path.join(folder, "sales.csv"), path.join(folder, "ledger.csv")];
  const out = [await openFile(sales, SALES), await openFile(ledger, LEDGER)] as const;
  const faults = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  let [orders, salesLines, ledgerLines, multiLine, rounded, invoices] = [0, 0, 0, 0, 0, 0];
  while (salesLines < lines || ledgerLines < lines) {
    const affair = makeAffair(random, orders);
    const sold = salesRows(affair);
    const posted = ledgerRows(affair, invoices);
    await out[0].write(sold);
    await out[1].write(posted);
    orders += 1;
    invoices += affair.invoices.length;
    salesLines += sold.length;
    ledgerLines += posted.length;
    if (affair.units.length > 2) multiLine += 1;
    if (affair.isRounded) rounded += 1;
    if (affair.fault) faults[affair.fault] += 1;
  }
  await Promise.all(out.map((file) => file.close()));
  return { sales, ledger, orders, salesLines, ledgerLines, multiLine, rounded, faults };
}

function salesRows(affair: Affair): readonly string[] {
  const { number, country, channel, soldAt, returnedAt } = affair;
  const rows = (type: string, document: string, at: string, units: readonly Unit[]): readonly string[] =>
    units.map((unit, index) =>
      [
        `web/${country.toLowerCase()},${channel},${country},${number},${type},${document},${index + 1},${at},EUR,${unit.kind}`,
        `${unit.sku},${nameOf(unit)},1,${cents(unit.net)},${cents(unit.tax)},${cents(unit.gross)},${share(unit.rate)}`,
      ].join(","),
    );
  return [
    ...rows("invoice", number, soldAt, affair.units),
    ...rows("credit_memo", `${number}-C`, returnedAt ?? soldAt, affair.returned),
  ];
}

function ledgerRows(affair: Affair, before: number): readonly string[] {
  const { number, soldAt, returnedAt } = affair;
  const rows = (type: string, document: string, at: string, postings: readonly Posting[], original: string) =>
    postings.map((posting, index) =>
      [
        `${type},${document},${10_000 * (index + 1)},${at.slice(0, 10)},EUR,${number},${posting.kind},${posting.sku},${nameOf(posting)}`,
        `${posting.quantity},${cents(posting.unitPrice)},${cents(posting.net)},${posting.code},${share(posting.rate)},${cents(posting.tax)},${cents(posting.gross)},${original}`,
      ].join(","),
    );
  const first = `RE-${10_000_000 + before}`;
  return [
    ...affair.invoices.flatMap((postings, index) =>
      rows("invoice", `RE-${10_000_000 + before + index}`, soldAt, postings, ""),
    ),
    ...rows(
      "credit_memo",
      `GS-${number}`,
      returnedAt ?? soldAt,
      affair.credit,
      affair.invoices.length > 0 ? first : "",
    ),
  ];
}

const nameOf = ({ kind, sku }: Pick<Unit, "kind" | "sku">): string =>
  kind === "item" ? `Article ${sku.slice(4)}` : "Shipping";

/** 0.19 of 190 thousandths. */
const share = (rate: bigint): string => `0.${rate.toString().padStart(3, "0")}`;

function cents(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, "0");
  return `${amount < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const ROWS_HELD = 2000;

async function openFile(name: string, header: string) {
  const stream = createWriteStream(name);
  let held: string[] = [header];
  const flush = async (): Promise<void> => {
    const text = `${held.join("\n")}\n`;
    held = [];
    await new Promise<void>((resolve, reject) => {
      stream.write(text, (error) => (error ? reject(error) : resolve()));
    });
  };
  return {
    async write(rows: readonly string[]): Promise<void> {
      held.push(...rows);
      if (held.length >= ROWS_HELD) await flush();
    },
    async close(): Promise<void> {
      if (held.length > 0) await flush();
      await new Promise<void>((resolve) => {
        stream.end(resolve);
      });
    },
  };
}
