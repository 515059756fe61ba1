import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { BookLine } from "@/lib/domain/document";
import { shownOf, sumOfSide } from "@/lib/domain/vat";
import { item, line } from "@/lib/sync/store/fixtures";
import { bridgeBy } from "./bridge";
import { findDifferences, findSteps } from "./differences";
import { ENTITY, MONTH, makeBooks } from "./fixtures";
import { bridgeFigures } from "./schema";
import { totalsOf } from "./state";
import { addsUpTo, findByTax } from "./vat";

let database: TestDatabase;
let books: Awaited<ReturnType<typeof makeBooks>>;

const RATES = ["0.19", "0.07"] as const;
const CODES = ["UST19", "UST7", "", "ODD"] as const;
const COUNTRIES = ["DE", "AT", null] as const;

/** One order: what the store sold of it and what the ERP posted, which may be something else, elsewhere, or nothing. */
const sale = fc.record({
  country: fc.constantFrom(...COUNTRIES),
  channel: fc.constantFrom("shop_de", "marketplace_x"),
  payment: fc.constantFrom("card", "invoice"),
  items: fc.array(
    fc.record({
      rate: fc.constantFrom(...RATES),
      gross: fc.integer({ min: 1, max: 30_000 }),
      back: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  posted: fc.constantFrom("as sold", "by other cents", "nothing", "with a charge"),
  code: fc.constantFrom(...CODES),
});

const netOf = (gross: number, rate: string): bigint => BigInt(Math.round(gross / (1 + Number(rate))));

beforeAll(async () => {
  database = await createTestDatabase();
  books = await makeBooks(database.ownerPool);
  await database.ownerPool.query(
    `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, tax_code, confirmed_at) VALUES
       (gen_random_uuid(), 'E1', 'DE', '*', 0.19, 'UST19', now()), (gen_random_uuid(), 'E1', 'DE', '*', 0.07, 'UST7', now()),
       (gen_random_uuid(), 'E1', 'AT', 'shop', 0.19, 'A', now()), (gen_random_uuid(), 'E1', 'AT', '*', 0.19, 'B', now())`,
  );
});
afterAll(() => database.close());

/** Lets the sales of one seed happen and reconciles. */
async function happen(seed: number): Promise<void> {
  const sales = fc.sample(sale, { numRuns: 12, seed });
  for (const [at, { country, channel, payment, items, posted, code }] of sales.entries()) {
    const id = `${seed}-${at}`;
    const units = items.map((one, place) => ({
      ...one,
      net: netOf(one.gross, one.rate),
      id: `${id}-${place}`,
      place,
    }));
    await books.store({
      id,
      reference: `DE-${id}`,
      shipTo: country,
      channel,
      channelType: channel === "shop_de" ? "shop" : "marketplace",
      payments: [{ key: payment, amount: null, giftCard: false }],
      items: units.map(({ id: unit, rate, gross, net, back, place }) =>
        item({
          id: unit,
          sku: `SKU-${place}`,
          gross: BigInt(gross),
          net,
          tax: BigInt(gross) - net,
          taxRate: rate,
          returnedAt: back ? new Date("2026-10-20T12:00:00Z") : null,
        }),
      ),
    });
    if (posted === "nothing") continue;
    const off = posted === "by other cents" ? 3n : 0n;
    const lines: BookLine[] = units.map(({ rate, gross, net, place }) =>
      line({
        sourceLineId: String(place),
        sku: `SKU-${place}`,
        gross: BigInt(gross) + off,
        net: net + off,
        tax: BigInt(gross) - net,
        taxRate: rate,
        taxCode: code === "" ? null : code,
      }),
    );
    const charge = line({
      sourceLineId: "c",
      kind: "fee",
      sku: null,
      account: "8400",
      gross: 590n,
      net: 496n,
      tax: 94n,
    });
    await books.post({
      sourceId: `i${id}`,
      number: `RE-${id}`,
      reference: `DE-${id}`,
      lines: posted === "with a charge" ? [...lines, charge] : lines,
    });
  }
  await books.reconcile();
}

const totals = async () => {
  const [one] = (await totalsOf(database.appPool, ENTITY, MONTH)).totals;
  if (!one) throw new Error("no totals");
  return one;
};

describe("the VAT view and the accounts of a month", () => {
  it("add up to the totals of the tie-out on both sides, in net, tax and gross, on ten seeds", async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      await happen(seed);
      const { vat, accounts } = await findByTax(database.appPool, ENTITY, MONTH);
      const shown = await totals();
      expect(shown.scayle.gross).not.toBe(shown.erp.gross);
      expect(addsUpTo(vat, shown), `VAT, seed ${seed}`).toBe(true);
      expect(addsUpTo(accounts, shown), `accounts, seed ${seed}`).toBe(true);
    }
  });

  it("leave out what a rule excludes, as the totals do", async () => {
    await database.ownerPool.query(
      `UPDATE pair SET bucket = 'excluded' WHERE (order_key, id) IN (
         SELECT order_key, id FROM pair WHERE bucket = 'matched' AND scayle_gross <> 0 LIMIT 1)`,
    );
    const { vat } = await findByTax(database.appPool, ENTITY, MONTH);
    expect(addsUpTo(vat, await totals())).toBe(false);
    await database.ownerPool.query("UPDATE pair SET bucket = 'matched' WHERE bucket = 'excluded'");
    expect(addsUpTo((await findByTax(database.appPool, ENTITY, MONTH)).vat, await totals())).toBe(true);
  });

  it("puts SCAYLE's lines under the code that is right by the mapping, and says where there is none or several", async () => {
    const { vat } = await findByTax(database.appPool, ENTITY, MONTH);
    const codes = (country: string | null) =>
      vat.filter((row) => row.country === country && row.scayle.lines > 0).map((row) => [row.rate, row.code]);
    expect(codes("DE")).toEqual([
      ["0.19", "UST19"],
      ["0.07", "UST7"],
    ]);
    // A shop's has two right codes, a marketplace's one; none at 7 %.
    expect(codes("AT")).toEqual([
      ["0.19", "A or B"],
      ["0.19", "B"],
      ["0.07", null],
    ]);
    expect(
      vat.filter((row) => row.code === "ODD").every((row) => !row.mapped && row.scayle.lines === 0),
    ).toBe(true);
    expect(vat.some((row) => row.code === "" && row.erp.lines > 0)).toBe(true);
  });

  it("shows many rates that the mapping does not have together, and loses nothing of them", () => {
    const side = (net: bigint) => ({ lines: 1, unknown: 0, net, tax: 1n, gross: net + 1n });
    const row = (rate: string, code: string | null, mapped: boolean) => ({
      currency: "EUR",
      country: "AT",
      rate,
      code,
      mapped,
      scayle: side(10n),
      erp: side(20n),
    });
    const rows = [
      row("0.2", "AT20", true),
      ...["0.181", "0.182", "0.183", "0.171"].map((rate) => row(rate, null, false)),
    ];
    expect(shownOf(rows).map((one) => [one.rate, one.code, one.odd?.count ?? null, one.scayle.net])).toEqual([
      ["0.2", "AT20", null, 10n],
      ["odd", null, 4, 40n],
    ]);
    expect(shownOf(rows)[1]?.odd).toEqual({ count: 4, least: "0.171", most: "0.183" });
    expect(shownOf(rows.slice(0, 4)).every((one) => one.odd === null)).toBe(true);
    expect(sumOfSide(shownOf(rows), "erp")).toEqual(sumOfSide(rows, "erp"));
  });

  it("names the account that the ERP's line names", async () => {
    const { accounts } = await findByTax(database.appPool, ENTITY, MONTH);
    const fees = accounts.filter((row) => row.class === "fees");
    expect(fees.map((row) => row.account)).toEqual(["8400"]);
    expect(accounts.find((row) => row.class === "refunds")?.scayle.gross).toBeLessThan(0n);
    const kept = await database.ownerPool.query("SELECT DISTINCT account FROM line WHERE side = 'scayle'");
    expect(kept.rows).toEqual([{ account: null }]);
  });
});

describe("a bridge by shop, channel, tax code, payment method or day", () => {
  const parts = ["shop", "channel", "code", "payment", "day"] as const;

  it("begins at SCAYLE's total and ends at the ERP's, in each amount", async () => {
    const shown = await totals();
    for (const by of parts)
      for (const of of bridgeFigures) {
        const steps = await findSteps(database.appPool, {
          entityId: ENTITY,
          month: MONTH,
          currency: "EUR",
          by,
          of,
        });
        const { gap, bars } = bridgeBy(shown, of, steps);
        expect(gap, `${by} ${of}`).toBe(0n);
        expect(bars.filter((bar) => bar.kind === "cause").length).toBeLessThanOrEqual(7);
      }
  });

  it("opens the rows of a step, which come to it", async () => {
    const asked = {
      entityId: ENTITY,
      month: MONTH,
      currency: "EUR",
      of: "gross",
      except: [],
      page: 1,
    } as const;
    for (const by of parts) {
      const steps = await findSteps(database.appPool, { ...asked, by });
      const [first] = steps;
      if (!first) throw new Error("nothing differs");
      const one = await findDifferences(database.appPool, { ...asked, by, key: first.key });
      expect([one.sum, one.count]).toEqual([first.amount, first.count]);
      expect(one.rows[0]?.part).toBe(first.label);
      const rest = await findDifferences(database.appPool, {
        ...asked,
        by,
        key: undefined,
        except: [first.key],
      });
      expect(rest.sum).toBe(steps.slice(1).reduce((all, step) => all + step.amount, 0n));
    }
    expect(
      (await findSteps(database.appPool, { ...asked, by: "payment" })).map((step) => step.label).sort(),
    ).toEqual(["card", "invoice"]);
  });

  it("opens the rows of a cause too", async () => {
    const shown = await totals();
    const [cause] = shown.causes.filter((one) => one.gross !== 0n);
    if (!cause) throw new Error("there is a cause");
    const found = await findDifferences(database.appPool, {
      entityId: ENTITY,
      month: MONTH,
      currency: "EUR",
      by: "cause",
      of: "gross",
      key: cause.cause,
      except: [],
      page: 1,
    });
    expect(found.sum).toBe(cause.gross);
  });
});
