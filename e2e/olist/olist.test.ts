import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { adaptOlist } from "./adapt";
import { readOlist } from "./source";

const project = path.resolve(import.meta.dirname, "../..");
const sample = path.resolve(project, "../shared/data/olist-sample");
const run = promisify(execFile);

// What the files say, counted without any code of the product's.

type Month = {
  salesLines: number;
  sales: bigint;
  paymentLines: number;
  payments: bigint;
  exact: number;
  differing: string[];
  unpaid: string[];
  unsold: string[];
  exactSales: bigint;
};

/** Rows of a plain CSV file without quotes, as the sample's are. */
async function rowsOf(name: string): Promise<readonly Record<string, string>[]> {
  const text = await readFile(path.join(sample, `olist_${name}_dataset.csv`), "utf8");
  const [header = "", ...rows] = text.trim().split(/\r?\n/);
  if (text.includes('"')) throw new Error(`${name} has quotes: it can't be split at its commas.`);
  const names = header.split(",");
  return rows.map((row) =>
    Object.fromEntries(row.split(",").map((cell, index) => [names[index] ?? "", cell])),
  );
}

function cents(text: string | undefined): bigint {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(text ?? "");
  if (!match) throw new Error(`${text} is no amount in cents.`);
  return BigInt(`${match[1]}${(match[2] ?? "").padEnd(2, "0")}`);
}

async function countSample(): Promise<ReadonlyMap<string, Month>> {
  const [orders, items, payments] = await Promise.all(
    ["orders", "order_items", "order_payments"].map(rowsOf),
  );
  const each = new Map<string, { sold: bigint[]; paid: bigint[] }>();
  for (const order of orders ?? []) each.set(order["order_id"] ?? "", { sold: [], paid: [] });
  for (const row of items ?? []) {
    each.get(row["order_id"] ?? "")?.sold.push(cents(row["price"]), cents(row["freight_value"]));
  }
  for (const row of payments ?? []) each.get(row["order_id"] ?? "")?.paid.push(cents(row["payment_value"]));
  const months = new Map<string, Month>();
  for (const order of orders ?? []) {
    const name = (order["order_purchase_timestamp"] ?? "").slice(0, 7);
    const month = months.get(name) ?? emptyMonth();
    months.set(name, month);
    countOrder(month, order["order_id"] ?? "", each.get(order["order_id"] ?? "") ?? { sold: [], paid: [] });
  }
  return months;
}

const emptyMonth = (): Month => ({
  salesLines: 0,
  sales: 0n,
  paymentLines: 0,
  payments: 0n,
  exact: 0,
  differing: [],
  unpaid: [],
  unsold: [],
  exactSales: 0n,
});

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, one) => sum + one, 0n);

function countOrder(month: Month, id: string, { sold, paid }: { sold: bigint[]; paid: bigint[] }): void {
  month.salesLines += sold.length;
  month.sales += total(sold);
  month.paymentLines += paid.length;
  month.payments += total(paid);
  if (sold.length === 0) month.unsold.push(id);
  else if (paid.length === 0) month.unpaid.push(id);
  else if (total(sold) !== total(paid)) month.differing.push(id);
  else {
    month.exact += 1;
    month.exactSales += total(sold);
  }
}

// What the command line says.

type Totals = { lines: number; gross: string; unknownTaxLines: number };
type Summary = {
  currency: string;
  scayle: Totals;
  erp: Totals;
  causes: { cause: string; count: number; gross: string }[];
  unexplained: { count: number; gross: string };
  buckets: Record<"scayle" | "erp", Record<string, { lines: number; gross: string }>>;
  tiesOut: boolean;
};
type Listed = { document: string | null; order: string | null; cause: string; gross: string };

if (existsSync(sample)) {
  describe("real orders, imported and reconciled by the command line", () => checkSample());
} else {
  test("the Olist sample does not lie beside this project, so nothing was checked against it", () => {
    console.info(`Olist: ${path.relative(project, sample)} is not there; nothing was checked against it.`);
    expect(existsSync(sample)).toBe(false);
  });
}

function checkSample(): void {
  let database: TestDatabase;
  let folder: string;
  let months: ReadonlyMap<string, Month>;
  let firstOutcome: string;
  const imports: Record<string, unknown>[] = [];

  const tieout = async <Result>(...words: string[]): Promise<Result> => {
    const { stdout } = await run(process.execPath, ["lib/cli/tieout.mjs", ...words, "--json"], {
      cwd: project,
      maxBuffer: 64 * 1024 * 1024,
      env: {
        ...process.env,
        INIT_CWD: project,
        DATABASE_URL: database.ownerUrl,
        DATABASE_APP_URL: database.appUrl,
        TIEOUT_SECRET: "the olist test has a secret of its own",
        TIEOUT_DATA_DIR: folder,
      },
    });
    return JSON.parse(stdout) as Result;
  };
  const importBoth = async () => {
    for (const side of ["sales", "ledger"] as const) {
      const file = path.join(folder, `${side}.csv`);
      const profile = `e2e/olist/${side}.json`;
      imports.push(await tieout("import", side, file, "--entity", "OLIST", "--profile", profile));
    }
  };
  const reconcile = async (): Promise<string> => {
    const report = await tieout<{ entities: { outcome: string }[] }>("reconcile");
    return report.entities[0]?.outcome ?? "";
  };
  const summaryOf = async (period: string): Promise<Summary> => {
    const words = ["summary", "--entity", "OLIST", "--period", period];
    const { summaries } = await tieout<{ summaries: Summary[] }>(...words);
    expect(summaries).toHaveLength(1);
    return summaries[0] as Summary;
  };
  const documentsWith = async (cause: string): Promise<readonly string[]> => {
    const words = ["exceptions", "--entity", "OLIST", "--cause", cause];
    const { exceptions } = await tieout<{ exceptions: Listed[] }>(...words);
    return exceptions.map((one) => one.document ?? "").sort();
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(path.join(tmpdir(), "tieout-olist-"));
    months = await countSample();
    const files = adaptOlist(await readOlist(sample));
    await writeFile(path.join(folder, "sales.csv"), files.sales);
    await writeFile(path.join(folder, "ledger.csv"), files.ledger);
    await tieout("connect", "--entity", "OLIST", "--currency", "BRL", "--timezone", "America/Sao_Paulo");
    await importBoth();
    firstOutcome = await reconcile();
  }, 300_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await database.close();
  });

  const all = <Value>(pick: (month: Month) => readonly Value[]): Value[] =>
    [...months.values()].flatMap(pick);
  const receipts = (ids: readonly string[]) => ids.map((id) => `R-${id}`).sort();

  test("every row of both files is stored", () => {
    const lines = { sales: 0, ledger: 0 };
    for (const month of months.values()) {
      lines.sales += month.salesLines;
      lines.ledger += month.paymentLines;
    }
    expect(imports[0]).toMatchObject({ state: "imported", errorCount: 0, rows: lines.sales });
    expect(imports[1]).toMatchObject({ state: "imported", errorCount: 0, rows: lines.ledger });
  });

  test("each month's summary is the files' own sums, to the cent, and adds up", async () => {
    expect(months.size).toBeGreaterThan(20);
    const periods = [...months.keys()].sort();
    // Two at a time: a command is a process of its own.
    for (let first = 0; first < periods.length; first += 2) {
      await Promise.all(periods.slice(first, first + 2).map(checkMonth));
    }
  }, 300_000);

  async function checkMonth(period: string): Promise<void> {
    const counted = months.get(period) ?? emptyMonth();
    const summary = await summaryOf(period);
    const explained = total(summary.causes.map((cause) => BigInt(cause.gross)));
    const unexplained = BigInt(summary.unexplained.gross);
    expect(
      {
        currency: summary.currency,
        sales: [summary.scayle.lines, BigInt(summary.scayle.gross)],
        payments: [summary.erp.lines, BigInt(summary.erp.gross)],
        unknownTax: [summary.scayle.unknownTaxLines, summary.erp.unknownTaxLines],
        adds: BigInt(summary.scayle.gross) - explained - unexplained,
        matched: [summary.buckets.scayle["matched"]?.gross, summary.buckets.erp["matched"]?.gross].map(
          String,
        ),
        causes: summary.causes.map(({ cause, count }) => [cause, count]),
        unexplained: summary.unexplained.count,
        tiesOut: summary.tiesOut,
      },
      period,
    ).toEqual({
      currency: "BRL",
      sales: [counted.salesLines, counted.sales],
      payments: [counted.paymentLines, counted.payments],
      unknownTax: [counted.salesLines, counted.paymentLines],
      adds: counted.payments,
      matched: [String(counted.exactSales), String(counted.exactSales)],
      causes: counted.unsold.length > 0 ? [["sale-missing-in-scayle", counted.unsold.length]] : [],
      unexplained: counted.differing.length,
      tiesOut: counted.differing.length === 0,
    });
  }

  test("orders that differ are unexplained, and paid orders without items are missing in SCAYLE: these, and no others", async () => {
    expect(await documentsWith("unexplained")).toEqual(receipts(all((month) => month.differing)));
    expect(await documentsWith("sale-missing-in-scayle")).toEqual(receipts(all((month) => month.unsold)));
    const { exceptions } = await tieout<{ exceptions: Listed[] }>("exceptions", "--entity", "OLIST");
    const differing = all((month) => month.differing).length;
    const oneSided = all((month) => [...month.unsold, ...month.unpaid]).length;
    expect(exceptions).toHaveLength(differing + oneSided);
    const exact = [...months.values()].reduce((sum, month) => sum + month.exact, 0);
    console.info(
      `Olist: ${exact + differing + oneSided} orders: ${exact} exact, ${differing} differing, ${oneSided} one-sided; ` +
        `items ${total(all((month) => [month.sales]))}, payments ${total(all((month) => [month.payments]))} centavos.`,
    );
  });

  test("the same files a second time change nothing", async () => {
    await importBoth();
    expect(imports.slice(-2).map((report) => [report["state"], report["stored"]])).toEqual([
      ["already-imported", 0],
      ["already-imported", 0],
    ]);
    expect(await reconcile()).toBe(firstOutcome);
  });
}
