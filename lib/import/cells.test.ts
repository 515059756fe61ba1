import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayIn } from "@/lib/domain/day";
import { formatPlain, parseAmount } from "@/lib/domain/money";
import { amountCell, decimalCell, momentCell } from "./cells";

const POINT = { decimalMark: ".", groupMark: undefined } as const;
const digits = fc.stringMatching(/^[0-9]{1,30}$/);
const number = fc
  .tuple(fc.constantFrom("", "+", "-"), digits, fc.option(digits))
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? "" : `.${fraction}`}`);

describe("a number's cell", () => {
  it("is what Decimal makes of it, to the last digit", () => {
    fc.assert(
      fc.property(number, (text) => {
        expect(decimalCell(text, POINT)).toEqual({ value: new Decimal(text).toFixed() });
      }),
    );
  });

  it("is an amount exactly where the currency has so many decimals", () => {
    fc.assert(
      fc.property(number, fc.constantFrom("EUR", "JPY", "KWD"), (text, currency) => {
        const cell = amountCell(text, currency, POINT);
        const plain = new Decimal(text).toFixed();
        if ("value" in cell) expect(cell.value).toBe(parseAmount(plain, currency));
        else expect(() => parseAmount(plain, currency)).toThrow(RangeError);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt(), (amount) => {
        expect(amountCell(formatPlain(amount, "EUR"), "EUR", POINT)).toEqual({ value: amount });
      }),
    );
  });
});

describe("a moment's cell", () => {
  it("falls on the day that its time zone has then", () => {
    const moment = fc.date({ min: new Date("1990-01-01"), max: new Date("2060-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(
        moment,
        fc.constantFrom("Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"),
        (at, timeZone) => {
          expect(momentCell(at.toISOString(), "YYYY-MM-DD", timeZone)).toEqual({
            value: { day: dayIn(at, timeZone), at },
          });
        },
      ),
    );
  });
});
