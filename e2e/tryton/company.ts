import { z } from "zod";
import { type Clerk, day, decimal, type Row } from "./api";

/** The company that the scenario posts in: ids in its database. */
const CompanyIds = z.object({
  id: z.number(),
  currency: z.number(),
  party: z.number(),
  address: z.number(),
  journal: z.number(),
  receivable: z.number(),
  unit: z.number(),
  warehouse: z.number(),
  revenue: z.number(),
  /** The tax's name on lines, as reports have it. */
  category: z.number(),
  /** that taxes made by hand are booked on */
  taxAccount: z.number(),
});
type CompanyIds = z.infer<typeof CompanyIds>;

/** The company as its clerk needs it. */
export type Company = Readonly<CompanyIds> &
  Readonly<{
    /** Tax by its rate in thousandths and where it is due; made when first asked for. */
    tax(country: "DE" | "AT", rate: bigint): Promise<number>;
  }>;

/** The company of these ids, as foundCompany gave them, in a copy of its database. */
export async function companyOf(clerk: Clerk, ids: unknown): Promise<Company> {
  const known = CompanyIds.parse(ids);
  return { ...known, tax: await taxesOf(clerk, known.id, known.taxAccount) };
}

const YEAR = 2026;

/** A German company in euros: chart of accounts SKR03, its taxes, the fiscal year with its numbers, one collective customer. */
export async function foundCompany(clerk: Clerk): Promise<CompanyIds> {
  const currency = await clerk.one("currency.currency", {
    ...{ name: "Euro", code: "EUR", numeric_code: "978", symbol: "€", digits: 2 },
    rounding: decimal("0.01"),
    rates: [["create", [{ date: day("2020-01-01"), rate: decimal("1") }]]],
  });
  const country = await clerk.one("country.country", { name: "Germany", code: "DE", code3: "DEU" });
  const address = { street: "Deichstr. 1", city: "Hamburg", country };
  const own = await clerk.one("party.party", { name: "Moda Europe", addresses: [["create", [address]]] });
  const id = await clerk.one("company.company", { party: own, currency });
  const admin = await clerk.idOf("res.user", [["login", "=", "admin"]]);
  await clerk.call("model.res.user.write", [admin], { companies: [["add", [id]]], company: id });
  await clerk.settle();
  await openChart(clerk, id);
  const account = (code: string) =>
    clerk.idOf("account.account", [
      ["company", "=", id],
      ["code", "=", code],
    ]);
  await openYear(clerk, id);
  const party = await clerk.one("party.party", { name: "Web customers", addresses: [["create", [address]]] });
  const revenue = await account("8400");
  return {
    id,
    currency,
    party,
    address: await clerk.idOf("party.address", [["party", "=", party]]),
    journal: await clerk.idOf("account.journal", [["type", "=", "revenue"]]),
    receivable: await account("1400"),
    unit: await clerk.idOf("product.uom", [["symbol", "=", "u"]]),
    warehouse: await clerk.idOf("stock.location", [["type", "=", "warehouse"]]),
    revenue,
    taxAccount: await account("1776"),
    category: await clerk.one("product.category", {
      ...{ name: "Fashion", accounting: true, account_revenue: revenue },
      account_expense: await account("3400"),
    }),
  };
}

async function openChart(clerk: Clerk, company: number): Promise<void> {
  const template = await clerk.idOf("account.account.template", [
    ["parent", "=", null],
    ["name", "like", "%SKR03%"],
  ]);
  const [session] = (await clerk.call("wizard.account.create_chart.create")) as [number];
  const execute = (form: Row, state: string) =>
    clerk.call("wizard.account.create_chart.execute", session, form, state);
  await execute({ account: { account_template: template, company } }, "create_account");
  const account = (code: string) =>
    clerk.idOf("account.account", [
      ["company", "=", company],
      ["code", "=", code],
    ]);
  const properties = {
    company,
    account_receivable: await account("1400"),
    account_payable: await account("1600"),
    category_account_revenue: await account("8400"),
    category_account_expense: await account("3400"),
  };
  await execute({ properties }, "create_properties");
  await clerk.call("wizard.account.create_chart.delete", session);
}

async function openYear(clerk: Clerk, company: number): Promise<void> {
  const kind = (name: string) => clerk.idOf("ir.sequence.type", [["name", "=", name]]);
  const invoices = await kind("Invoice");
  const series = (name: string, prefix: string) =>
    clerk.one("ir.sequence.strict", { name, prefix, padding: 5, sequence_type: invoices, company });
  const bought = await series("Supplier", `ER${YEAR}-`);
  const year = await clerk.one("account.fiscalyear", {
    ...{ name: String(YEAR), company, start_date: day(`${YEAR}-01-01`), end_date: day(`${YEAR}-12-31`) },
    post_move_sequence: await clerk.one("ir.sequence", {
      ...{ name: "Moves", company },
      sequence_type: await kind("Account Move"),
    }),
    invoice_sequences: [
      [
        "create",
        [
          {
            company,
            out_invoice_sequence: await series("Customer invoice", `RE${YEAR}-`),
            out_credit_note_sequence: await series("Customer credit note", `GS${YEAR}-`),
            in_invoice_sequence: bought,
            in_credit_note_sequence: bought,
          },
        ],
      ],
    ],
  });
  await clerk.call("model.account.fiscalyear.create_period", [year]);
}

/**
 * Germany's taxes are the chart's own: lines carry the parent, which picks the child that is valid on the day. Austria's,
 * and the averages that its shipping is taxed at, are made by hand.
 */
async function taxesOf(clerk: Clerk, company: number, account: number): Promise<Company["tax"]> {
  const known = new Map<string, Promise<number>>();
  const named = (name: string) =>
    clerk.idOf("account.tax", [
      ["name", "=", name],
      ["parent", "=", null],
    ]);
  known.set("DE 190", named("Umsatzsteuer – Normalsatz"));
  known.set("DE 70", named("Umsatzsteuer – Ermäßigter Satz"));
  return (country, rate) => {
    const key = `${country} ${rate}`;
    const made =
      known.get(key) ??
      clerk.one("account.tax", {
        ...{ name: `${country} ${Number(rate) / 10} %`, description: key, company, type: "percentage" },
        rate: decimal((Number(rate) / 1000).toFixed(3)),
        invoice_account: account,
        credit_note_account: account,
      });
    known.set(key, made);
    return made;
  };
}

/** What reads the books for Tieout: one group with the right to read, and nothing else. */
export async function addReader(
  clerk: Clerk,
  company: number,
  login: string,
  password: string,
): Promise<void> {
  const readable = [
    ...["account.invoice", "account.invoice.line", "account.invoice.tax", "account.tax", "account.tax.group"],
    ...["account.account", "account.move", "company.company", "currency.currency", "country.country"],
    ...["party.party", "party.address", "product.product", "product.template", "product.uom"],
    ...["sale.sale", "sale.line"],
  ];
  const models = await clerk.find("ir.model", [["model", "in", readable]], ["model"]);
  const group = await clerk.one("res.group", {
    name: "Reads for Tieout",
    model_access: [
      [
        "create",
        models.map((model) => ({
          ...{
            model: model["id"],
            perm_read: true,
            perm_write: false,
            perm_create: false,
            perm_delete: false,
          },
        })),
      ],
    ],
  });
  await clerk.create("res.user", [
    {
      ...{ name: "Tieout", login, password, company },
      companies: [["add", [company]]],
      groups: [["add", [group]]],
    },
  ]);
}
