import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CsvRow, createPlainReader, NotPlain } from "./plain-records";
import { builtInProfile, readProfile } from "./profile";
import { parseImport, recordsOf, streamImport } from "./read";

const DIALECTS = [
  { delimiter: ",", quote: '"', headerRow: 1 },
  { delimiter: ";", quote: '"', headerRow: 2 },
  { delimiter: "\t", quote: "'", headerRow: 1 },
] as const;
type Dialect = (typeof DIALECTS)[number];

/** What the quick reader makes of a text that comes in pieces; null where it leaves it to the careful parser. */
function quickly(text: string, dialect: Dialect, size: number): readonly CsvRow[] | null {
  const read = createPlainReader(dialect);
  const rows: CsvRow[] = [];
  try {
    for (let at = 0; at < text.length; at += size) rows.push(...read(text.slice(at, at + size), false));
    return [...rows, ...read("", true)];
  } catch (error) {
    if (error instanceof NotPlain) return null;
    throw error;
  }
}

async function carefully(text: string, dialect: Dialect): Promise<readonly CsvRow[] | null> {
  async function* whole(): AsyncGenerator<string> {
    yield text;
  }
  const rows: CsvRow[] = [];
  try {
    const profile = readProfile(JSON.stringify({ side: "sales", ...dialect }), "any");
    for await (const row of recordsOf(whole(), profile)) rows.push(row);
    return rows;
  } catch {
    return null;
  }
}

describe("the quick reader", () => {
  it("reads what the careful parser reads, or leaves the text to it, wherever it is cut", async () => {
    let read = 0;
    const part = fc.constantFrom(
      "a",
      "b c",
      "",
      '"',
      "'",
      ",",
      ";",
      "\t",
      "\n",
      "\r\n",
      "\r",
      '""',
      '"x"',
      "é",
      "\ufeff",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 30 }).map((parts) => parts.join("")),
        fc.constantFrom(...DIALECTS),
        fc.integer({ min: 1, max: 20 }),
        async (text, dialect, size) => {
          const quick = quickly(text, dialect, size);
          if (quick === null) return;
          read += 1;
          expect(quick).toEqual(await carefully(text, dialect));
        },
      ),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  it("reads well-formed files itself: quoted cells with line breaks, doubled quotes, empty lines", async () => {
    const cell = fc
      .string({ unit: fc.constantFrom("a", "1", " ", ",", '"', "\n", "ß") })
      .map((text) => `"${text.replaceAll('"', '""')}"`);
    const plain = fc.stringMatching(/^[a-z0-9 .-]{0,8}$/);
    const table = fc.array(fc.array(fc.oneof(cell, plain), { minLength: 2, maxLength: 5 }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        async (rows, ending, closed, size) => {
          const text = rows.map((row) => row.join(",")).join(ending + (closed ? ending : "")) + ending;
          const quick = quickly(text, DIALECTS[0], size);
          expect(quick).not.toBeNull();
          expect(quick).toEqual(await carefully(text, DIALECTS[0]));
        },
      ),
    );
  });
});

const ENTITY = { currency: "EUR", timeZone: "Europe/Berlin" };

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** A file read as a stream, its documents together; null where it is one to be read as a whole. */
async function streamed(text: string) {
  const documents: unknown[] = [];
  const raw: string[] = [];
  try {
    const taken = await streamImport(
      bytesOf(text),
      { profile: builtInProfile("ledger"), entity: ENTITY },
      async (portion) => {
        documents.push(...portion.documents.map((one) => one.document));
        raw.push(...portion.raw.rows.map((row) => row.text));
      },
    );
    return { taken, documents, raw };
  } catch (error) {
    if (error instanceof NotPlain) return null;
    throw error;
  }
}

describe("a file that is read as a stream", () => {
  const header = "document_no,posting_date,external_order_no,gross_amount,currency,company,line_no";
  const row = fc
    .record({
      number: fc.integer({ min: 1, max: 9 }),
      order: fc.integer({ min: 1, max: 3 }),
      amount: fc.constantFrom("1.00", "2.50", "x"),
      currency: fc.constantFrom("EUR", "EUR", "EUR", "GBP"),
      company: fc.constantFrom("A", "A", "A", "B"),
      line: fc.constantFrom("", "1", "2"),
    })
    .map(
      (one) =>
        `D${one.number},2026-10-31,O${one.order},${one.amount},${one.currency},${one.company},${one.line}`,
    );

  it("comes to the same documents and the same errors, in the same order, as one that is read as a whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), fc.boolean(), async (rows, controlled) => {
        const control = controlled ? [`#CONTROL;rows=${rows.length};gross=3.50`] : [];
        const text = [header, ...rows, ...control].join("\n");
        const {
          documents,
          firstRows: _,
          raw: __,
          ...taken
        } = await parseImport(bytesOf(text), {
          profile: builtInProfile("ledger"),
          entity: ENTITY,
        });
        const stream = await streamed(text);
        expect(stream?.taken.errors).toEqual(taken.errors);
        expect(stream?.taken).toMatchObject({
          rows: taken.rows,
          errorCount: taken.errorCount,
          control: taken.control,
        });
        if (taken.errorCount === 0) expect(stream?.documents).toEqual(documents);
      }),
    );
  });

  it("keeps its rows as they came, in the columns that are read and no others", async () => {
    const text =
      'document_no,secret,posting_date,external_order_no,gross_amount,description\nD1,x,2026-10-31,O1,1.00,"a, ""b"""\n';
    expect((await streamed(text))?.raw).toEqual(['D1,2026-10-31,O1,"a, ""b""",1.00']);
  });

  it("is left to be read as a whole where a document's rows come far apart", async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => `D${index},2026-10-31,O${index},1.00,EUR,A,1`);
    expect(await streamed([header, ...rows].join("\n"))).not.toBeNull();
    const late = "D0,2026-10-31,O0,1.00,EUR,A,2";
    expect(await streamed([header, ...rows, late].join("\n"))).toBeNull();
    expect(await streamed([header, ...rows.slice(0, 900), late].join("\n"))).not.toBeNull();
  });
});

// Odd CSV files of others, where they stand beside the project.
const FUZZ = path.resolve(process.cwd(), "../shared/data/fuzz");
const odd = existsSync(FUZZ)
  ? readdirSync(FUZZ, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".csv"))
  : [];

describe("odd CSV files of others", () => {
  it("are read as the careful parser reads them, or left to it", async () => {
    let read = 0;
    for (const name of odd) {
      const text = readFileSync(path.join(FUZZ, name), "utf8");
      const quick = quickly(text, DIALECTS[0], 5);
      if (quick === null) continue;
      read += 1;
      expect([name, quick]).toEqual([name, await carefully(text, DIALECTS[0])]);
    }
    console.info(`Odd CSV files: ${odd.length}, of which the quick reader reads ${read}.`);
    expect(existsSync(FUZZ) ? read > 30 : odd.length === 0).toBe(true);
  });
});
