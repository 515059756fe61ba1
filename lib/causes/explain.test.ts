import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DocumentKind, Side } from "@/lib/domain/document";
import type { GroupLine } from "@/lib/domain/group";
import { toJson } from "@/lib/domain/json";
import { minus, plus, ZERO } from "@/lib/domain/money";
import { explainGroup } from "./explain";
import type { Outcome } from "./outcome";
import { causes } from "./registry";
import {
  type LineInput,
  sampleDocument,
  sampleGroup,
  sampleItem,
  sampleLine,
  sampleOrder,
  taxIn,
} from "./samples";
import { sum } from "./work";

const scayle = (id: string, kind: DocumentKind, input: LineInput) =>
  sampleLine("scayle", id, `s-${kind}`, kind, input);
const erp = (id: string, documentId: string, kind: DocumentKind, input: LineInput) =>
  sampleLine("erp", id, documentId, kind, input);

const said = (outcome: Outcome) =>
  outcome.findings.map((finding) => ({
    cause: finding.cause.code,
    gross: finding.parts.reduce((all, part) => all + part.amounts.gross, 0n),
    tax: finding.parts.reduce((all, part) => all + part.amounts.tax, 0n),
  }));

describe("one cause at a time", () => {
  const sold = scayle("u1", "sale", { gross: 1999n });
  const posted = erp("e1", "inv-1", "sale", { gross: 1999n });

  it("finds nothing where both sides agree", () => {
    const outcome = explainGroup(sampleGroup([sold, posted]));
    expect(said(outcome)).toEqual([]);
    expect(outcome.pairs.map((one) => one.bucket)).toEqual(["matched"]);
  });

  it("misses the sale in the ERP after its lag, and waits before", () => {
    expect(said(explainGroup(sampleGroup([sold])))).toEqual([
      { cause: "sale-missing-in-erp", gross: 1999n, tax: 319n },
    ]);
    const early = explainGroup(sampleGroup([sold], { asOf: new Date("2026-10-13T00:00:00Z") }));
    expect(said(early)).toEqual([{ cause: "timing", gross: 1999n, tax: 319n }]);
  });

  it("misses the second parcel where only the first was posted", () => {
    const second = scayle("u2", "sale", { gross: 1999n, shipment: "p2", day: "2026-10-14" });
    expect(said(explainGroup(sampleGroup([sold, second, posted])))).toEqual([
      { cause: "sale-missing-in-erp", gross: 1999n, tax: 319n },
    ]);
  });

  it("misses the order in SCAYLE", () => {
    expect(said(explainGroup(sampleGroup([posted], { order: null })))).toEqual([
      { cause: "sale-missing-in-scayle", gross: -1999n, tax: -319n },
    ]);
  });

  it("blames no document for an order that could not be read", () => {
    const outcome = explainGroup(sampleGroup([posted], { order: null, unreadable: true }));
    expect(said(outcome)).toEqual([{ cause: "order-unreadable", gross: -1999n, tax: -319n }]);
  });

  it("takes an extra charge for no other price", () => {
    const charge = { itemKey: "charge", sku: null, kind: "shipping" as const };
    const fees = [
      erp("f1", "inv-1", "sale", { ...charge, gross: 495n }),
      erp("f2", "inv-1", "sale", { ...charge, gross: 333n }),
    ];
    const outcome = explainGroup(
      sampleGroup([sold, posted, scayle("u-fee", "sale", { ...charge, gross: 495n }), ...fees]),
    );
    expect(said(outcome)).toEqual([{ cause: "shipping-missing", gross: -333n, tax: -53n }]);
  });

  it("names the later of two equal postings, and not two parcels that look alike", () => {
    const again = erp("e2", "inv-2", "sale", { gross: 1999n });
    expect(said(explainGroup(sampleGroup([sold, posted, again])))).toEqual([
      { cause: "duplicate-in-erp", gross: -1999n, tax: -319n },
    ]);
    const second = scayle("u2", "sale", { gross: 1999n, shipment: "p2" });
    expect(said(explainGroup(sampleGroup([sold, second, posted, again])))).toEqual([]);
  });

  it("takes a reversed duplicate as nothing", () => {
    const again = erp("e2", "inv-2", "sale", { gross: 1999n });
    const memo = erp("m1", "memo-1", "credit", { gross: -1999n });
    const documents = [
      sampleDocument("scayle", "s-sale", "sale"),
      sampleDocument("erp", "inv-1", "sale"),
      sampleDocument("erp", "inv-2", "sale"),
      sampleDocument("erp", "memo-1", "credit", { originalNumber: "INV-2" }),
    ];
    const outcome = explainGroup(sampleGroup([sold, posted, again, memo], { documents }));
    expect(said(outcome)).toEqual([{ cause: "reversed-in-erp", gross: 0n, tax: 0n }]);
  });

  it("sees what was cancelled and invoiced: a document, a line, or one of several units", () => {
    const gone = sampleItem("u9", {
      shippedAt: null,
      cancelledAt: new Date("2026-10-11T00:00:00Z"),
      status: "cancelled",
    });
    expect(said(explainGroup(sampleGroup([posted], { order: sampleOrder([gone]) })))).toEqual([
      { cause: "cancelled-but-invoiced", gross: -1999n, tax: -319n },
    ]);
    const two = erp("e1", "inv-1", "sale", {
      gross: 3998n,
      tax: 638n,
      quantity: new Decimal(2),
      unitPrice: new Decimal("19.99"),
    });
    const outcome = explainGroup(sampleGroup([sold, two], { order: sampleOrder([sampleItem("u1"), gone]) }));
    expect(said(outcome)).toEqual([{ cause: "cancelled-but-invoiced", gross: -1999n, tax: -319n }]);
  });

  it("sees a credit that SCAYLE has no note for, but not on a channel without invoices", () => {
    const memo = erp("m1", "memo-1", "credit", { gross: -1999n });
    expect(said(explainGroup(sampleGroup([sold, posted, memo])))).toEqual([
      { cause: "credit-note-failed", gross: 1999n, tax: 319n },
    ]);
    expect(said(explainGroup(sampleGroup([sold, posted, memo], { invoicesEnabled: false })))).toEqual([
      { cause: "unexplained", gross: 1999n, tax: 319n },
    ]);
  });

  it("misses the credit memo for a return", () => {
    const back = scayle("b1", "credit", { gross: -1999n, sourceLineId: "u1" });
    expect(said(explainGroup(sampleGroup([sold, posted, back])))).toEqual([
      { cause: "credit-missing-in-erp", gross: -1999n, tax: -319n },
    ]);
  });

  it("calls a quantity wrong only where quantity × unit price gives the line", () => {
    const two = erp("e1", "inv-1", "sale", {
      gross: 3998n,
      tax: 638n,
      quantity: new Decimal(2),
      unitPrice: new Decimal("19.99"),
    });
    expect(said(explainGroup(sampleGroup([sold, two])))).toEqual([
      { cause: "quantity-wrong", gross: -1999n, tax: -319n },
    ]);
    const odd = erp("e1", "inv-1", "sale", {
      gross: 3500n,
      quantity: new Decimal(2),
      unitPrice: new Decimal("19.99"),
    });
    expect(said(explainGroup(sampleGroup([sold, odd]))).map((one) => one.cause)).toEqual(["unexplained"]);
  });

  it("calls a price wrong, and names the rounding beside it", () => {
    const dear = erp("e1", "inv-1", "sale", { gross: 2099n, tax: 335n });
    expect(said(explainGroup(sampleGroup([sold, dear])))).toEqual([
      { cause: "price-wrong", gross: -100n, tax: -16n },
    ]);
  });

  it("moves a posting of another month, with an amount in each", () => {
    const late = erp("e1", "inv-1", "sale", { gross: 1999n, day: "2026-11-02", period: "2026-11" });
    const { findings } = explainGroup(sampleGroup([sold, late]));
    expect(findings.map((one) => one.cause.code)).toEqual(["cut-off"]);
    // Cents of rounding never lie between two months.
    expect(findings[0]?.alternatives).toEqual([]);
    expect(findings[0]?.parts.map((part) => [part.period, part.amounts.gross])).toEqual([
      ["2026-10", 1999n],
      ["2026-11", -1999n],
    ]);
  });

  it("sees a missing tax code with its tax, and without any amount", () => {
    const bare = erp("e1", "inv-1", "sale", {
      gross: 1999n,
      tax: 0n,
      taxCode: null,
      taxRate: new Decimal(0),
    });
    expect(said(explainGroup(sampleGroup([sold, bare])))).toEqual([
      { cause: "tax-code-missing", gross: 0n, tax: 319n },
    ]);
    const taxed = erp("e1", "inv-1", "sale", { gross: 1999n, taxCode: null });
    expect(said(explainGroup(sampleGroup([sold, taxed])))).toEqual([
      { cause: "tax-code-missing", gross: 0n, tax: 0n },
    ]);
  });

  it("claims rounding only where each side is its own policy's, and that is confirmed", () => {
    const units = ["u1", "u2", "u3"].map((id) => scayle(id, "sale", { gross: 999n }));
    const whole = erp("e1", "inv-1", "sale", {
      gross: 2997n,
      tax: 479n,
      quantity: new Decimal(3),
      unitPrice: new Decimal("9.99"),
    });
    expect(said(explainGroup(sampleGroup([...units, whole])))).toEqual([
      { cause: "rounding", gross: 0n, tax: 1n },
    ]);
    const off = { ...whole, tax: 478n, net: 2519n };
    expect(said(explainGroup(sampleGroup([...units, off]))).map((one) => one.cause)).toEqual(["unexplained"]);
    const base = sampleGroup([...units, whole]);
    const unconfirmed = new Map(
      [...base.settings.rounding].map(([id, rule]) => [id, { ...rule, confirmed: false }]),
    );
    const doubted = { ...base, settings: { ...base.settings, rounding: unconfirmed } };
    expect(said(explainGroup(doubted)).map((one) => one.cause)).toEqual(["unexplained"]);
  });

  it("takes cents of a net price with more decimals as rounding, not as another price", () => {
    const units = Array.from({ length: 10 }, (_, index) => scayle(`u${index}`, "sale", { gross: 1999n }));
    const net = {
      quantity: new Decimal(10),
      unitPrice: new Decimal("16.7983"),
      net: 16798n,
      tax: 3192n,
      gross: 19990n,
    };
    const documents = [
      sampleDocument("scayle", "s-sale", "sale"),
      sampleDocument("erp", "inv-1", "sale", { pricesIncludeTax: false }),
    ];
    const exact = explainGroup(sampleGroup([...units, erp("e1", "inv-1", "sale", net)], { documents }));
    expect(said(exact)).toEqual([{ cause: "rounding", gross: 0n, tax: -2n }]);
    const dear = { ...net, unitPrice: new Decimal("17.7983"), net: 17798n, tax: 3382n, gross: 21180n };
    const wrong = explainGroup(sampleGroup([...units, erp("e1", "inv-1", "sale", dear)], { documents }));
    expect(said(wrong).map((one) => one.cause)).toContain("price-wrong");
  });

  it("takes unknown as unknown, not as zero", () => {
    const blind = scayle("u1", "sale", { gross: 1999n, net: null, tax: null, taxRate: null });
    expect(said(explainGroup(sampleGroup([blind, posted])))).toEqual([
      { cause: "tax-unknown", gross: 0n, tax: -319n },
    ]);
  });
});

const arbitraryLine = fc
  .record({
    side: fc.constantFrom<Side>("scayle", "erp"),
    kind: fc.constantFrom<DocumentKind>("sale", "credit"),
    itemKey: fc.constantFrom("TEE", "CAP", "charge", "header", "document"),
    copy: fc.constantFrom("1", "2"),
    period: fc.constantFrom("2026-09", "2026-10", "2026-11"),
    quantity: fc.integer({ min: 1, max: 3 }),
    cents: fc.bigInt({ min: 0n, max: 9999n }),
    untaxed: fc.constantFrom<"known" | "unknown" | "zero">("known", "known", "known", "unknown", "zero"),
    coded: fc.boolean(),
  })
  .map((one) => (index: number): GroupLine => {
    const sign = one.kind === "sale" ? 1n : -1n;
    const gross = one.cents * BigInt(one.quantity) * sign;
    const tax = one.untaxed === "unknown" ? null : one.untaxed === "zero" ? 0n : taxIn(gross);
    const id = `${one.side === "scayle" ? "u" : "e"}${index}`;
    return sampleLine(one.side, id, `${one.side}-${one.kind}-${one.copy}`, one.kind, {
      gross,
      tax,
      itemKey: one.itemKey,
      sku: one.itemKey,
      kind: one.itemKey === "charge" ? "shipping" : one.itemKey === "header" ? "header" : "item",
      granularity: one.itemKey === "document" ? "document" : "item",
      quantity: new Decimal(one.quantity).times(sign.toString()),
      unitPrice: one.side === "erp" ? new Decimal(one.cents.toString()).div(100) : null,
      taxCode: one.side === "erp" && one.coded ? "VAT19" : null,
      period: one.period,
      day: `${one.period}-15`,
    });
  });

const arbitraryLines = fc
  .array(arbitraryLine, { minLength: 1, maxLength: 12 })
  .map((makers) => makers.map((make, index) => make(index)));

describe("for any books", () => {
  it("SCAYLE − Σ causes = ERP in every period, and every line is in exactly one pair", () => {
    fc.assert(
      fc.property(arbitraryLines, fc.boolean(), (lines, known) => {
        const one = sampleGroup(lines, known ? {} : { order: null });
        const { findings, pairs } = explainGroup(one);
        for (const period of ["2026-09", "2026-10", "2026-11"]) {
          const of = (side: Side) =>
            sum(lines.filter((each) => each.side === side && each.period === period));
          const explained = findings
            .flatMap((finding) => finding.parts)
            .filter((part) => part.period === period)
            .reduce((all, part) => plus(all, part.amounts), ZERO);
          expect(minus(of("scayle"), explained)).toEqual(of("erp"));
        }
        const placed = pairs.flatMap(({ pair }) => [...pair.scayle, ...pair.erp]).map((each) => each.id);
        expect(placed.sort()).toEqual(lines.map((each) => each.id).sort());
      }),
      { numRuns: 500 },
    );
  });

  it("gives the same outcome in whatever order lines and documents come", () => {
    fc.assert(
      fc.property(
        arbitraryLines.chain((lines) =>
          fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
        ),
        ([lines, shuffled]) => {
          const one = sampleGroup(lines);
          const other = { ...sampleGroup(shuffled), order: one.order };
          const told = ({ findings, pairs }: Outcome) =>
            toJson({
              findings: findings.map(({ cause, claim, parts }) => ({
                code: cause.code,
                claim: claim.subject,
                said: claim.explanation,
                parts,
              })),
              pairs: pairs.map(({ pair, bucket }) => ({ id: pair.id, bucket })),
            });
          expect(told(explainGroup(other))).toBe(told(explainGroup(one)));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the registry", () => {
  it("knows each cause once, and takes the unexplained last", () => {
    expect(new Set(causes.map((cause) => cause.code)).size).toBe(causes.length);
    expect(causes.at(-1)?.code).toBe("unexplained");
  });

  it.each(causes.map((cause) => [cause.code, cause] as const))(
    "%s says what people need to know of it",
    (code, cause) => {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      for (const text of [cause.title, cause.meaning, cause.resolution, cause.manual])
        expect(text.length).toBeGreaterThan(5);
    },
  );
});
