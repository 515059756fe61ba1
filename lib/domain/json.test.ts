import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toJson, toPlain } from "./json";

describe("the JSON codec", () => {
  test("writes bigint as an integer string, dates as ISO texts, and leaves undefined members out", () => {
    const value = {
      gross: -12_345_678_901_234_567_890n,
      at: new Date("2026-10-31T23:30:00Z"),
      left: undefined,
      none: null,
      lines: [1n, undefined, "x", true],
    };
    expect(toJson(value)).toBe(
      '{"at":"2026-10-31T23:30:00.000Z","gross":"-12345678901234567890","lines":["1",null,"x",true],"none":null}',
    );
  });

  test("sorts keys at every depth, so that equal values are equal text in whatever order they were built", () => {
    expect(toJson({ b: { d: 1, c: 2 }, a: [{ z: 1, y: 2 }] })).toBe(
      '{"a":[{"y":2,"z":1}],"b":{"c":2,"d":1}}',
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(toJson(reversed)).toBe(toJson(value));
      }),
    );
  });

  test("what it writes is read back by JSON.parse as the same plain value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(toJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("writes the text of the plain value, whatever its names and texts", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("10", "9", "__proto__", "a", "b"));
    const value = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(text, fc.bigInt(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined)),
        fc.date({ noInvalidDate: true }),
        fc.array(tie("node"), { maxLength: 4 }),
        fc.dictionary(text, tie("node"), { maxKeys: 5 }),
      ),
    })).node;
    fc.assert(
      fc.property(value, (one) => {
        expect(toJson(one)).toBe(JSON.stringify(toPlain(one)));
      }),
    );
  });

  test("every amount survives the way through text", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt()), (amounts) => {
        const read = JSON.parse(toJson(amounts)) as string[];
        expect(read.map(BigInt)).toEqual(amounts);
      }),
    );
  });

  test("writing what was already written plain changes nothing", () => {
    const value = { amount: 5n, at: new Date(0), list: [{ b: 1, a: null }] };
    expect(toPlain(toPlain(value))).toEqual(toPlain(value));
  });

  test("keeps line breaks only where it is asked to", () => {
    expect(toJson({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
  });

  test.each([
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
  ])("refuses %s", (_name, value) => {
    expect(() => toJson({ value })).toThrow(TypeError);
  });
});
