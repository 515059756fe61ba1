import { describe, expect, it } from "vitest";
import { changesBetween, type Snapshot } from "./changes";

const document = { id: "d", side: "erp", kind: "sale", number: "INV-1", version: 1 };
const exception = { id: "e", title: "Sale missing in the ERP", open: true, amount: "59.90 EUR" };
const before: Snapshot = { status: "confirmed", documents: [], exceptions: [exception], unread: [] };

describe("what a resync changed", () => {
  it("says nothing when nothing did", () => {
    expect(changesBetween(before, before)).toEqual([]);
  });

  it("names new documents, settled exceptions and the status", () => {
    const after = {
      status: "confirmed, delivered",
      documents: [document],
      exceptions: [{ ...exception, open: false, amount: "0.00 EUR" }],
      unread: [],
    };
    expect(changesBetween(before, after)).toEqual([
      "The order's status went from confirmed to confirmed, delivered.",
      "The ERP's sale INV-1 is new.",
      "Sale missing in the ERP (59.90 EUR) is settled.",
    ]);
  });

  it("names changed and vanished documents and other amounts", () => {
    const from = { ...before, documents: [document, { ...document, id: "x", number: "INV-2" }] };
    const to = {
      ...from,
      documents: [{ ...document, version: 2 }],
      exceptions: [{ ...exception, amount: "1.00 EUR" }],
    };
    expect(changesBetween(from, to)).toEqual([
      "The ERP's sale INV-1 changed.",
      "The ERP's sale INV-2 is gone.",
      "Sale missing in the ERP went from 59.90 EUR to 1.00 EUR.",
    ]);
  });
});
