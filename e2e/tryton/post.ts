import { amount, type Clerk, day, price, type Row } from "./api";
import type { Company } from "./company";
import type { Plan, PlannedDocument, PlannedLine } from "./plan";

/** Ids in Tryton by the documents' keys. */
export type Posted = Map<string, number>;

const BATCH = 25;

/** An invoice's printout is rendered when it is posted, which takes most of the time: these have one already. */
const PRINTED = {
  invoice_report_cache: { __class__: "bytes", base64: "eA==" },
  invoice_report_format: "odt",
};

/** Makes the products that the plan's documents name: goods, and services for charges. Gives their ids by code. */
export async function makeProducts(
  clerk: Clerk,
  company: Company,
  plan: Plan,
): Promise<ReadonlyMap<string, number>> {
  const lines = new Map(plan.documents.flatMap((one) => one.lines.map((line) => [line.product, line])));
  const templates = [...lines.values()].map(({ product, name, isService }) => ({
    ...{ name, type: isService ? "service" : "goods", salable: true, cost_price_method: "fixed" },
    ...{ default_uom: company.unit, sale_uom: company.unit, account_category: company.category },
    list_price: amount(1000n),
    products: [["create", [{ suffix_code: product, cost_price: amount(500n) }]]],
  }));
  for (let done = 0; done < templates.length; done += 50)
    await clerk.create("product.template", templates.slice(done, done + 50));
  const products = await clerk.find("product.product", [["code", "in", [...lines.keys()]]], ["code"]);
  return new Map(products.map((one) => [String(one["code"]), Number(one["id"])]));
}

/** Posts documents in the order of their days, as Tryton's numbers demand; drafts stay drafts. */
export async function postDocuments(
  clerk: Clerk,
  company: Company,
  documents: readonly PlannedDocument[],
  products: ReadonlyMap<string, number>,
  posted: Posted = new Map(),
): Promise<Posted> {
  const ordered = [...documents].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  for (const kind of ["sale", "credit"] as const) {
    const own = ordered.filter((one) => one.kind === kind);
    await draft(clerk, company, own, products, posted);
    const ids = own.filter((one) => one.posted).map((one) => idOf(posted, one.key));
    for (let done = 0; done < ids.length; done += BATCH)
      await clerk.call("model.account.invoice.post", ids.slice(done, done + BATCH));
  }
  const cancelled = documents.filter((one) => one.cancelled).map((one) => idOf(posted, one.key));
  if (cancelled.length > 0) {
    await clerk.call("model.company.company.write", [company.id], { cancel_invoice_out: true });
    await clerk.call("model.account.invoice.cancel", cancelled);
  }
  return posted;
}

export function idOf(posted: Posted, key: string): number {
  const id = posted.get(key);
  if (id === undefined) throw new Error(`${key} is not in Tryton.`);
  return id;
}

async function draft(
  clerk: Clerk,
  company: Company,
  documents: readonly PlannedDocument[],
  products: ReadonlyMap<string, number>,
  posted: Posted,
): Promise<void> {
  const direct = documents.filter((one) => one.way === "invoice");
  const origins = await originLines(clerk, direct, posted);
  for (let done = 0; done < direct.length; done += BATCH) {
    const some = direct.slice(done, done + BATCH);
    const rows: Row[] = [];
    for (const one of some) rows.push(await invoiceRow(company, one, products, origins));
    const ids = await clerk.create("account.invoice", rows);
    for (const [index, one] of some.entries()) posted.set(one.key, ids[index] ?? 0);
  }
  for (const one of documents.filter(({ way }) => way === "sale"))
    posted.set(one.key, await invoiceOfSale(clerk, company, one, products));
  for (const one of documents.filter(({ way }) => way === "wizard"))
    posted.set(one.key, await creditByWizard(clerk, one, posted));
}

async function invoiceRow(
  company: Company,
  document: PlannedDocument,
  products: ReadonlyMap<string, number>,
  origins: ReadonlyMap<string, number>,
): Promise<Row> {
  const lines: Row[] = [];
  for (const line of document.lines) {
    const origin = origins.get(originKey(document, line));
    lines.push({
      ...{ type: "line", company: company.id, currency: company.currency, account: company.revenue },
      ...(await lineRow(company, document, line, products)),
      ...(origin !== undefined && { origin: `account.invoice.line,${origin}` }),
    });
  }
  return {
    ...{ type: "out", company: company.id, currency: company.currency, journal: company.journal },
    ...{ party: company.party, invoice_address: company.address, account: company.receivable },
    ...PRINTED,
    reference: document.reference,
    invoice_date: day(document.day),
    lines: [["create", lines]],
  };
}

async function lineRow(
  company: Company,
  { country }: PlannedDocument,
  line: PlannedLine,
  products: ReadonlyMap<string, number>,
): Promise<Row> {
  return {
    ...{ product: products.get(line.product), unit: company.unit },
    description: line.name,
    quantity: Number(line.quantity),
    unit_price: price(line.netPrice),
    taxes: [["add", [await company.tax(country, line.rate)]]],
  };
}

const originKey = ({ originKey: key }: PlannedDocument, line: PlannedLine): string =>
  `${key} ${line.product} ${line.netPrice}`;

/** Ids of the invoice lines that credits are of. */
async function originLines(
  clerk: Clerk,
  documents: readonly PlannedDocument[],
  posted: Posted,
): Promise<ReadonlyMap<string, number>> {
  const keys = new Map(
    documents.flatMap((one) =>
      one.originKey === null ? [] : [[posted.get(one.originKey) ?? 0, one.originKey] as const],
    ),
  );
  if (keys.size === 0) return new Map();
  const lines = await clerk.find(
    "account.invoice.line",
    [["invoice", "in", [...keys.keys()]]],
    ["invoice", "product.code", "unit_price"],
  );
  return new Map(
    lines.map((line) => {
      const product = line["product."] as Row | null;
      const stated = (line["unit_price"] as Row)["decimal"];
      const tenThousandths = BigInt(Math.round(Number(stated) * 10_000));
      return [
        `${keys.get(Number(line["invoice"]))} ${String(product?.["code"])} ${tenThousandths}`,
        Number(line["id"]),
      ];
    }),
  );
}

/** The whole flow: a sale with the order's reference is quoted, confirmed and processed; its invoice carries none. */
async function invoiceOfSale(
  clerk: Clerk,
  company: Company,
  document: PlannedDocument,
  products: ReadonlyMap<string, number>,
): Promise<number> {
  const lines: Row[] = [];
  for (const line of document.lines)
    lines.push({ type: "line", ...(await lineRow(company, document, line, products)) });
  const sale = await clerk.one("sale.sale", {
    ...{ company: company.id, party: company.party, currency: company.currency },
    ...{ invoice_address: company.address, shipment_address: company.address, warehouse: company.warehouse },
    ...{ invoice_method: "order", shipment_method: "manual" },
    reference: document.orderReference,
    sale_date: day(document.day),
    lines: [["create", lines]],
  });
  for (const step of ["quote", "confirm", "process"]) await clerk.call(`model.sale.sale.${step}`, [sale]);
  const invoice = await clerk.idOf("account.invoice", [["lines.origin.sale", "=", sale, "sale.line"]]);
  await clerk.call("model.account.invoice.write", [invoice], { ...PRINTED, invoice_date: day(document.day) });
  return invoice;
}

/** Tryton's own credit note of a whole invoice. */
async function creditByWizard(clerk: Clerk, document: PlannedDocument, posted: Posted): Promise<number> {
  const invoice = idOf(posted, document.originKey ?? "");
  const start = { with_refund: false, with_refund_allowed: true, invoice_date: day(document.day) };
  const answer = await clerk.wizard("account.invoice.credit", [{ form: { start }, state: "credit" }], {
    active_model: "account.invoice",
    active_id: invoice,
    active_ids: [invoice],
  });
  const [[, action]] = answer["actions"] as [[unknown, { res_id: readonly number[] }]];
  const id = action.res_id[0] ?? 0;
  await clerk.call("model.account.invoice.write", [id], {
    ...PRINTED,
    invoice_date: day(document.day),
    reference: null,
  });
  return id;
}
