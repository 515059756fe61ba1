import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPlain } from "@/lib/domain/money";
import type { ImportSide } from "./columns";
import { builtInProfile, type Profile, readProfile } from "./profile";
import { type ImportOptions, parseImport } from "./read";

const ENTITY = { currency: "EUR", timeZone: "Europe/Berlin" };

/** Bytes in small pieces, so that characters and rows are cut anywhere. */
async function* inPieces(bytes: Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

const importing = (content: string | Uint8Array, profile: Profile, options: Partial<ImportOptions> = {}) =>
  parseImport(inPieces(typeof content === "string" ? new TextEncoder().encode(content) : content), {
    profile,
    entity: ENTITY,
    ...options,
  });
const sales = (content: string, options?: Partial<ImportOptions>) =>
  importing(content, builtInProfile("sales"), options);
const ledger = (content: string, change: object = {}) =>
  importing(content, readProfile(JSON.stringify({ side: "ledger", ...change }), "test"));

const LEDGER =
  "document_type,document_no,line_no,posting_date,external_order_no,sku,gl_account,quantity,gross_amount";

describe("a sales file", () => {
  it("makes one document per order and kind, whose id is the order's number", async () => {
    const { documents, rows, errors } = await sales(
      [
        "order_no,document_type,document_no,line_no,sold_at,currency,sku,quantity,net_amount,tax_amount,gross_amount,tax_rate",
        "R1,invoice,I1,1,2026-10-30,EUR,A,2,20.00,3.80,23.80,0.19",
        "R1,invoice,I2,1,2026-11-01,EUR,B,1,,,5,19",
        "R1,credit_memo,C1,1,2026-11-05,EUR,A,1,-10.00,,-11.90,19 %",
      ].join("\n"),
    );
    expect(errors).toEqual([]);
    expect(rows).toBe(3);
    expect(documents).toMatchObject([
      {
        side: "scayle",
        kind: "sale",
        sourceId: "R1",
        number: "R1",
        reference: "R1",
        postingDay: "2026-10-30",
        lines: [
          { sourceLineId: "I1/1", quantity: "2", net: 2000n, tax: 380n, gross: 2380n, taxRate: "0.19" },
          { sourceLineId: "I2/1", quantity: "1", net: null, tax: null, gross: 500n, taxRate: "0.19" },
        ],
      },
      {
        kind: "credit",
        sourceId: "R1",
        number: "C1",
        lines: [
          { sourceLineId: "C1/1", quantity: "-1", net: -1000n, tax: -190n, gross: -1190n, taxRate: "0.19" },
        ],
      },
    ]);
  });

  it("takes a time without an offset as one of the entity's time zone, and a day as a day", async () => {
    const { documents } = await sales(
      [
        "order_no,sold_at,gross_amount",
        "R1,2026-10-31 23:30:00,1",
        "R2,2026-10-31T23:30:00Z,1",
        "R3,2026-11-01T00:30:00+02:00,1",
        "R4,2026-10-31,1",
      ].join("\n"),
    );
    expect(documents.map(({ lines: [line] }) => [line?.day, line?.at?.toISOString() ?? null])).toEqual([
      ["2026-10-31", "2026-10-31T22:30:00.000Z"],
      ["2026-11-01", "2026-10-31T23:30:00.000Z"],
      ["2026-10-31", "2026-10-31T22:30:00.000Z"],
      ["2026-10-31", null],
    ]);
  });

  it("has lines without a SKU as whole documents, unless they are a charge", async () => {
    const { documents } = await sales(
      "order_no,sold_at,gross_amount,line_kind\nR1,2026-10-31,10,\nR1,2026-10-31,5,shipping",
    );
    expect(documents[0]?.lines).toMatchObject([
      { kind: "item", granularity: "document", sku: null, quantity: "1" },
      { kind: "shipping", granularity: "item", account: "shipping" },
    ]);
  });
});

describe("a ledger file", () => {
  it("makes one document per number and type, by the order that its rows name", async () => {
    const { documents, errors } = await ledger(
      [
        LEDGER,
        "invoice,I1,1,2026-10-31,R1,A,,2,23.80",
        "invoice,I1,2,2026-10-31,R1,,8400,1,4.90",
        "credit_memo,I1,1,2026-11-01,,A,,1,-11.90",
      ].join("\n"),
    );
    expect(errors).toEqual([]);
    expect(documents).toMatchObject([
      {
        side: "erp",
        kind: "sale",
        sourceId: "I1",
        reference: "R1",
        lines: [
          { kind: "item", sku: "A" },
          { kind: "fee", granularity: "item", account: "8400" },
        ],
      },
      { kind: "credit", sourceId: "I1", reference: null, lines: [{ quantity: "-1", gross: -1190n }] },
    ]);
  });

  it("of account totals is comparable only by whole documents", async () => {
    const { documents } = await ledger([LEDGER, "invoice,I1,1,2026-10-31,R1,,4400,,23.80"].join("\n"));
    expect(documents[0]?.lines).toMatchObject([{ kind: "item", granularity: "document", account: "4400" }]);
  });

  it("splits a posting that sums up several orders by order", async () => {
    const { documents, errors } = await ledger(
      [LEDGER, "invoice,S1,1,2026-10-31,R1,A,,1,10", "invoice,S1,2,2026-10-31,R2,A,,1,10"].join("\n"),
    );
    expect(errors).toEqual([]);
    expect(documents.map((one) => [one.number, one.sourceId, one.reference])).toEqual([
      ["S1", "S1:R1", "R1"],
      ["S1", "S1:R2", "R2"],
    ]);
  });

  it("turns unsigned credits where the profile declares them, and refuses them where it doesn't", async () => {
    const file = [LEDGER, "credit_memo,C1,1,2026-10-31,R1,A,,2,23.80"].join("\n");
    const { documents } = await ledger(file, { sign: "credit-positive" });
    expect(documents[0]?.lines).toMatchObject([{ quantity: "-2", gross: -2380n }]);
    const { errors } = await ledger(file);
    expect(errors[0]?.expected).toContain("credit-positive");
  });

  it("has the cancellation of an invoice as a credit, and that of a credit as a sale", async () => {
    const { documents } = await ledger(
      [LEDGER, "cancellation,X1,1,2026-10-31,R1,A,,1,-10", "cancellation,X2,1,2026-10-31,R1,A,,1,10"].join(
        "\n",
      ),
    );
    expect(documents.map((one) => [one.kind, one.sourceId])).toEqual([
      ["credit", "cancellation:X1"],
      ["sale", "cancellation:X2"],
    ]);
  });

  it("is read in another dialect as its profile declares it", async () => {
    const profile = {
      encoding: "windows-1252",
      delimiter: ";",
      decimalMark: ",",
      groupMark: ".",
      dateFormat: "DD.MM.YYYY",
      headerRow: 2,
      taxRate: "percent",
      columns: {
        document_no: "Beleg",
        posting_date: "Datum",
        gross_amount: "Brutto",
        sku: "Artikel",
        description: "Text",
        document_type: "Art",
        tax_rate: "MwSt",
        external_order_no: "Auftrag",
      },
      values: { document_type: { RE: "invoice", GU: "credit_memo" } },
      constants: { currency: "CHF" },
    };
    const text =
      'Journal;;;;;;;\r\nBeleg;Datum;Brutto;Artikel;Text;Art;MwSt;Auftrag\r\n7;31.10.2026;1.234,50;007;"Größe ""M""; blau";RE;7,7;R1\r\n';
    const { documents, errors } = await importing(
      Buffer.from(text, "latin1"),
      readProfile(JSON.stringify({ side: "ledger", ...profile }), "swiss"),
    );
    expect(errors).toEqual([]);
    expect(documents).toMatchObject([
      {
        number: "7",
        currency: "CHF",
        postingDay: "2026-10-31",
        lines: [{ sku: "007", gross: 123450n, taxRate: "0.077", description: 'Größe "M"; blau' }],
      },
    ]);
  });
});

describe("an error report", () => {
  const oneError = async (
    row: string,
    header = "order_no,line_no,sold_at,sku,quantity,net_amount,tax_amount,gross_amount,tax_rate,currency",
  ) => {
    const { errors, documents } = await sales(`${header}\n${row}`);
    expect(documents).toEqual([]);
    return errors[0];
  };

  it.each([
    ["R1,1,31.10.2026,A,1,,,10,,", "sold_at", "YYYY-MM-DD"],
    ["R1,1,2026-02-30,A,1,,,10,,", "sold_at", "YYYY-MM-DD"],
    ["R1,1,2026-10-31 25:00:00,A,1,,,10,,", "sold_at", "HH:MM:SS"],
    ["R1,1,2026-10-31,A,1,,,,,", "gross_amount", "a value"],
    [",1,2026-10-31,A,1,,,10,,", "order_no", "a value"],
    ["R1,1,2026-10-31,A,1,,,10.001,,", "gross_amount", "2 decimals"],
    ['R1,1,2026-10-31,A,1,,,"10,00",,', "gross_amount", "1234.50"],
    ["R1,1,2026-10-31,A,1,8.00,1.00,10,,", "gross_amount", "which is 9.00"],
    ["R1,1,2026-10-31,A,two,,,10,,", "quantity", "a number"],
    ["R1,1,2026-10-31,A,1,,,10,1,", "tax_rate", "clearly"],
    ["R1,1,2026-10-31,A,1,,,10,119,", "tax_rate", "between 0 and 100"],
    ["R1,1,2026-10-31,4.00638E+12,1,,,10,,", "sku", "spreadsheet"],
    ["R1,1,2026-10-31,A,1,,,10,,euro", "currency", "ISO 4217"],
    ["R1,1,2026-10-31,A,1", "", "10 columns"],
    ["R1,1,2026-10-31,A\u0000,1,,,10,,", "", "text"],
  ])("of %j names column %j and what was expected", async (row, column, expected) => {
    const error = await oneError(row);
    expect(error).toMatchObject({ row: 2, column });
    expect(error?.expected).toContain(expected);
  });

  it("counts rows as lines of the file, also after empty lines and line breaks in cells", async () => {
    const { errors } = await sales(
      'order_no,sold_at,gross_amount,description\r\n\r\nR1,2026-10-31,1,"a\r\nb"\r\nR2,2026-10-31,x,"c\r\nd"\r\n',
    );
    expect(errors).toMatchObject([{ row: 5, column: "gross_amount", found: "x" }]);
  });

  it("lists the first hundred and counts the rest; one bad row and nothing is taken", async () => {
    const bad = Array.from({ length: 150 }, (_, index) => `R${index},2026-10-31,x`);
    const { errors, errorCount, documents, rows } = await sales(
      ["order_no,sold_at,gross_amount", "R,2026-10-31,1", ...bad].join("\n"),
    );
    expect([errors.length, errorCount, documents.length, rows]).toEqual([100, 150, 0, 151]);
  });

  it("names missing columns, and those that the profile names in vain", async () => {
    expect((await sales("order_no,sold_at\nR1,2026-10-31")).errors).toMatchObject([
      { row: 1, column: "gross_amount" },
    ]);
    const { errors } = await ledger("a,b\n1,2", { columns: { document_no: "a", gross_amount: "amount" } });
    expect(errors.map((one) => one.expected)).toEqual([
      'a column "amount", which the profile names',
      "a column or constant for posting_date in the profile",
      "a column or constant for external_order_no in the profile",
    ]);
    expect((await sales("order_no,order_no,sold_at,gross_amount\n")).errors[0]?.found).toBe("twice");
  });

  it("finds the same line twice", async () => {
    const { errors } = await ledger(
      [LEDGER, "invoice,I1,1,2026-10-31,R1,A,,1,10", "invoice,I1,1,2026-10-31,R1,B,,1,10"].join("\n"),
    );
    expect(errors).toMatchObject([{ row: 3, column: "line_no", found: "1" }]);
    expect(errors[0]?.expected).toContain("row 2");
  });

  it("finds two currencies in one document, and two companies in one file", async () => {
    const header = "order_no,sold_at,gross_amount,currency,company";
    const { errors } = await sales(
      `${header}\nR1,2026-10-31,1,EUR,X\nR1,2026-10-31,1,GBP,X\nR2,2026-10-31,1,EUR,Y`,
    );
    expect(errors.map((one) => [one.row, one.column])).toEqual([
      [4, "company"],
      [3, "currency"],
    ]);
  });

  it("says so when the bytes aren't in the declared encoding, or a quote never closes", async () => {
    const latin = Buffer.from("order_no,sold_at,gross_amount\nGröße,2026-10-31,1", "latin1");
    expect((await importing(latin, builtInProfile("sales"))).errors[0]?.found).toContain("not utf-8");
    expect((await sales('order_no,sold_at,gross_amount\n"R1,2026-10-31,1')).errors[0]?.found).toContain(
      "Quote",
    );
  });

  it("stops at the limits on bytes and rows", async () => {
    const file = "order_no,sold_at,gross_amount\nR1,2026-10-31,1\nR2,2026-10-31,1\n";
    expect((await sales(file, { bytesMax: 40 })).errors[0]?.expected).toBe("at most 40 bytes");
    expect((await sales(file, { rowsMax: 1 })).errors[0]?.expected).toContain("at most 1 rows");
  });

  it("is not for a disk that fails: that is thrown", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode("order_no,");
      throw new Error("EIO");
    }
    const read = parseImport(failing(), { profile: builtInProfile("sales"), entity: ENTITY });
    await expect(read).rejects.toThrow("EIO");
  });
});

describe("a control line", () => {
  const file = (control: string) =>
    ledger(
      [
        LEDGER,
        "invoice,I1,1,2026-10-31,R1,A,,1,23.80",
        "credit_memo,C1,1,2026-10-31,R1,A,,1,-3.80",
        control,
      ].join("\n"),
    );

  it("that holds is kept", async () => {
    const { errors, control } = await file("#CONTROL;rows=2;gross=20.00");
    expect(errors).toEqual([]);
    expect(control).toMatchObject({ rows: 2, gross: "20.00", net: null });
  });

  it("that doesn't is an error, and nothing is taken", async () => {
    const { errors, documents } = await file("#CONTROL;rows=3;net=1;gross=20.01");
    expect(documents).toEqual([]);
    expect(errors.map((one) => `${one.found} / ${one.expected}`)).toEqual([
      "rows=3 / 2 rows",
      "net=1 / no net: some rows don't state it",
      "gross=20.01 / 20.00",
    ]);
  });

  it("counts unsigned credits as the file writes them", async () => {
    const { errors } = await ledger(
      [LEDGER, "credit_memo,C1,1,2026-10-31,R1,A,,1,3.80", "#CONTROL;gross=3.80"].join("\n"),
      { sign: "credit-positive" },
    );
    expect(errors).toEqual([]);
  });
});

describe("whatever is written", () => {
  it("is read back to the cent, in any dialect and cut anywhere", async () => {
    const text = fc.string({ maxLength: 12 }).map((one) => one.replaceAll("\u0000", "").trim());
    const line = fc.record({ cents: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), description: text });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(",", ";", "\t", "|"),
        fc.constantFrom(".", ","),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        async (lines, delimiter, decimalMark, ending, bom, size) => {
          const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
          const rows = lines.map(({ cents, description }, index) =>
            [`R${index}`, "2026-10-31", formatPlain(cents, "EUR").replace(".", decimalMark), description]
              .map(quoted)
              .join(delimiter),
          );
          const header = ["order_no", "sold_at", "gross_amount", "description"].join(delimiter);
          const content = (bom ? "\ufeff" : "") + [header, ...rows].join(ending) + ending;
          const profile = readProfile(JSON.stringify({ side: "sales", delimiter, decimalMark }), "any");
          const bytes = new TextEncoder().encode(content);
          const { documents, errors } = await parseImport(inPieces(bytes, size), { profile, entity: ENTITY });
          expect(errors).toEqual([]);
          expect(documents.map(({ lines: [one] }) => [one?.gross, one?.description ?? ""])).toEqual(
            lines.map(({ cents, description }) => [cents, description]),
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});

// Other people's odd files lie beside the project, not in it.
const FUZZ = path.resolve(process.cwd(), "../shared/data/fuzz");
const FOLDERS = ["csv-spectrum/csvs", "csv-test-data/csv", "csv-injection/Intruder"];

if (existsSync(FUZZ))
  describe("odd CSV files of others", () => {
    it("end in an error report and never in a crash, on both sides", async () => {
      let count = 0;
      for (const folder of FOLDERS)
        for (const file of readdirSync(path.join(FUZZ, folder)))
          for (const side of ["sales", "ledger"] satisfies ImportSide[]) {
            const { documents, errorCount } = await importing(
              readFileSync(path.join(FUZZ, folder, file)),
              builtInProfile(side),
            );
            expect([file, documents.length, errorCount > 0]).toEqual([file, 0, true]);
            count += 1;
          }
      console.info(`Odd CSV files: ${count} readings, each with a report.`);
    });

    it("give the cells that their authors say", async () => {
      const folders = [
        ["csv-test-data/csv", "csv-test-data/json"],
        ["csv-spectrum/csvs", "csv-spectrum/json"],
      ] as const;
      let compared = 0;
      for (const [files, answers] of folders)
        for (const answer of readdirSync(path.join(FUZZ, answers))) {
          const [header = [], ...rows] = tableOf(readFileSync(path.join(FUZZ, answers, answer), "utf8"));
          // Not importable: no column names; an empty line as a row; a quote inside an unquoted cell.
          if (header.includes("") || ["empty-one-column.json", "location_coordinates.json"].includes(answer))
            continue;
          const ours = ["description", "sku", "variant"].slice(0, header.length);
          const columns = Object.fromEntries(ours.map((column, index) => [column, header[index]]));
          const constants = { order_no: "R", sold_at: "2026-10-31", gross_amount: "1" };
          const profile = readProfile(JSON.stringify({ side: "sales", columns, constants }), answer);
          const content = readFileSync(path.join(FUZZ, files, answer.replace(".json", ".csv")));
          const { documents, errors } = await importing(content, profile);
          const cells = documents.flatMap(({ lines }) =>
            lines.map((line) => [line.description, line.sku, line.variant].slice(0, ours.length)),
          );
          const said = rows.map((row) => row.slice(0, ours.length).map((cell) => cell.trim() || null));
          expect({ answer, errors, cells }).toEqual({ answer, errors: [], cells: said });
          compared += 1;
        }
      console.info(`Odd CSV files compared cell by cell: ${compared}.`);
    });
  });
else
  describe("without the odd CSV files of others beside the project", () => {
    it("their reading is not checked on this machine", () => {
      console.info("The odd CSV files of others are not here: their reading is not checked.");
      expect(existsSync(FUZZ)).toBe(false);
    });
  });

/** What an author says a file holds: rows, the first of them the header, or objects by column. */
function tableOf(json: string): string[][] {
  const said: unknown = JSON.parse(json);
  const rows: unknown[] = Array.isArray(said) ? said : [];
  if (rows.every(Array.isArray)) return rows.map((row) => row.map(String));
  const objects = rows.map((row) => Object.entries(row ?? {}));
  return [
    objects[0]?.map(([name]) => name) ?? [],
    ...objects.map((row) => row.map(([, cell]) => String(cell))),
  ];
}
