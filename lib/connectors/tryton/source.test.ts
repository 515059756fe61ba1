import { describe, expect, it } from "vitest";
import { faultOf } from "../fault";
import { createHttpClient } from "../http";
import { book, CODES, invoice, line, reducedTax, tax } from "./fixtures";
import { trytonSettings } from "./settings";
import { openTryton } from "./source";

type Asked = Readonly<{
  method: string;
  params: readonly unknown[];
  authorization: string | null;
  body: string;
}>;
type Answers = Readonly<Record<string, (asked: Asked) => unknown>>;

/** A Tryton that answers these methods; a Response is sent as it is, everything else as a result. */
function trytonWith(answers: Answers, settings: Readonly<Record<string, unknown>> = {}) {
  const asked: Asked[] = [];
  const standard: Answers = {
    "common.db.login": () => [3, `key-${asked.filter((one) => one.method === "common.db.login").length}`],
    "model.res.user.get_preferences": () => ({ company: 7, language: "de" }),
    "model.account.invoice.search_read": () => [],
    "model.account.invoice.line.search_read": () => [],
    "model.account.invoice.tax.search_read": () => [],
    "model.account.tax.search_read": () => CODES,
  };
  const http = createHttpClient({
    fetch: async (_, init) => {
      const body = String(init?.body);
      const { method, params } = JSON.parse(body) as { method: string; params: unknown[] };
      const one = { method, params, authorization: new Headers(init?.headers).get("authorization"), body };
      asked.push(one);
      const answer = (answers[method] ?? standard[method])?.(one);
      return answer instanceof Response ? answer : Response.json({ id: 1, result: answer });
    },
    now: () => new Date("2026-11-01T00:00:00Z"),
    sleep: async () => undefined,
    random: () => 0,
    attemptsMax: 2,
  });
  const given = { baseUrl: "https://erp.example/", database: "books", user: "tieout", ...settings };
  const source = openTryton(
    trytonSettings.parse(given),
    { password: "s3cret-words" },
    {
      http,
      signal: new AbortController().signal,
    },
  );
  const read = async (modifiedSince: Date | null = null, pageSize?: number) => {
    const pages = [];
    const since = pageSize === undefined ? { modifiedSince } : { modifiedSince, pageSize };
    for await (const page of source.documents(since)) pages.push(page);
    return pages;
  };
  const of = (method: string) => asked.filter((one) => one.method === method);
  return { source, read, asked, of };
}

const INVOICES = "model.account.invoice.search_read";
const failing = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

describe("a session", () => {
  it("is begun once, says which company everything is asked in, and sends exactly what Tryton takes", async () => {
    const { read, of, asked } = trytonWith({});
    await read();
    await read();
    expect(of("common.db.login")).toHaveLength(1);
    expect(of(INVOICES)).toHaveLength(2);
    const session = `Session ${Buffer.from("tieout:3:key-1").toString("base64")}`;
    expect(of(INVOICES)[0]?.authorization).toBe(session);
    expect(of(INVOICES)[0]?.params.at(-1)).toEqual({ language: "en", company: 7 });
    for (const { body } of asked) expect(Object.keys(JSON.parse(body))).toEqual(["id", "method", "params"]);
  });

  it("is begun anew when it has ended, once", async () => {
    let isOver = true;
    const over = new Response("", { status: 401 });
    const { read, of } = trytonWith({
      [INVOICES]: ({ authorization }) => {
        const first = isOver && authorization?.endsWith(Buffer.from("tieout:3:key-1").toString("base64"));
        isOver = false;
        return first ? over : [];
      },
    });
    expect(await read()).toHaveLength(1);
    expect(of("common.db.login")).toHaveLength(2);
    const never = trytonWith({ [INVOICES]: () => new Response("", { status: 401 }) });
    expect(faultOf(await failing(never.read()))?.status).toBe(401);
    expect(never.of("common.db.login")).toHaveLength(2);
  });

  it.each([401, 403, 429])("is not asked for again once it was refused with %i", async (status) => {
    const { read, source, of } = trytonWith({ "common.db.login": () => new Response("no", { status }) });
    for (let tries = 0; tries < 3; tries += 1)
      expect(faultOf(await failing(read()))).toMatchObject({ status, attempts: 1 });
    expect(await source.test()).toMatchObject({ ok: false, sees: [] });
    expect(of("common.db.login")).toHaveLength(1);
  });

  it("shows its password to nobody", async () => {
    const { read } = trytonWith({
      "common.db.login": () =>
        Response.json({ error: ["UserError", ["s3cret-words is not good", "", null]] }, { status: 400 }),
    });
    expect(String(await failing(read()))).not.toContain("s3cret-words");
  });

  it("takes the company of the settings before the user's own, and needs one of them", async () => {
    const named = trytonWith({}, { companyId: "9" });
    await named.read();
    expect(named.of(INVOICES)[0]?.params.at(-1)).toMatchObject({ company: 9 });
    const none = trytonWith({ "model.res.user.get_preferences": () => ({ company: null }) });
    expect(String(await failing(none.read()))).toMatch(/works in no company/);
  });
});

describe("an error that comes with a 200", () => {
  it("is a matter of permission where Tryton says so, and otherwise told in its words", async () => {
    const forbidden = trytonWith({
      [INVOICES]: () =>
        Response.json({
          id: 1,
          error: ["UserError", ['You are not allowed to access "Invoice".', "", null]],
        }),
    });
    expect(faultOf(await failing(forbidden.read()))).toMatchObject({ kind: "status", status: 403 });
    const defect = trytonWith({ [INVOICES]: () => Response.json({ id: 1, error: ["'nope'", ""] }) });
    const error = await failing(defect.read());
    expect(faultOf(error)).toMatchObject({ kind: "unexpected", status: null });
    expect(String(error)).toContain("'nope'");
  });
});

describe("documents", () => {
  const three = [1, 2, 3].map((id) => ({ ...invoice, id, number: `RE-${id}` }));
  const after = (asked: Asked): number => Number(JSON.stringify(asked.params).match(/"id",">",(\d+)/)?.[1]);
  const answers: Answers = {
    [INVOICES]: (asked) =>
      three.filter((one) => one.id > after(asked)).slice(0, Number(asked.params[2] ?? 100)),
    "model.account.invoice.line.search_read": () =>
      three.flatMap(({ id }) => [
        line({ id: id * 10, invoice: id }),
        { ...book, id: id * 10 + 1, invoice: id },
      ]),
    "model.account.invoice.tax.search_read": () =>
      three.flatMap(({ id }) => [tax({ invoice: id }), { ...reducedTax, invoice: id }]),
  };

  it("are listed by id, each page after the last id of the one before, with their own lines and taxes", async () => {
    const { read, of } = trytonWith(answers);
    const pages = await read(null, 2);
    expect(pages.map((page) => [page.readings.map((one) => one.sourceId), page.last])).toEqual([
      [["1", "2"], false],
      [["3"], true],
    ]);
    for (const { result } of pages.flatMap((page) => page.readings))
      expect(result).toMatchObject({ ok: true, value: { lines: [{ gross: 4000n }, { gross: 1000n }] } });
    expect(of(INVOICES).map(after)).toEqual([0, 2]);
    expect(of(INVOICES)[0]?.params[3]).toEqual([["id", "ASC"]]);
    // Master data are asked once, not with every page.
    expect(of("model.account.tax.search_read")).toHaveLength(1);
  });

  it("go on after the page that was stored last, and begin anew at a place that is none", async () => {
    const { source, read, of } = trytonWith(answers);
    const [first] = await read(null, 2);
    expect(first?.next).toBe("2");
    const rest = [];
    for await (const page of source.documents({ modifiedSince: null, pageSize: 2, after: "2" }))
      rest.push(...page.readings.map((one) => one.sourceId));
    expect(rest).toEqual(["3"]);
    for await (const page of source.documents({ modifiedSince: null, after: "no id" }))
      expect(page.readings).toHaveLength(3);
    expect(of(INVOICES).map(after)).toEqual([0, 2, 2, 0]);
  });

  it("that changed are asked for by the invoice's and its lines' times", async () => {
    const { read, of } = trytonWith(answers);
    await read(new Date("2026-10-31T22:15:07.120Z"));
    const asked = JSON.stringify(of(INVOICES)[0]?.params[0]);
    for (const field of ["write_date", "create_date", "lines.write_date", "lines.create_date"])
      expect(asked).toContain(`"${field}",">="`);
    expect(asked).toContain('"hour":22,"minute":15,"second":7,"microsecond":120000');
  });

  it("that never end are refused", async () => {
    const { read } = trytonWith({ [INVOICES]: () => three.slice(0, 2) });
    expect(String(await failing(read(null, 2)))).toMatch(/would never end/);
  });

  it("of a Tryton without sales are found by reference all the same", async () => {
    const { source } = trytonWith({
      ...answers,
      "model.account.invoice.line.search_read": (asked) =>
        asked.body.includes("sale.line") ? Response.json({ error: ["'sale.line'", ""] }) : [],
    });
    expect(await source.documentsOf("SHOP-1001")).toHaveLength(3);
  });
});
