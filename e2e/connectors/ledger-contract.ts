import { describe, expect, it } from "vitest";
import type { LedgerSource, Page, Reading } from "@/lib/connectors/contract";
import { faultOf } from "@/lib/connectors/fault";
import { createHttpClient, type HttpClient } from "@/lib/connectors/http";
import type { BookDocument, DocumentKind } from "@/lib/domain/document";

/*
 * The contract of a ledger source: what the sync, the matching and the proof rely on, whatever the system. One suite, run
 * against every system there is.
 */

/** A document as its system itself has it, not read through the connector. Minor units, signed. */
export type HeldDocument = Readonly<{
  kind: DocumentKind;
  sourceId: string;
  number: string | null;
  gross: bigint;
}>;

/** How a source that is asked over a network answers, as far as the suite plays tricks on it. */
export type Wire = Readonly<{
  asksForDocuments(url: string, body: string): boolean;
  signsIn(url: string, body: string): boolean;
  /** The answer to a request for documents, with one document in it that can't be read. */
  spoiled(answer: unknown): unknown;
}>;

export type LedgerSubject = Readonly<{
  open(http: HttpClient, credentials: "right" | "wrong"): LedgerSource;
  held(): Promise<readonly HeldDocument[]>;
  /** days on which all documents with a day of the books lie */
  days: Readonly<{ from: string; to: string }>;
  /** null: it is not asked over a network */
  wire: Wire | null;
  /** Changes some documents at the source and names them. null: it doesn't say what changed */
  change: (() => Promise<Readonly<{ since: Date; keys: readonly string[] }>>) | null;
  /** Takes one document away at the source and names it. null: it is whole or not there */
  remove: (() => Promise<string>) | null;
}>;

export const keyOf = ({ kind, sourceId }: Readonly<{ kind: string; sourceId: string }>): string =>
  `${kind} ${sourceId}`;

type Sent = Readonly<{ url: string; body: string }>;
type Trick = (sent: Sent, pass: () => Promise<Response>) => Promise<Response>;

/** A client whose requests are counted, may be tricked, and whose waits take no time. */
function clientWith(trick: Trick = (_, pass) => pass()) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  const http = createHttpClient({
    fetch: (input, init) => {
      const one = { url: String(input), body: String(init?.body ?? "") };
      sent.push(one);
      return trick(one, () => fetch(input, init));
    },
    now: () => new Date(),
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
    },
    random: () => 0,
    attemptsMax: 3,
  });
  return { http, sent, waits };
}

async function pagesOf(
  source: LedgerSource,
  since: Parameters<LedgerSource["documents"]>[0] = { modifiedSince: null },
): Promise<readonly Page<BookDocument>[]> {
  const pages: Page<BookDocument>[] = [];
  for await (const page of source.documents(since)) pages.push(page);
  return pages;
}

const readingsOf = (pages: readonly Page<BookDocument>[]): readonly Reading<BookDocument>[] =>
  pages.flatMap((page) => page.readings);
const documentsIn = (pages: readonly Page<BookDocument>[]): readonly BookDocument[] =>
  readingsOf(pages).flatMap(({ result }) => (result.ok ? [result.value] : []));

/**
 * Runs the contract against a subject, which is asked for when the tests run, so that it may be made ready before. What can
 * go wrong between us and a system is a matter of systems that are asked over a network.
 */
export function ledgerContract(
  name: string,
  subject: () => LedgerSubject,
  { isAskedOverNetwork = true }: Readonly<{ isAskedOverNetwork?: boolean }> = {},
): void {
  const open = (http = clientWith().http) => subject().open(http, "right");
  let whole: Promise<readonly Page<BookDocument>[]> | null = null;
  /** Everything, in pages of seven; read once for the tests that change nothing. */
  const wholeReading = () => {
    whole ??= pagesOf(open(), { modifiedSince: null, pageSize: 7 });
    return whole;
  };

  describe(`${name} as a ledger source`, () => {
    it("lists what the system holds, each document once, without gaps, and says which page is the last", async () => {
      const pages = await wholeReading();
      expect(pages.map((page) => page.last)).toEqual(pages.map((_, index) => index === pages.length - 1));
      expect(pages.length).toBeGreaterThan(1);
      const held = await subject().held();
      expect(documentsIn(pages).map(keyOf).sort()).toEqual(held.map(keyOf).sort());
    });

    it("reads the same whatever the size of its pages", async () => {
      const byKey = (pages: readonly Page<BookDocument>[]) =>
        new Map(
          readingsOf(pages).map((one) => [
            one.result.ok ? keyOf(one.result.value) : one.sourceId,
            { payload: one.payload, result: one.result, controls: one.controls },
          ]),
        );
      const small = byKey(await wholeReading());
      expect(small.size).toBeGreaterThan(20);
      for (const pageSize of [29, 1000])
        expect(byKey(await pagesOf(open(), { modifiedSince: null, pageSize }))).toEqual(small);
    });

    it("has every document's total and number as the system has it", async () => {
      const read = new Map(documentsIn(await wholeReading()).map((one) => [keyOf(one), one]));
      for (const held of await subject().held()) {
        const { stated, lines, number } = read.get(keyOf(held)) ?? { stated: null, lines: [], number: null };
        const gross = stated?.gross ?? lines.reduce((sum, line) => sum + line.gross, 0n);
        expect({ ...held, gross, number: held.number === null ? null : number }).toEqual(held);
      }
    });

    it("writes money as minor units, sales positive and credits negative, and lines that foot", async () => {
      const posted = documentsIn(await wholeReading()).filter((one) => one.posted);
      expect(new Set(posted.map((one) => one.kind))).toEqual(new Set(["sale", "credit"]));
      for (const { kind, lines, stated, currency } of posted) {
        expect(currency).toMatch(/^[A-Z]{3}$/);
        for (const { net, tax, gross } of lines) {
          expect([typeof net, typeof tax, typeof gross]).toEqual(["bigint", "bigint", "bigint"]);
          expect((net ?? 0n) + (tax ?? 0n)).toBe(gross);
        }
        const sum = (field: "net" | "tax" | "gross") =>
          lines.reduce((total, line) => total + (line[field] ?? 0n), 0n);
        for (const field of ["net", "tax", "gross"] as const)
          if (stated[field] !== null) expect(sum(field)).toBe(stated[field]);
        expect(kind === "credit" ? sum("gross") <= 0n : sum("gross") >= 0n).toBe(true);
        const goods = lines.filter((line) => line.kind === "item");
        expect(goods.every((line) => line.quantity.startsWith("-") === (kind === "credit"))).toBe(true);
      }
    });

    it("marks tax that it gave out itself, and only that", async () => {
      const isAllocated = String(open().capabilities["lineTax"]).startsWith("allocated");
      const lines = documentsIn(await wholeReading()).flatMap((one) => one.lines);
      const taxed = lines.filter((line) => line.taxCode !== null);
      expect(taxed.length).toBeGreaterThan(0);
      expect(taxed.every((line) => (line.taxAllocated ?? false) === isAllocated)).toBe(true);
    });

    it("keeps the raw payload, and says in figures what it says", async () => {
      for (const { payload, controls, result } of readingsOf(await wholeReading())) {
        if (!result.ok) continue;
        const { lines, kind, number } = result.value;
        const text = JSON.stringify(payload);
        if (!number.startsWith("draft ")) expect(text).toContain(number.replace(/ cancelled$/, ""));
        const gross = lines.reduce((sum, line) => sum + line.gross, 0n);
        expect(controls).toMatchObject([{ kind, unreadable: 0, sums: { lines: lines.length, gross } }]);
      }
    });

    it("counts the same once more in another way, to the total that the system states", async () => {
      const source = open();
      const counted = await source.count?.(subject().days);
      const inDays = documentsIn(await wholeReading()).filter((one) => one.postingDay !== null);
      expect(inDays.length).toBeGreaterThan(20);
      expect(counted?.records.map(keyOf).sort()).toEqual(inDays.map(keyOf).sort());
      if (counted?.stated !== null) expect(counted?.stated).toBe(inDays.length);
      const [first] = inDays;
      const day = first?.postingDay ?? "";
      const some = await source.count?.({ from: day, to: day });
      expect(some?.records.map(keyOf).sort()).toEqual(
        inDays
          .filter((one) => one.postingDay === day)
          .map(keyOf)
          .sort(),
      );
    });

    it("lists what was posted on some days, however long ago it changed, and any one document by its id", async () => {
      const source = open();
      // A source can do both or neither.
      if (!source.documentsWithin || !source.document)
        return expect([source.documentsWithin, source.document]).toEqual([undefined, undefined]);
      const all = documentsIn(await wholeReading()).filter((one) => one.postingDay !== null);
      const [first] = all;
      const day = first?.postingDay ?? "";
      const found: Page<BookDocument>[] = [];
      for await (const page of source.documentsWithin({ from: day, to: day })) found.push(page);
      expect(documentsIn(found).map(keyOf).sort()).toEqual(
        all
          .filter((one) => one.postingDay === day)
          .map(keyOf)
          .sort(),
      );
      const one = await source.document(first?.kind ?? "sale", first?.sourceId ?? "");
      expect(one?.result).toEqual({ ok: true, value: first });
      expect(await source.document("sale", "999999999")).toBeNull();
    });

    it("finds the documents of one reference, and none where there are none", async () => {
      const source = open();
      const one = documentsIn(await wholeReading()).find(({ reference }) => reference !== null);
      const found = await source.documentsOf(one?.reference ?? "");
      expect(found.map(({ sourceId }) => sourceId)).toContain(one?.sourceId);
      expect(await source.documentsOf("it's none")).toEqual([]);
    });

    it("sees exactly what changed since a moment, or says that it can't", async () => {
      const { change } = subject();
      const source = open();
      if (!change) return expect(source.capabilities["incrementalDocuments"]).toBe(false);
      const { since, keys } = await change();
      const changed = documentsIn(await pagesOf(open(), { modifiedSince: since, pageSize: 5 }));
      expect(changed.map(keyOf).sort()).toEqual([...keys].sort());
      const later = new Date(Date.now() + 365 * 86_400_000);
      expect(readingsOf(await pagesOf(open(), { modifiedSince: later }))).toEqual([]);
    });

    it("shows by its keys what is gone, or says that nothing goes", async () => {
      const { remove, days } = subject();
      const source = open();
      if (!remove) return expect(source.capabilities["deletionsVisible"]).toBe(false);
      const before = (await source.count?.(days))?.records.map(keyOf) ?? [];
      const gone = await remove();
      const after = (await open().count?.(days))?.records.map(keyOf) ?? [];
      expect(before.filter((key) => !after.includes(key))).toEqual([gone]);
      expect(after.every((key) => before.includes(key))).toBe(true);
    });

    it("says what it sees", async () => {
      const sight = await open().test();
      expect(sight).toMatchObject({ ok: true, problems: [] });
      expect(sight.sees.length).toBeGreaterThan(0);
    });
  });

  if (!isAskedOverNetwork) return;

  describe(`${name}, when something is wrong`, () => {
    const wireOf = (): Wire => {
      const { wire } = subject();
      if (!wire) throw new Error(`${name} is asked over a network; its subject says not how.`);
      return wire;
    };
    /** What a source that is asked for documents fails with, and how often it asked. */
    async function failure(trick: Trick, credentials: "right" | "wrong" = "right") {
      const { http, sent } = clientWith(trick);
      const source = subject().open(http, credentials);
      const error: unknown = await pagesOf(source).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      return { fault: faultOf(error), error, sent };
    }
    const onDocuments =
      (answer: () => Response): Trick =>
      async ({ url, body }, pass) =>
        wireOf().asksForDocuments(url, body) ? answer() : pass();
    const asked = (sent: readonly Sent[]) =>
      sent.filter(({ url, body }) => wireOf().asksForDocuments(url, body)).length;

    it("tries wrong credentials once, and shows them to nobody", async () => {
      const wire = wireOf();
      const { fault, error, sent } = await failure((_, pass) => pass(), "wrong");
      expect(fault).toMatchObject({ status: 401, attempts: 1 });
      expect(sent.filter(({ url, body }) => wire.signsIn(url, body))).toHaveLength(1);
      expect(asked(sent)).toBe(0);
      const { http, sent: tested } = clientWith();
      const sight = await subject().open(http, "wrong").test();
      expect(sight.ok).toBe(false);
      expect(tested.filter(({ url, body }) => wire.signsIn(url, body))).toHaveLength(1);
      expect(`${String(error)} ${JSON.stringify(sight)}`).not.toContain(WRONG);
    });

    it("waits as long as it is asked to, and goes on; in the end it says that the limit is used up", async () => {
      const limited = () => new Response("{}", { status: 429, headers: { "retry-after": "1" } });
      let refusals = 0;
      const once = clientWith((one, pass) =>
        wireOf().asksForDocuments(one.url, one.body) && refusals++ === 0
          ? Promise.resolve(limited())
          : pass(),
      );
      expect(readingsOf(await pagesOf(subject().open(once.http, "right"))).length).toBeGreaterThan(20);
      expect(once.waits).toContain(1000);
      const { fault } = await failure(onDocuments(limited));
      expect(fault).toMatchObject({ kind: "status", status: 429, attempts: 3 });
    });

    it("tries again where nothing answered, and then says so", async () => {
      const { fault, sent } = await failure(async () => {
        throw Object.assign(new TypeError("fetch failed"), {
          cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
        });
      });
      expect(fault).toMatchObject({ kind: "network", status: null, sourceMessage: "ECONNREFUSED" });
      expect(sent.length).toBeLessThanOrEqual(3);
    });

    it("asks once for what it may not have", async () => {
      const { fault, sent } = await failure(onDocuments(() => new Response("{}", { status: 403 })));
      expect(fault).toMatchObject({ kind: "status", status: 403, attempts: 1 });
      expect(asked(sent)).toBe(1);
    });

    it("tells an answer of another kind from one of another shape", async () => {
      const page = onDocuments(() => new Response("<!doctype html><title>Sign in</title>"));
      expect((await failure(page)).fault?.kind).toBe("not-json");
      expect((await failure(onDocuments(() => Response.json({ nothing: true })))).fault?.kind).toBe(
        "unexpected",
      );
    });

    it("reads a document that it can't understand as a failure with a reason and its payload, and the others all the same", async () => {
      const wire = wireOf();
      let isSpoiled = false;
      const { http } = clientWith(async (one, pass) => {
        const response = await pass();
        if (isSpoiled || !wire.asksForDocuments(one.url, one.body)) return response;
        isSpoiled = true;
        return Response.json(wire.spoiled(await response.json()));
      });
      const readings = readingsOf(await pagesOf(subject().open(http, "right")));
      const failed = readings.filter(({ result }) => !result.ok);
      expect(failed).toHaveLength(1);
      expect(readings.length).toBe((await subject().held()).length);
      expect(failed[0]?.sourceId).not.toBe("");
      expect(failed[0]?.payload).toBeTypeOf("object");
      expect(failed[0]?.result).toMatchObject({ ok: false, reason: expect.stringMatching(/: .*found/) });
    });
  });
}

/** A secret that no subject accepts. */
export const WRONG = "not-the-secret-5b1";
