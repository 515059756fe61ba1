import type { Random } from "./random";

/** Amounts are whole cents; rates are in thousandths (190n = 19 %). */
export type Figures = Readonly<{ net: bigint; tax: bigint; gross: bigint }>;

export type Unit = Figures & Readonly<{ kind: "item" | "shipping"; sku: string; rate: bigint }>;

/** A line of an ERP document: `quantity` units of one product at one price. */
export type Posting = Figures &
  Readonly<{
    kind: "item" | "shipping";
    sku: string;
    rate: bigint;
    code: string;
    quantity: number;
    unitPrice: bigint;
  }>;

/** An order as both sides hold it: units on the one side; invoices and, where something came back, credits on the other. */
export type Affair = Readonly<{
  number: string;
  country: string;
  channel: string;
  soldAt: string;
  returnedAt: string | null;
  units: readonly Unit[];
  returned: readonly Unit[];
  invoices: readonly (readonly Posting[])[];
  credit: readonly Posting[];
  fault: Fault | null;
  /** several lines, and any of them differs although nothing was planted */
  isRounded: boolean;
}>;

export const FAULTS = [
  "missing",
  "duplicate",
  "wrong-price",
  "wrong-quantity",
  "tax-code-missing",
  "tax-code-wrong",
  "shipping-missing",
  "credit-missing",
] as const;
export type Fault = (typeof FAULTS)[number];

const COUNTRIES = [
  { country: "DE", rates: [190n, 70n] },
  { country: "DE", rates: [190n, 70n] },
  { country: "DE", rates: [190n, 70n] },
  { country: "AT", rates: [200n, 100n] },
  { country: "FR", rates: [200n, 55n] },
  { country: "NL", rates: [210n, 90n] },
] as const;
const CHANNELS = ["shop", "shop", "shop", "market"] as const;
const FIRST_DAY = Date.UTC(2026, 4, 1);
const DAYS = 184;

/** The next order of the series. About one in fifty carries a planted fault, one in ten comes back in part. */
export function makeAffair(random: Random, index: number): Affair {
  const { country, rates } = random.pick(COUNTRIES);
  const soldAt = FIRST_DAY + random.below(DAYS) * 86_400_000 + (6 + random.below(13)) * 3_600_000;
  const lines = productLines(random, rates);
  const units = lines.flatMap(({ unit, quantity }) => Array.from({ length: quantity }, () => unit));
  const fault = random.chance(2) ? random.pick(FAULTS) : null;
  const back = fault === "credit-missing" || random.chance(10) ? lines[0] : undefined;
  const returned = back ? [turned(back.unit)] : [];
  const posted = post(lines, country);
  const credit = back ? post([{ unit: back.unit, quantity: 1 }], country).map(turned) : [];
  return {
    number: `B${100_000_000 + index}`,
    country,
    channel: random.pick(CHANNELS),
    soldAt: new Date(soldAt + random.below(3_600) * 1000).toISOString(),
    returnedAt: back ? new Date(soldAt + (3 + random.below(20)) * 86_400_000).toISOString() : null,
    units,
    returned,
    invoices: planted(fault, posted, country, rates),
    credit: fault === "credit-missing" ? [] : credit,
    fault,
    isRounded: lines.length > 2 && differs(units, posted),
  };
}

type ProductLine = Readonly<{ unit: Unit; quantity: number }>;

function productLines(
  random: Random,
  [standard, reduced]: readonly [bigint, bigint],
): readonly ProductLine[] {
  const count = 1 + random.below(6);
  const lines: ProductLine[] = [];
  const seen = new Set<string>();
  while (lines.length < count) {
    const sku = `SKU-${10_000 + random.below(20_000)}`;
    if (seen.has(sku)) continue;
    seen.add(sku);
    const rate = random.chance(15) ? reduced : standard;
    // In many prices there is a whole number of cents of tax: nothing to round.
    const gross = random.chance(38)
      ? priceWithoutCents(random, rate)
      : BigInt(random.below(180)) * 100n + 1995n;
    lines.push({
      unit: unitOf("item", sku, gross, rate),
      quantity: random.chance(8) ? 2 + random.below(2) : 1,
    });
  }
  return [...lines, { unit: unitOf("shipping", "", 490n, standard), quantity: 1 }];
}

const priceWithoutCents = (random: Random, rate: bigint): bigint =>
  (1000n + rate) * BigInt(1 + random.below(12));

/** A shop rounds each unit by itself: net = round(gross / (1 + rate)), the tax is the rest. */
function unitOf(kind: Unit["kind"], sku: string, gross: bigint, rate: bigint): Unit {
  const net = roundedQuotient(gross * 1000n, 1000n + rate);
  return { kind, sku, rate, net, tax: gross - net, gross };
}

/** An ERP rounds once per document and rate; its lines take what is due in their order, so that they foot to it. */
function post(lines: readonly ProductLine[], country: string): readonly Posting[] {
  const due = new Map<bigint, { gross: bigint; tax: bigint }>();
  return lines.map(({ unit, quantity }) => {
    const gross = unit.gross * BigInt(quantity);
    const before = due.get(unit.rate) ?? { gross: 0n, tax: 0n };
    const whole = before.gross + gross;
    const tax = roundedQuotient(whole * unit.rate, 1000n + unit.rate) - before.tax;
    due.set(unit.rate, { gross: whole, tax: before.tax + tax });
    return {
      kind: unit.kind,
      sku: unit.sku,
      rate: unit.rate,
      code: `${country}${unit.rate}`,
      quantity,
      unitPrice: unit.gross,
      net: gross - tax,
      tax,
      gross,
    };
  });
}

/** Half up, of amounts that are not negative. */
const roundedQuotient = (dividend: bigint, divisor: bigint): bigint =>
  (2n * dividend + divisor) / (2n * divisor);

const turned = <Part extends Figures>(part: Part): Part => ({
  ...part,
  net: -part.net,
  tax: -part.tax,
  gross: -part.gross,
});

function planted(
  fault: Fault | null,
  posted: readonly Posting[],
  country: string,
  [standard, reduced]: readonly [bigint, bigint],
): readonly (readonly Posting[])[] {
  const change = (changed: (first: Posting) => Posting): readonly (readonly Posting[])[] => [
    posted.map((posting, index) => (index === 0 ? changed(posting) : posting)),
  ];
  switch (fault) {
    case "missing":
      return [];
    case "duplicate":
      return [posted, posted];
    case "wrong-price":
      return change((first) => priced(first, first.unitPrice + 100n, first.quantity, first.rate));
    case "wrong-quantity":
      return change((first) => priced(first, first.unitPrice, first.quantity + 1, first.rate));
    case "tax-code-missing":
      return change((first) => ({ ...first, code: "" }));
    case "tax-code-wrong": {
      const other = (first: Posting): bigint => (first.rate === standard ? reduced : standard);
      return change((first) => ({
        ...priced(first, first.unitPrice, first.quantity, other(first)),
        code: `${country}${other(first)}`,
      }));
    }
    case "shipping-missing":
      return [posted.filter((posting) => posting.kind !== "shipping")];
    case "credit-missing":
    case null:
      return [posted];
    default:
      throw new Error(`no such fault: ${String(fault satisfies never)}`);
  }
}

function priced(posting: Posting, unitPrice: bigint, quantity: number, rate: bigint): Posting {
  const gross = unitPrice * BigInt(quantity);
  const tax = roundedQuotient(gross * rate, 1000n + rate);
  return { ...posting, unitPrice, quantity, rate, gross, tax, net: gross - tax };
}

function differs(units: readonly Unit[], postings: readonly Posting[]): boolean {
  return postings.some((posting) => {
    const mine = units.filter((unit) => unit.kind === posting.kind && unit.sku === posting.sku);
    return mine.reduce((sum, unit) => sum + unit.tax, 0n) !== posting.tax;
  });
}
