import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, test } from "vitest";
import { readDocuments } from "./read";

/** What a real Tryton 6.0 answered once, beside this project. */
const recording = path.resolve(import.meta.dirname, "../../../../shared/fixtures/tryton/rpc-log.json");

type Row = Readonly<Record<string, unknown>>;

if (existsSync(recording)) {
  describe("what a real Tryton 6.0 answered", () => checkRecording());
} else {
  test("there is no recorded exchange with a Tryton beside this project", () => {
    console.warn(`Tryton: ${path.basename(recording)} is not there; nothing was checked against it.`);
    expect(existsSync(recording)).toBe(false);
  });
}

function checkRecording(): void {
  const log = JSON.parse(readFileSync(recording, "utf8")) as { request: string; response: string }[];
  const resultOf = (method: string): readonly Row[] => {
    const entry = log.find(({ request }) => (JSON.parse(request) as Row)["method"] === method);
    return entry ? recordsIn(entry.response) : [];
  };
  // The recording asked for a tax's name and rate, not for what stands above it: the chart SKR03 has it so.
  const PARENTS: Readonly<Record<string, number>> = { 20: 8, 23: 9 };

  it("is read whole: every document foots to its header, credits too", () => {
    const invoices = resultOf("model.account.invoice.search_read");
    const lines = resultOf("model.account.invoice.line.search_read");
    const taxes = resultOf("model.account.invoice.tax.search_read");
    const codes = new Map<unknown, Row>();
    for (const one of taxes) {
      const code = one["tax."] as Row;
      codes.set(code["id"], { ...code, parent: PARENTS[String(code["id"])] ?? null, type: "percentage" });
    }
    const kinds = new Set<string>();
    const hasAll = (rows: readonly Row[], ids: unknown): boolean =>
      (ids as readonly number[]).every((id) => rows.some((row) => row["id"] === id));
    const whole = invoices.filter((one) => hasAll(lines, one["lines"]) && hasAll(taxes, one["taxes"]));
    for (const invoice of whole) {
      const [reading] = readDocuments({
        invoice,
        // It asked for priced lines only, and so not for their type.
        lines: lines
          .filter((one) => one["invoice"] === invoice["id"])
          .map((one) => ({ type: "line", ...one })),
        taxes: taxes
          .filter((one) => one["invoice"] === invoice["id"])
          .map((one) => ({ ...one, tax: (one["tax."] as Row)["id"] })),
        taxCodes: [...codes.values()],
        origins: [],
        sales: [],
      });
      const result = reading?.result;
      if (!result?.ok) throw new Error(result?.reason ?? "nothing was read");
      const { kind, lines: booked, stated } = result.value;
      kinds.add(kind);
      for (const field of ["net", "tax", "gross"] as const)
        expect(booked.reduce((sum, line) => sum + (line[field] ?? 0n), 0n)).toBe(stated[field]);
    }
    expect(whole.length).toBeGreaterThan(2);
    expect(kinds).toEqual(new Set(["sale", "credit"]));
  });
}

/** The records of an answer's list that are there whole: the recording cuts long answers off. */
function recordsIn(response: string): readonly Row[] {
  const records: Row[] = [];
  let begun = 0;
  let depth = 0;
  let isText = false;
  for (let at = response.indexOf("[") + 1; at < response.length; at += 1) {
    const character = response[at];
    if (isText && character === "\\") at += 1;
    else if (character === '"') isText = !isText;
    else if (!isText && character === "{" && depth++ === 0) begun = at;
    else if (!isText && character === "}" && --depth === 0)
      records.push(JSON.parse(response.slice(begun, at + 1)) as Row);
  }
  return records.filter((one) => "id" in one);
}
