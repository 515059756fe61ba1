import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { differenceOf } from "@/lib/close/run-journal";
import type { LedgerSource } from "@/lib/connectors/contract";
import { createHttpClient, type HttpClient } from "@/lib/connectors/http";
import type { JournalWrite, JournalWriter } from "@/lib/connectors/journal";
import { trytonConnector } from "@/lib/connectors/registry";
import { type DraftLine, isRejected, type LedgerWrite, type Writer } from "@/lib/connectors/write";
import { type SentRequest, writerContract } from "../connectors/writer-contract";
import type { Clerk } from "./api";
import type { Company } from "./company";
import { openTryton } from "./open";
import type { Plan } from "./plan";
import { makeProducts } from "./post";
import { ADMIN, DATABASE, obtainTryton, type TrytonServer } from "./server";

/* Posting to a real Tryton through its own invoice workflow, and reading back what it made of it. */

const DAY = "2026-10-20";

const missing = await obtainTryton((line) => console.info(`Tryton: ${line}`));
if (missing === null) {
  describe("a real Tryton", () => checkPosting());
} else {
  test("there is no Tryton here, so nothing was posted to a real ERP", () => {
    console.warn(`\n*** NOT POSTED TO A REAL ERP: ${missing}. ***\n`);
    expect(missing).not.toBe("");
  });
}

const STANDARD = "Umsatzsteuer – Normalsatz";
const REDUCED = "Umsatzsteuer – Ermäßigter Satz";

/** A basket whose gross prices leave cents: two shirts, a book, and the parcel. */
const LINES: readonly DraftLine[] = [
  line("item", "TEE-M", "2", [3361n, 639n, 4000n], STANDARD, "0.19"),
  line("item", "BOOK-1", "1", [935n, 65n, 1000n], REDUCED, "0.07"),
  line("shipping", "SHIP", "1", [412n, 78n, 490n], STANDARD, "0.19"),
];

function line(
  kind: DraftLine["kind"],
  number: string,
  quantity: string,
  [net, tax, gross]: readonly [bigint, bigint, bigint],
  taxCode: string,
  taxRate: string,
): DraftLine {
  return { kind, number, description: number, quantity, net, tax, gross, taxCode, taxRate };
}

function checkPosting(): void {
  let tryton: TrytonServer;
  let clerk: Clerk;
  let company: Company;
  let partyCode: string;

  beforeAll(async () => {
    ({ tryton, clerk, company } = await openTryton());
    const product = (code: string, isService: boolean) => ({
      ...{ product: code, isService, name: code, quantity: 1n, netPrice: 10_000n, rate: 190n },
    });
    const lines = [product("TEE-M", false), product("BOOK-1", false), product("SHIP", true)];
    await makeProducts(clerk, company, { documents: [{ lines }] } as unknown as Plan);
    const [party] = await clerk.find("party.party", [["id", "=", company.party]], ["code"]);
    partyCode = String(party?.["code"]);
  }, 400_000);
  afterAll(() => tryton?.close(), 60_000);

  const plain = () =>
    createHttpClient({ fetch, now: () => new Date(), sleep: async () => undefined, random: () => 0 });
  const openLedger = (http: HttpClient): LedgerSource =>
    trytonConnector.open(
      trytonConnector.settings.parse({
        ...{ baseUrl: tryton.url, database: DATABASE, user: ADMIN.user },
        write: { partyCode, revenueAccount: "8400", accounts: { rounding: "8400" } },
      }),
      { password: ADMIN.password },
      { http, signal: new AbortController().signal },
    );
  const open = (http: HttpClient): Writer<LedgerWrite> => {
    const { write } = openLedger(http);
    if (!write) throw new Error("It can't be written to.");
    return write;
  };

  let count = 0;
  const posting = (
    change: Partial<Extract<LedgerWrite, { kind: "post-document" }>["document"]> = {},
  ): Extract<LedgerWrite, { kind: "post-document" }> => {
    count += 1;
    return {
      kind: "post-document",
      document: {
        ...{ kind: "sale", reference: `SHOP-${1000 + count}`, currency: "EUR", postingDay: DAY },
        ...{ shipTo: "DE", corrects: null, lines: LINES },
        ...change,
      },
    };
  };
  async function carriedOut(write: LedgerWrite, key: string = randomUUID()) {
    const writer = open(plain());
    let seen = await writer.look(write, key);
    for (let step = 0; step < 3 && seen.state !== "done"; step += 1)
      seen = await writer.advance(write, key, seen);
    if (seen.state !== "done") throw new Error(`It is ${seen.state}.`);
    return seen;
  }

  const effects = async (_: LedgerWrite, key: string): Promise<number> => {
    const domain = [
      ["description", "like", `%${key}%`],
      ["state", "in", ["posted", "paid"]],
    ];
    return (await clerk.find("account.invoice", domain, ["id"])).length;
  };
  const common = {
    open,
    effects,
    changes: ({ body }: SentRequest) =>
      /"method":"model\.account\.invoice\.(create|write|post|delete)"/.test(body),
    shown: ({ method, url, body }: SentRequest) => {
      const { method: name, params } = JSON.parse(body) as { method: string; params: unknown[] };
      // The session's context ends every call.
      return { method, path: new URL(url).pathname, body: { method: name, params: params.slice(0, -1) } };
    },
  };
  /** Tryton numbers in the order of dates. */
  const early = async () => {
    await carriedOut(posting());
    return {
      postingDay: "2026-10-01",
      words: /UserError|InvoiceNumberError|you must set an accounting date/i,
    };
  };

  writerContract<LedgerWrite>(
    "Tryton's posting",
    () => ({
      ...common,
      fresh: async () => ({ write: posting(), key: randomUUID() }),
      async refused() {
        const { postingDay, words } = await early();
        return { write: posting({ postingDay }), key: randomUUID(), words };
      },
    }),
    3,
  );
  writerContract<LedgerWrite>(
    "Tryton's reversal",
    () => ({
      ...common,
      fresh: async () => ({ write: await reversal(), key: randomUUID() }),
      async refused() {
        await carriedOut(await reversal());
        const { words } = await early();
        return { write: { ...(await reversal()), postingDay: "2026-10-01" }, key: randomUUID(), words };
      },
    }),
    3,
  );
  async function reversal(): Promise<Extract<LedgerWrite, { kind: "reverse-document" }>> {
    const write = posting();
    const { id, number } = await carriedOut(write);
    const { kind, reference } = write.document;
    return {
      kind: "reverse-document",
      document: { kind, sourceId: id, number: number ?? "", reference },
      postingDay: DAY,
    };
  }

  it("posts a missing sale and a missing credit of it, which are read back to the cent", async () => {
    const sale = posting();
    const key = randomUUID();
    const writer = open(plain());
    const draft = await writer.advance(sale, key, { state: "none" });
    expect(draft).toMatchObject({ state: "begun", figures: null });
    const reckoned = await writer.advance(sale, key, draft);
    expect(reckoned).toMatchObject({ state: "begun", figures: { net: 4708n, tax: 782n, gross: 5490n } });
    const posted = await writer.advance(sale, key, reckoned);
    expect(posted).toMatchObject({ state: "done", number: expect.stringMatching(/^RE2026-/) });
    const [shirts] = LINES;
    if (posted.state !== "done" || !shirts) throw new Error("It is not posted.");
    const returned = { ...shirts, quantity: "1", net: 1681n, tax: 319n, gross: 2000n };
    const credit = posting({
      kind: "credit",
      reference: sale.document.reference,
      corrects: { sourceId: posted.id, number: posted.number ?? "" },
      lines: [returned],
    });
    await carriedOut(credit);
    const readings = await openLedger(plain()).documentsOf(sale.document.reference);
    const books = readings.flatMap(({ result }) => (result.ok ? [result.value] : []));
    expect(
      books.map(({ kind, posted: counts, postingDay, stated }) => ({ kind, counts, postingDay, stated })),
    ).toEqual([
      { kind: "sale", counts: true, postingDay: DAY, stated: { net: 4708n, tax: 782n, gross: 5490n } },
      { kind: "credit", counts: true, postingDay: DAY, stated: { net: -1681n, tax: -319n, gross: -2000n } },
    ]);
    expect(books[1]?.originalNumber).toBe(posted.number);
    expect(
      books[0]?.lines.map(({ sku, account, quantity, gross, taxCode }) => [
        sku ?? account,
        quantity,
        gross,
        taxCode,
      ]),
    ).toEqual([
      ["TEE-M", "2", 4000n, STANDARD],
      ["BOOK-1", "1", 1000n, REDUCED],
      ["SHIP", "1", 490n, STANDARD],
    ]);
  });

  it("shows a posting that Tryton refuses in Tryton's words, and leaves a draft that can be taken back", async () => {
    await carriedOut(posting());
    const write = posting({ postingDay: "2026-10-02" });
    const key = randomUUID();
    const writer = open(plain());
    const error = await carriedOut(write, key).catch((reason: unknown) => reason);
    expect(isRejected(error)).toBe(true);
    expect(String(error)).toMatch(/did not do it\. It says: .*accounting date/);
    const left = await writer.look(write, key);
    expect(left.state).toBe("begun");
    await writer.discard?.(write, key, left);
    expect(await clerk.find("account.invoice", [["description", "like", `%${key}%`]], ["id"])).toEqual([]);
  });

  it("can't be told of a tax, a product or a party that Tryton doesn't have, and sends nothing", async () => {
    const [shirts] = LINES;
    if (!shirts) throw new Error("There is no line.");
    const unknown = [
      [{ ...shirts, taxCode: "USt 99 %" }, /Tryton has no tax USt 99 %/],
      [{ ...shirts, number: "NO-SUCH" }, /Tryton has no product with the code NO-SUCH/],
      [{ ...shirts, kind: "fee", number: "9999" }, /no product or account with the code 9999/],
    ] as const;
    for (const [wrong, words] of unknown) {
      const write = posting({ lines: [wrong] });
      const key = randomUUID();
      const error = await open(plain())
        .advance(write, key, { state: "none" })
        .catch((reason: unknown) => reason);
      expect(String(error)).toMatch(words);
      expect(isRejected(error)).toBe(true);
      expect(await open(plain()).look(write, key)).toEqual({ state: "none" });
    }
  });

  it("takes what was cancelled in Tryton itself for reversed, whoever did it", async () => {
    const write = await reversal();
    await clerk.call("model.company.company.write", [company.id], { cancel_invoice_out: true });
    await clerk.call("model.account.invoice.cancel", [Number(write.document.sourceId)]);
    expect(await open(plain()).look(write, randomUUID())).toMatchObject({ state: "done" });
  });

  describe("a journal", () => {
    const WRITE: JournalWrite = {
      ...{ currency: "EUR", postingDay: "2026-10-31", text: "Tieout journal 1" },
      lines: [
        { account: "1590", debit: 11_900n, credit: 0n, text: "Accruals" },
        { account: "8400", debit: 0n, credit: 10_000n, text: "Accruals" },
        { account: "1776", debit: 0n, credit: 1_900n, text: "Accruals" },
      ],
    };
    const journals = (): JournalWriter => {
      const own = openLedger(plain()).journals;
      if (!own) throw new Error("It posts no journals.");
      return own;
    };
    beforeAll(async () => {
      const general = await clerk.find("account.journal", [["type", "=", "general"]], ["id"]);
      if (general.length === 0)
        await clerk.one("account.journal", { name: "General", code: "GEN", type: "general" });
      for (const code of ["1590", "8400", "1776"]) {
        const found = await clerk.find(
          "account.account",
          [
            ["code", "=", code],
            ["company", "=", company.id],
          ],
          ["id"],
        );
        expect(found, code).toHaveLength(1);
      }
    });
    const moves = (key: string) =>
      clerk.find("account.move", [["description", "like", `%${key}%`]], ["state"]);

    it("is made as a draft move, posted, and read back line by line", async () => {
      const key = randomUUID();
      expect(journals().requests(WRITE, key)).toHaveLength(2);
      expect(await journals().look(WRITE, key)).toEqual({ state: "none" });
      const draft = await journals().advance(WRITE, key, { state: "none" });
      expect(draft).toMatchObject({ state: "begun", place: "draft" });
      expect(await moves(key)).toMatchObject([{ state: "draft" }]);
      const posted = await journals().advance(WRITE, key, draft);
      expect(posted).toMatchObject({ state: "done", postingDay: "2026-10-31" });
      if (posted.state !== "done") return;
      expect(posted.number).not.toBeNull();
      expect(differenceOf(WRITE, posted)).toBeNull();
      // Whoever looks again finds it, and sends nothing more.
      const seen = await journals().look(WRITE, key);
      expect(await journals().advance(WRITE, key, seen)).toEqual(seen);
      expect(await moves(key)).toMatchObject([{ state: "posted" }]);
      // What takes it back, on the first day of the next month.
      const back = {
        ...WRITE,
        postingDay: "2026-11-01",
        lines: WRITE.lines.map((one) => ({ ...one, debit: one.credit, credit: one.debit })),
      };
      const other = randomUUID();
      const undone = await journals().advance(
        back,
        other,
        await journals().advance(back, other, { state: "none" }),
      );
      if (undone.state !== "done") throw new Error("It is not taken back.");
      expect(differenceOf(back, undone)).toBeNull();
    });

    it("is refused for an account, a period or a currency that isn't there, with nothing left behind", async () => {
      const [first, ...rest] = WRITE.lines;
      if (!first) throw new Error("There is no line.");
      const unknown = [
        [{ ...WRITE, lines: [{ ...first, account: "99999" }, ...rest] }, /no account with the code 99999/],
        [{ ...WRITE, postingDay: "2031-01-01" }, /no period for 2031-01-01/],
        [{ ...WRITE, currency: "GBP" }, /company's currency, EUR/],
      ] as const;
      for (const [wrong, words] of unknown) {
        const key = randomUUID();
        const error = await journals()
          .advance(wrong, key, { state: "none" })
          .catch((reason: unknown) => reason);
        expect(String(error)).toMatch(words);
        expect(isRejected(error)).toBe(true);
        expect(await moves(key)).toEqual([]);
      }
    });

    it("that doesn't balance is refused by Tryton itself", async () => {
      const key = randomUUID();
      const [first, ...rest] = WRITE.lines;
      if (!first) throw new Error("There is no line.");
      const off = { ...WRITE, lines: [{ ...first, debit: 11_901n }, ...rest] };
      const draft = await journals().advance(off, key, { state: "none" });
      const error = await journals()
        .advance(off, key, draft)
        .catch((reason: unknown) => reason);
      expect(isRejected(error)).toBe(true);
      expect(await moves(key)).toMatchObject([{ state: "draft" }]);
    });
  });

  it("posts what is left over as a line of its own account, up or down", async () => {
    const rounding = line("rounding", "", "1", [-1n, 0n, -1n], "", "0");
    const write = posting({ lines: [...LINES, rounding] });
    const done = await carriedOut(write);
    const document = (await openLedger(plain()).document?.("sale", done.id))?.result;
    expect(document?.ok ? document.value.stated : null).toEqual({ net: 4707n, tax: 782n, gross: 5489n });
  });
}
