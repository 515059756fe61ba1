import { describe, expect, test } from "vitest";
import { isCreditNote } from "./order";

describe("SCAYLE's invoice types", () => {
  test.each([
    ["corrective_invoice", true],
    ["merchant_corrective_invoice", true],
    ["custom_corrective_invoice", true],
    ["historical_corrective_invoice", true],
    ["return_cost_corrective_invoice", false],
    ["invoice", false],
    ["partial_invoice", false],
    ["merchant_invoice", false],
    ["merchant_partial_invoice", false],
    ["praz", false],
    ["shipment_return_document", false],
    ["", false],
  ])("%s: a credit note is %s", (type, expected) => {
    expect(isCreditNote(type)).toBe(expected);
  });
});
