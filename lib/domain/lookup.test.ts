import { describe, expect, it } from "vitest";
import {
  bareOf,
  compactOf,
  nameWords,
  pairOf,
  phoneTerm,
  slipsOf,
  swapsOf,
  termsOfPersonal,
  withoutLabels,
} from "./lookup";

describe("what people look for", () => {
  it("compares numbers by their letters and digits, and by their end without prefix and zeros", () => {
    expect(compactOf(" DE-2026 / 004711 ")).toBe("de2026004711");
    expect(bareOf("DE-2026-004711")).toBe("4711");
    expect(bareOf("ABC")).toBe("");
  });

  it("holds a name in one spelling, whatever its accents and its order", () => {
    expect(nameWords("Müller")).toEqual(nameWords("MUELLER"));
    expect(nameWords("Groß-Łukasz")).toEqual(["gross", "lukasz"]);
    expect(nameWords("J. Öztürk")).toEqual(["ozturk"]);
    expect(pairOf("anna", "muller")).toBe(pairOf("muller", "anna"));
  });

  it("finds a telephone number by its end", () => {
    const held = phoneTerm("+49 170 1234567");
    expect(held.startsWith(phoneTerm("170 123 45 67"))).toBe(true);
  });

  it("reads names, addresses, numbers and parcels wherever they stand", () => {
    const terms = termsOfPersonal({
      customer: { firstName: "Anna", lastName: "Müller", email: "Anna.M@Example.com", phone: "0170/1234567" },
      address: { shipping: { recipient: { firstName: "Ben", lastName: "Adler" } } },
      contacts: [{ type: "carrier", value: "+49 40 999999" }],
      packages: [null, { tracking: { id: "JD 0042", url: "https://example.com" } }],
    });
    expect(terms.customer).toContainEqual({ kind: "email", term: "anna.m@example.com" });
    expect(terms.customer).toContainEqual({ kind: "name", term: "anna muller" });
    expect(terms.customer).toContainEqual({ kind: "name", term: "adler ben" });
    expect(terms.customer).not.toContainEqual({ kind: "name", term: "adler anna" });
    expect(terms.customer).toContainEqual({ kind: "phone", term: "9999990494" });
    expect(terms.words).toEqual(["anna", "muller", "ben", "adler"]);
    expect(terms.tracking).toEqual(["JD 0042"]);
    expect(termsOfPersonal(null)).toEqual({ customer: [], words: [], tracking: [] });
  });

  it.each([
    ["Order DE-10001911", "DE-10001911"],
    ["Bestellung Nr. 4711", "4711"],
    ["your order no.: #DE-1000", "DE-1000"],
    ["Tracking number JD 0042", "JD 0042"],
    // A Norwegian shop's, a customer's and an address are no labels.
    ["NO-10001911", "NO-10001911"],
    ["Order", "Order"],
    ["Ida Number", "Ida Number"],
    ["no.1@example.com", "no.1@example.com"],
  ])("leaves out what only says what a number is: %s", (text, expected) => {
    expect(withoutLabels(text)).toBe(expected);
  });

  it("exchanges the letters of a word, however short", () => {
    expect(swapsOf("ben")).toEqual(["ebn", "bne"]);
    expect(swapsOf("aa")).toEqual([]);
  });

  it("knows every single slip of a number", () => {
    const slips = slipsOf("10042");
    for (const slip of ["1042", "100042", "10024", "10043"]) expect(slips).toContain(slip);
    expect(slips).not.toContain("10042");
    expect(slips.every((slip) => /^\d+$/.test(slip))).toBe(true);
    expect(slipsOf("abc")).toEqual([]);
  });
});
