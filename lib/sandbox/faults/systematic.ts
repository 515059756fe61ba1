import { add, type Figures, negate } from "@/lib/sandbox/arithmetic";
import { addMonths, type Month } from "@/lib/sandbox/calendar";
import type { Variant } from "@/lib/sandbox/catalogue";
import { feeFigures } from "@/lib/sandbox/cost";
import { soldFigures } from "@/lib/sandbox/faults/documents";
import { faultRow, isMarketplace, isPlainSale, shippingDate } from "@/lib/sandbox/faults/plan";
import type { Affair, ErpDocument, ErpLine, PlantedFault, SystematicName } from "@/lib/sandbox/model";
import { documentTotal, taxLines, type UntaxedLine } from "@/lib/sandbox/postings";
import { SHIPPING_ACCOUNT } from "@/lib/sandbox/retailer";

/** One thing that is set up wrongly: from a day on it makes every order of its kind wrong in the same way. */
type Systematic = {
  /** The affair as it comes out from the day on, or null when the fault doesn't touch it. */
  touch(affair: Affair, from: string, tools: Tools): { affair: Affair; truth: PlantedFault[] } | null;
};

type Tools = { catalogue: readonly [Variant, ...Variant[]]; anchor: Month };

const isIn = (date: string, from: string, { anchor }: Tools): boolean =>
  date >= from && date < `${addMonths(anchor, 1)}-01`;

/** correct − actual of a document, turned on credit memos. */
function difference(correct: ErpDocument, actual: ErpDocument): Figures {
  const figures = add(documentTotal(correct), negate(documentTotal(actual)));
  return correct.kind === "sale" ? figures : negate(figures);
}

/** Posted documents whose lines a setting changes; what it leaves alone stays. */
function documentsWith(
  cause: PlantedFault["cause"],
  isTouched: (affair: Affair) => boolean,
  change: (line: ErpLine, affair: Affair, tools: Tools) => UntaxedLine,
  kinds: readonly ErpDocument["kind"][] = ["sale", "credit"],
): Systematic {
  return {
    touch(affair, from, tools) {
      if (!isTouched(affair)) return null;
      const truth: PlantedFault[] = [];
      const documents = affair.documents.map((document) => {
        const isMine = kinds.includes(document.kind) && isIn(document.postingDate, from, tools);
        if (!isMine || document.postedAt === null) return document;
        const lines = document.lines.map((line) => change(line, affair, tools));
        if (lines.every((line, index) => line === document.lines[index])) return document;
        const actual = { ...document, lines: taxLines(lines) };
        const period = document.postingDate.slice(0, 7);
        truth.push(
          faultRow(cause, affair.order, document.kind, { period, ...difference(document, actual) }, actual),
        );
        return actual;
      });
      return truth.length > 0 ? { affair: { ...affair, documents }, truth } : null;
    },
  };
}

/** The book that is posted under another's number, and that other one. */
function mistaken({ catalogue }: Tools): { wanted: Variant; posted: Variant } {
  const books = catalogue.filter((one) => one.category === "book");
  return { wanted: books[0] ?? catalogue[0], posted: books.at(-1) ?? catalogue[0] };
}

/** Whether all pieces of a product stand on one line: else it would be wrong in a part only. */
const isOnOneLine = (lines: readonly ErpLine[], sku: string): boolean =>
  lines.filter((line) => line.number === sku).length === 1;

const SYSTEMATIC: Record<SystematicName, Systematic> = {
  // The ERP's tax group of the marketplace's customers is empty.
  "marketplace-tax-code": documentsWith("tax-code-missing", isMarketplace, (line) => ({
    ...line,
    rate: 0n,
    taxCode: "",
  })),
  // Books, and only they, lack their code on the marketplace.
  "marketplace-book-tax-code": documentsWith("tax-code-missing", isMarketplace, (line) =>
    line.kind === "Item" && line.rate === 70n ? { ...line, rate: 0n, taxCode: "" } : line,
  ),
  // Somebody gave Austria's books the tax group of clothes.
  "book-tax-group": documentsWith(
    "tax-code-wrong",
    ({ order }) => order.shop.countryCode === "AT",
    (line) => (line.kind === "Item" && line.rate === 100n ? { ...line, rate: 200n, taxCode: "AT20" } : line),
  ),
  // One product's number was mapped to another item.
  "item-number": documentsWith(
    "item-wrong",
    isPlainSale,
    (line, { order, documents }, tools) => {
      const { wanted, posted } = mistaken(tools);
      if (line.number !== wanted.sku || order.units.some((unit) => unit.variant.sku === posted.sku))
        return line;
      const isWhole = documents.every((one) => isOnOneLine(one.lines, wanted.sku));
      return isWhole ? { ...line, number: posted.sku, description: posted.name } : line;
    },
    ["sale"],
  ),
  // The till's sales are posted no more.
  "store-not-posted": {
    touch(affair, from, tools) {
      const { order } = affair;
      const date = shippingDate(affair);
      if (order.outlet.channel?.type !== "in_store" || !isPlainSale(affair)) return null;
      if (date === null || !isIn(date, from, tools)) return null;
      const amount = { period: date.slice(0, 7), ...soldFigures(order) };
      const row = faultRow("sale-missing-in-erp", order, "sale", amount);
      return { affair: { order, documents: [] }, truth: [row] };
    },
  },
  // The British shop's shipping has no account in the ERP, and is left out.
  "shipping-account": {
    touch(affair, from, tools) {
      const { order } = affair;
      const fee = order.fees.find((one) => one.kind === "shipping");
      const date = shippingDate(affair);
      if (order.shop.countryCode !== "GB" || !fee || !isPlainSale(affair)) return null;
      if (date === null || !isIn(date, from, tools)) return null;
      const documents = affair.documents.map((document) => ({
        ...document,
        lines: taxLines(document.lines.filter((line) => line.number !== SHIPPING_ACCOUNT)),
      }));
      const amount = { period: date.slice(0, 7), ...feeFigures(fee) };
      const row = faultRow("shipping-missing", order, "sale", amount);
      return { affair: { order, documents }, truth: [row] };
    },
  },
};

export type SystematicWish = { name: SystematicName; from: string };

/** Puts systematic faults into a faultless world; each affair bears the first that touches it. Which affairs do is said. */
export function plantSystematic(
  affairs: readonly Affair[],
  wishes: readonly SystematicWish[],
  tools: Tools,
): { affairs: Affair[]; planted: PlantedFault[]; orders: ReadonlySet<number> } {
  const planted: PlantedFault[] = [];
  const orders = new Set<number>();
  const result = affairs.map((affair) => {
    for (const { name, from } of wishes) {
      const touched = SYSTEMATIC[name].touch(affair, from, tools);
      if (!touched) continue;
      planted.push(...touched.truth.map((row) => ({ ...row, systematic: name })));
      orders.add(affair.order.id);
      return touched.affair;
    }
    return affair;
  });
  return { affairs: result, planted, orders };
}
