import { describe, expect, it } from "vitest";
import type { BookDocument } from "@/lib/domain/document";
import type { Reading } from "../contract";
import { createHttpClient } from "../http";
import { businessCentralSettings } from "./settings";
import { openBusinessCentral } from "./source";

const ROOT = "https://api.example/v2.0/tenant/production/api/v2.0";
const COMPANY = `${ROOT}/companies(c1)`;
const ZERO = "00000000-0000-0000-0000-000000000000";
type Routes = Readonly<Record<string, (url: URL) => unknown>>;

/** A Business Central that answers these sets, by the end of their path. An answer that is a number is a status. */
function ledgerOn(routes: Routes, baseUrl = ROOT, localCurrency?: string) {
  const asked: { url: string; headers: Headers }[] = [];
  const http = createHttpClient({
    fetch: async (input, init) => {
      const url = new URL(String(input));
      if (url.pathname.endsWith("/token")) return Response.json({ access_token: "t", expires_in: 3600 });
      asked.push({ url: String(input), headers: new Headers(init?.headers) });
      const route = Object.entries(routes).find(([end]) => url.pathname.endsWith(end));
      const answer = route ? route[1](url) : { value: [] };
      if (typeof answer === "number")
        return Response.json({ error: { code: "BadRequest_NotFound" } }, { status: answer });
      return new Response(typeof answer === "string" ? answer : JSON.stringify(answer));
    },
    now: () => new Date("2026-11-01T00:00:00Z"),
    sleep: async () => undefined,
    random: () => 0,
    attemptsMax: 1,
  });
  const settings = businessCentralSettings.parse({
    baseUrl,
    tokenUrl: "https://login.example/token",
    clientId: "tieout",
    companyId: "c1",
    ...(localCurrency ? { localCurrency } : {}),
  });
  const io = { http, signal: new AbortController().signal };
  const ledger = openBusinessCentral(settings, { clientSecret: "secret" }, io);
  const read = async (modifiedSince: Date | null = null): Promise<Reading<BookDocument>[]> => {
    const readings: Reading<BookDocument>[] = [];
    for await (const page of ledger.documents({ modifiedSince })) readings.push(...page.readings);
    return readings;
  };
  return { ledger, read, asked };
}

const line = {
  id: "l1",
  sequence: 10000,
  lineType: "Item",
  lineObjectNumber: "SKU-7",
  itemVariantId: ZERO,
  quantity: 2,
  unitPrice: 11.9,
  discountAmount: 0,
  taxCode: "VAT19",
  taxPercent: 19,
  netAmount: 20,
  netTaxAmount: 3.8,
  netAmountIncludingTax: 23.8,
};
const header = {
  id: "d1",
  number: "PSI-1",
  externalDocumentNumber: "R-901",
  postingDate: "2026-10-31",
  status: "Open",
  currencyCode: "EUR",
  pricesIncludeTax: true,
  discountAmount: 0,
  totalAmountExcludingTax: 20,
  totalTaxAmount: 3.8,
  totalAmountIncludingTax: 23.8,
  lastModifiedDateTime: "2026-11-01T01:02:03.457Z",
  customerNumber: "10000",
  customerName: "Ada Byron",
  shipToCountry: "AT",
};
const invoice = (change: object = {}, lines: readonly object[] = [line]) => ({
  ...header,
  salesInvoiceLines: lines,
  ...change,
});
const readOne = async (change: object = {}, lines: readonly object[] = [line], routes: Routes = {}) => {
  const { read } = ledgerOn({ salesInvoices: () => ({ value: [invoice(change, lines)] }), ...routes });
  const [reading] = await read();
  if (!reading) throw new Error("nothing was read");
  return reading;
};
const documentFrom = async (...wanted: Parameters<typeof readOne>): Promise<BookDocument> => {
  const { result } = await readOne(...wanted);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
};
const reasonOf = async (...wanted: Parameters<typeof readOne>): Promise<string> => {
  const { result } = await readOne(...wanted);
  return result.ok ? "it was read" : result.reason;
};

describe("how a document is paid", () => {
  const id = "0b2f6c9e-0000-4000-8000-000000000001";
  const terms = { value: [{ id: id.toUpperCase(), code: "PREPAID" }] };

  it("is the code of its payment terms, read once; without terms, or where they may not be read, nothing is said", async () => {
    expect(await documentFrom({ paymentTermsId: id }, [line], { paymentTerms: () => terms })).toMatchObject({
      payment: "PREPAID",
    });
    const { read, asked } = ledgerOn({
      salesInvoices: () => ({
        value: [invoice({ paymentTermsId: id }), invoice({ id: "d2", paymentTermsId: id })],
      }),
      paymentTerms: () => terms,
    });
    await read();
    expect(asked.filter(({ url }) => url.includes("/paymentTerms"))).toHaveLength(1);
    for (const change of [
      {},
      { paymentTermsId: ZERO },
      { paymentTermsId: "0b2f6c9e-0000-4000-8000-000000000009" },
    ])
      expect(await documentFrom(change, [line], { paymentTerms: () => terms })).not.toHaveProperty("payment");
    expect(
      await documentFrom({ paymentTermsId: id }, [line], { paymentTerms: () => 403 }),
    ).not.toHaveProperty("payment");
  });
});

describe("an invoice", () => {
  it("is told in our words, without the customer's name", async () => {
    const reading = await readOne();
    expect(reading).toMatchObject({
      sourceId: "d1",
      reference: "PSI-1",
      personal: { data: { customerName: "Ada Byron" } },
    });
    expect(JSON.stringify(reading.payload)).not.toContain("Ada");
    expect(await documentFrom()).toMatchObject({
      kind: "sale",
      number: "PSI-1",
      reference: "R-901",
      posted: true,
      currency: "EUR",
      shipTo: "AT",
      postingDay: "2026-10-31",
      stated: { net: 2000n, tax: 380n, gross: 2380n },
      lines: [
        {
          sourceLineId: "l1",
          kind: "item",
          sku: "SKU-7",
          variant: null,
          quantity: "2",
          unitPrice: "11.9",
          net: 2000n,
          tax: 380n,
          gross: 2380n,
          taxCode: "VAT19",
          taxRate: "0.19",
          day: "2026-10-31",
        },
      ],
    });
  });

  it("has exact amounts where a float has none", async () => {
    const amounts =
      '"netAmount":1008192.10,"netTaxAmount":191556.499999999999,"netAmountIncludingTax":1199748.6';
    const text = JSON.stringify({ value: [invoice({}, [{ ...line, netAmount: "X" }])] });
    const broken = text.replace(/"netAmount":"X","netTaxAmount":3.8,"netAmountIncludingTax":23.8/, amounts);
    const [reading] = await ledgerOn({ salesInvoices: () => broken }).read();
    expect(reading?.result).toEqual({
      ok: false,
      reason: 'lines[0].netTaxAmount: "191556.499999999999" has more than the 2 decimals that EUR has',
      errorClass: "value",
    });
    const fine = broken.replace("191556.499999999999", "191556.50");
    const [read] = await ledgerOn({ salesInvoices: () => fine }).read();
    expect(read?.result.ok && read.result.value.lines[0]).toMatchObject({
      net: 100819210n,
      gross: 119974860n,
    });
  });

  it("keeps its stated totals also where its lines don't foot to them", async () => {
    const document = await documentFrom({ totalAmountIncludingTax: 23.81 });
    expect(document.stated.gross).toBe(2381n);
    expect(document.lines[0]?.gross).toBe(2380n);
  });

  it("passes over comments, and leaves what isn't an item to its account", async () => {
    const shipping = { ...line, id: "l2", lineType: "Account", lineObjectNumber: "8400" };
    const document = await documentFrom({}, [
      { id: "l0", lineType: "Comment", description: "Thanks" },
      shipping,
    ]);
    expect(document.lines).toMatchObject([{ kind: "fee", granularity: "item", sku: null, account: "8400" }]);
  });

  it("without a tax code says none", async () => {
    expect((await documentFrom({}, [{ ...line, taxCode: "" }])).lines[0]?.taxCode).toBeNull();
  });

  it("is not posted while it is a draft or in review", async () => {
    for (const status of ["Draft", "In Review"]) expect((await documentFrom({ status })).posted).toBe(false);
    for (const status of ["Open", "Paid", "Canceled", "Corrective"])
      expect((await documentFrom({ status })).posted).toBe(true);
  });

  it("takes the amounts before the document's discount only where it has none", async () => {
    const { netAmount: _, netTaxAmount: __, netAmountIncludingTax: ___, ...bare } = line;
    const before = { ...bare, amountExcludingTax: 20, totalTaxAmount: 3.8, amountIncludingTax: 23.8 };
    expect((await documentFrom({}, [before])).lines[0]?.gross).toBe(2380n);
    expect(await reasonOf({ discountAmount: 5 }, [before])).toContain("after the document's discount of 5");
    expect(await reasonOf({}, [bare])).toContain("lines[0]: expected netAmount");
  });

  it("fails with a reason where a line doesn't foot, names no currency or has no lines", async () => {
    expect(await reasonOf({}, [{ ...line, netTaxAmount: 3.81 }])).toBe(
      "lines[0]: netAmount 20 and netTaxAmount 3.81 don't make netAmountIncludingTax 23.8",
    );
    expect(await reasonOf({ currencyCode: "" })).toContain("local currency");
    expect(await reasonOf({ salesInvoiceLines: undefined })).toContain("salesInvoiceLines");
    expect(await reasonOf({ postingDate: "31.10.2026" })).toContain("postingDate");
  });

  it("without a currency is in the local one, where that is named", async () => {
    const { read } = ledgerOn(
      { salesInvoices: () => ({ value: [invoice({ currencyCode: "" })] }) },
      ROOT,
      "GBP",
    );
    const [reading] = await read();
    expect(reading?.result.ok && reading.result.value.currency).toBe("GBP");
  });
});

describe("a credit memo", () => {
  it("is negative in quantity and amounts, and names the invoice it credits", async () => {
    const memo = { ...header, invoiceNumber: "PSI-1", salesCreditMemoLines: [line] };
    const [reading] = await ledgerOn({ salesCreditMemos: () => ({ value: [memo] }) }).read();
    expect(reading?.result.ok && reading.result.value).toMatchObject({
      kind: "credit",
      originalNumber: "PSI-1",
      stated: { gross: -2380n },
      lines: [{ quantity: "-2", unitPrice: "11.9", net: -2000n, tax: -380n, gross: -2380n }],
    });
  });
});

describe("an item's variant", () => {
  const variant = { ...line, itemVariantId: "AAAA-1" };

  it("is its code, from the list or by its id when it is newer than the list", async () => {
    const listed = { itemVariants: () => ({ value: [{ id: "aaaa-1", code: "RED-M" }] }) };
    expect((await documentFrom({}, [variant], listed)).lines[0]?.variant).toBe("RED-M");
    const single = { "itemVariants(aaaa-1)": () => ({ id: "AAAA-1", code: "BLUE-S" }) };
    expect((await documentFrom({}, [variant], single)).lines[0]?.variant).toBe("BLUE-S");
  });

  it("stays open where Business Central has no such set", async () => {
    const none = { itemVariants: () => 404, "itemVariants(aaaa-1)": () => 404 };
    expect((await documentFrom({}, [variant], none)).lines[0]?.variant).toBeNull();
  });
});

describe("the document list", () => {
  it("asks for lines with their headers, small pages, read only, and what changed since", async () => {
    const { read, asked } = ledgerOn({});
    await read(new Date("2026-10-31T00:00:00Z"));
    expect(decodeURIComponent(asked[0]?.url ?? "")).toBe(
      `${COMPANY}/salesInvoices?$filter=lastModifiedDateTime gt 2026-10-31T00:00:00.000Z&$expand=salesInvoiceLines`,
    );
    expect(asked[0]?.headers.get("prefer")).toBe("odata.maxpagesize=200");
    expect(asked[0]?.headers.get("data-access-intent")).toBe("ReadOnly");
    expect(asked[0]?.headers.get("authorization")).toBe("Bearer t");
    expect(asked[1]?.url).toContain("salesCreditMemos");
  });

  it("follows the next link verbatim", async () => {
    const next = `${COMPANY}/salesInvoices?$skiptoken=a%20b'c&aid=FIN`;
    const { read, asked } = ledgerOn({
      salesInvoices: (url) =>
        url.search.includes("skiptoken")
          ? { value: [invoice({ id: "d2" })] }
          : { value: [invoice()], "@odata.nextLink": next },
    });
    expect((await read()).map((one) => one.sourceId)).toEqual(["d1", "d2"]);
    expect(asked[1]?.url).toBe(next);
  });

  it("never takes the token to another host", async () => {
    const { read, asked } = ledgerOn({
      salesInvoices: () => ({ value: [], "@odata.nextLink": "https://evil.example/more" }),
    });
    await expect(read()).rejects.toThrow("the token is sent to no other host");
    expect(asked.every(({ url }) => url.startsWith(ROOT))).toBe(true);
  });

  it("whose next link repeats is refused instead of read for ever", async () => {
    const { read } = ledgerOn({
      salesInvoices: () => ({ value: [], "@odata.nextLink": `${COMPANY}/salesInvoices?$skiptoken=1` }),
    });
    await expect(read()).rejects.toThrow("next page repeats");
  });

  it.each([ROOT, `${ROOT}/`, `${ROOT}/companies`, `${ROOT}/companies(c1)`, ROOT.replace("/api/v2.0", "")])(
    "is found from %s",
    async (given) => {
      const { read, asked } = ledgerOn({ salesInvoices: () => ({ value: [invoice()] }) }, given);
      expect((await read()).length).toBe(1);
      expect(asked.every(({ url }) => url.startsWith(`${COMPANY}/`))).toBe(true);
    },
  );
});

describe("what can be seen", () => {
  it("names the companies when the one asked for isn't there", async () => {
    const { ledger } = ledgerOn({ companies: () => ({ value: [{ id: "c2", displayName: "Other" }] }) });
    const sight = await ledger.test();
    expect(sight).toMatchObject({ ok: false, sees: [] });
    expect(sight.problems.join()).toContain("Other (c2)");
  });

  it("is fine without tax groups, and says what is missing", async () => {
    const { ledger } = ledgerOn({
      companies: () => ({ value: [{ id: "C1", displayName: "Moda" }] }),
      taxGroups: () => 403,
    });
    const sight = await ledger.test();
    expect(sight.ok).toBe(true);
    expect(sight.problems.join()).toContain("taxGroups answered 403");
    expect(await ledger.taxCodes()).toEqual([]);
  });
});

describe("documents by day and by id", () => {
  const id = "40587f6c-0000-4f50-87e8-454a575e94c9";
  it("are listed by posting date, of both kinds, with their lines", async () => {
    const { ledger, asked } = ledgerOn({});
    for await (const page of ledger.documentsWithin?.({ from: "2026-10-01", to: "2026-10-31" }) ?? [])
      expect(page.readings).toEqual([]);
    const lists = asked.map(({ url }) => new URL(url)).filter((url) => url.searchParams.has("$filter"));
    expect(lists.map((url) => url.pathname.split("/").at(-1))).toEqual(["salesInvoices", "salesCreditMemos"]);
    expect(new Set(lists.map((url) => url.searchParams.get("$filter")))).toEqual(
      new Set(["postingDate ge 2026-10-01 and postingDate le 2026-10-31"]),
    );
    expect(lists.every((url) => url.searchParams.has("$expand"))).toBe(true);
  });

  it("one is asked for by its GUID, and there is none where the answer is 404 or the id is no GUID", async () => {
    const { ledger } = ledgerOn({
      [`/salesInvoices(${id})`]: () => ({ ...header, id, salesInvoiceLines: [line] }),
    });
    expect(await ledger.document?.("sale", id)).toMatchObject({ sourceId: id, reference: "PSI-1" });
    const { ledger: empty, asked } = ledgerOn({ [`/salesInvoices(${id})`]: () => 404 });
    expect(await empty.document?.("sale", id)).toBeNull();
    const before = asked.length;
    expect(await empty.document?.("sale", "x') or ('1' eq '1")).toBeNull();
    expect(asked).toHaveLength(before);
  });
});
