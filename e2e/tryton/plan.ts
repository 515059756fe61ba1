import { type Figures, halfUp, netOutOf } from "@/lib/sandbox/arithmetic";
import { scayleLines } from "@/lib/sandbox/figures";
import type { Affair, ErpDocument, World } from "@/lib/sandbox/model";
import { SHIPPING_ACCOUNT } from "@/lib/sandbox/retailer";

/*
 * What an integration posts in Tryton for a world of the sandbox, and what it gets wrong. Tryton wants net prices: here
 * they have four decimals, as it takes them, but on orders that bear a fault, where they are whole cents and every amount
 * is plain to see. Tax is on top of the unrounded prices, rounded half to even once per document and tax.
 */

export type PlannedLine = Readonly<{
  product: string;
  /** a charge, and no goods */
  isService: boolean;
  name: string;
  /** signed: a credit's is negative */
  quantity: bigint;
  /** in ten-thousandths of the currency, as Tryton takes prices */
  netPrice: bigint;
  /** thousandths */
  rate: bigint;
}>;

export type PlannedDocument = Readonly<{
  key: string;
  orderId: string;
  orderReference: string;
  country: "DE" | "AT";
  kind: "sale" | "credit";
  day: string;
  posted: boolean;
  lines: readonly PlannedLine[];
  /** invoice: made directly; sale: through a sale, which alone knows the order; wizard: Tryton's own credit note of a whole invoice */
  way: "invoice" | "sale" | "wizard";
  /** what its reference says; null: nothing */
  reference: string | null;
  /** the invoice that a credit is of */
  originKey: string | null;
  /** taken back in Tryton after it was posted */
  cancelled: boolean;
}>;

export type FaultName =
  | "missing invoice"
  | "wrong quantity"
  | "7 instead of 19 %"
  | "double credit"
  | "cancelled invoice"
  | "wrong item"
  | "invoice without reference"
  | "cancelled order invoiced"
  | "missing credit";

export type PlannedFault = Readonly<{
  name: FaultName;
  orderId: string;
  /** the documents as they should have been and as they are, by which the amount follows */
  right: readonly PlannedDocument[];
  wrong: readonly PlannedDocument[];
}>;

export type Plan = Readonly<{
  orders: number;
  documents: readonly PlannedDocument[];
  faults: readonly PlannedFault[];
}>;

const ENTITY = "MODA-EU";
/** Services that charges are posted with. */
export const SHIPPING = "SHIPPING";
export const PAYMENT_FEE = "PAYMENT-FEE";

/** What stands in Tryton of a world at a moment: faultless documents, but for one fault of each name on an order of its own. */
export function planPostings(world: World, at: number): Plan {
  const affairs = world.affairs.filter(({ order }) => order.entity === ENTITY && order.createdAt <= at);
  const natural = new Map(affairs.map((affair) => [affair, documentsOf(affair, at)]));
  const month = new Date(at).toISOString().slice(0, 7);
  const taken = new Set<Affair>();
  const faults: PlannedFault[] = [];
  const documents = new Map([...natural].map(([affair, own]) => [affair, own]));
  for (const { name, fits, spoil } of MAKERS) {
    const bearer = affairs.find(
      (affair) =>
        !taken.has(affair) && isSettled(affair, at) && fits(affair, natural.get(affair) ?? [], month),
    );
    if (!bearer) throw new Error(`The world has no order that can bear the fault "${name}".`);
    taken.add(bearer);
    const right = inCents(natural.get(bearer) ?? [], bearer);
    const wrong = spoil(right, bearer, world);
    documents.set(bearer, wrong);
    faults.push({ name, orderId: String(bearer.order.id), right, wrong });
  }
  const all = varied(
    [...documents.values()].flat(),
    new Set([...taken].map(({ order }) => String(order.id))),
  );
  return {
    orders: affairs.length,
    documents: all,
    faults,
  };
}

/** Long enough ago that nothing is merely on its way, and nowhere near a month's edge. */
function isSettled({ order, documents }: Affair, at: number): boolean {
  const last = Math.max(order.createdAt, ...documents.map((one) => one.postedAt ?? 0));
  const days = documents.map((one) => Number(one.postingDate.slice(8)));
  return last < at - 5 * 86_400_000 && days.every((one) => one >= 3 && one <= 25);
}

function documentsOf(affair: Affair, at: number): readonly PlannedDocument[] {
  return affair.documents.flatMap((document) => {
    const began = document.draftedAt ?? document.postedAt;
    if (began === null || began > at) return [];
    return [planned(affair, document, document.postedAt !== null && document.postedAt <= at)];
  });
}

function planned({ order, documents }: Affair, document: ErpDocument, posted: boolean): PlannedDocument {
  const sign = document.kind === "credit" ? -1n : 1n;
  return {
    key: document.id,
    orderId: String(order.id),
    orderReference: order.reference,
    country: order.shop.countryCode === "AT" ? "AT" : "DE",
    kind: document.kind,
    day: document.postingDate,
    posted,
    lines: document.lines.map((line) => ({
      product: line.kind === "Item" ? line.number : line.number === SHIPPING_ACCOUNT ? SHIPPING : PAYMENT_FEE,
      isService: line.kind !== "Item",
      name: line.description,
      quantity: sign * line.quantity,
      // What SCAYLE charges for one, without its tax: the cents that this leaves are what rounding is about.
      netPrice: netPrice(line.gross / line.quantity, line.rate, "four decimals"),
      rate: line.rate,
    })),
    way: "invoice",
    reference: order.reference,
    originKey: documents.find((one) => one.id === document.invoiceId)?.id ?? null,
    cancelled: false,
  };
}

/** A gross price of minor units without its tax, in ten-thousandths of the currency. */
const netPrice = (gross: bigint, rate: bigint, precision: "cents" | "four decimals"): bigint =>
  precision === "cents" ? netOutOf(gross, rate).net * 100n : halfUp(gross * 100n * 1000n, 1000n + rate);

/** The same documents in whole cents. */
const inCents = (
  documents: readonly PlannedDocument[],
  { documents: own }: Affair,
): readonly PlannedDocument[] =>
  documents.map((one) => {
    const lines = own.find(({ id }) => id === one.key)?.lines ?? [];
    const priced = one.lines.map((line, index) => {
      const { gross, quantity, rate } = lines[index] ?? { gross: 0n, quantity: 1n, rate: 0n };
      return { ...line, netPrice: netPrice(gross / quantity, rate, "cents") };
    });
    return { ...one, lines: priced };
  });

type Maker = Readonly<{
  name: FaultName;
  fits(affair: Affair, documents: readonly PlannedDocument[], month: string): boolean;
  spoil(documents: readonly PlannedDocument[], affair: Affair, world: World): readonly PlannedDocument[];
}>;

const isPlainSale = ({ order }: Affair, documents: readonly PlannedDocument[]): boolean =>
  order.shipments.length === 1 &&
  order.credits.length === 0 &&
  order.cancelledAt === null &&
  order.units.every((unit) => unit.cancelledAt === null) &&
  documents.length === 1 &&
  documents.every((one) => one.posted);

const isPlainReturn = ({ order }: Affair, documents: readonly PlannedDocument[]): boolean =>
  order.shipments.length === 1 &&
  order.credits.length === 1 &&
  order.units.every((unit) => unit.cancelledAt === null) &&
  documents.length === 2 &&
  documents.every((one) => one.posted);

const changed = (
  documents: readonly PlannedDocument[],
  change: (line: PlannedLine, index: number) => PlannedLine,
): readonly PlannedDocument[] => documents.map((one) => ({ ...one, lines: one.lines.map(change) }));

const MAKERS: readonly Maker[] = [
  {
    name: "7 instead of 19 %",
    fits: (affair, documents) =>
      isPlainSale(affair, documents) &&
      documents[0]?.country === "DE" &&
      documents[0].lines[0]?.rate === 190n,
    spoil: (documents) => changed(documents, (line, index) => (index === 0 ? { ...line, rate: 70n } : line)),
  },
  {
    name: "double credit",
    fits: isPlainReturn,
    spoil: (documents) =>
      documents.flatMap((one) =>
        one.kind === "credit" ? [one, { ...one, key: `${one.key} again` }] : [one],
      ),
  },
  {
    name: "missing credit",
    fits: isPlainReturn,
    spoil: (documents) => documents.filter((one) => one.kind === "sale"),
  },
  {
    name: "cancelled order invoiced",
    fits: ({ order }, documents) =>
      order.cancelledAt !== null && order.shipments.length === 0 && documents.length === 0,
    spoil: (_, affair, world) => [invoiceOfCancelled(affair, world)],
  },
  {
    name: "wrong quantity",
    fits: isPlainSale,
    spoil: (documents) =>
      changed(documents, (line, index) => (index === 0 ? { ...line, quantity: line.quantity + 1n } : line)),
  },
  {
    name: "wrong item",
    fits: isPlainSale,
    spoil: (documents, { order }, world) => {
      const ordered = new Set(order.units.map((unit) => unit.variant.sku));
      const other = world.catalogue.find((variant) => !ordered.has(variant.sku));
      if (!other) throw new Error("The catalogue has no other product.");
      return changed(documents, (line, index) =>
        index === 0 ? { ...line, product: other.sku, name: other.name } : line,
      );
    },
  },
  {
    // In the month that is still open, so that it can be posted in it later.
    name: "missing invoice",
    fits: (affair, documents, month) =>
      isPlainSale(affair, documents) && documents[0]?.day.slice(0, 7) === month,
    spoil: () => [],
  },
  {
    name: "cancelled invoice",
    fits: isPlainSale,
    spoil: (documents) => documents.map((one) => ({ ...one, cancelled: true })),
  },
  {
    name: "invoice without reference",
    fits: isPlainSale,
    spoil: (documents) => documents.map((one) => ({ ...one, reference: null })),
  },
];

function invoiceOfCancelled({ order }: Affair, world: World): PlannedDocument {
  const like = world.affairs.find((one) => one.order === order);
  const lines = order.units.map((unit) => ({
    product: unit.variant.sku,
    isService: false,
    name: unit.variant.name,
    quantity: 1n,
    netPrice: netPrice(unit.price, unit.rate, "cents"),
    rate: unit.rate,
  }));
  return {
    key: `cancelled ${order.id}`,
    orderId: String(order.id),
    orderReference: order.reference,
    country: order.shop.countryCode === "AT" ? "AT" : "DE",
    kind: "sale",
    day: new Date((like?.order.createdAt ?? order.createdAt) + 86_400_000).toISOString().slice(0, 10),
    posted: true,
    lines,
    way: "invoice",
    reference: order.reference,
    originKey: null,
    cancelled: false,
  };
}

/** Every fourth faultless invoice comes from a sale, whole returns are Tryton's own credit notes, and half of the others name their invoice only. */
function varied(
  documents: readonly PlannedDocument[],
  spared: ReadonlySet<string>,
): readonly PlannedDocument[] {
  const bySpelling = new Map(documents.map((one) => [one.key, one]));
  let invoices = 0;
  let credits = 0;
  return documents.map((one) => {
    if (spared.has(one.orderId) || !one.posted) return one;
    if (one.kind === "sale") {
      invoices += 1;
      return invoices % 4 === 0 ? { ...one, way: "sale", reference: null } : one;
    }
    const origin = one.originKey === null ? undefined : bySpelling.get(one.originKey);
    if (!origin) return one;
    if (isMirror(one, origin)) return { ...one, way: "wizard", reference: null };
    credits += 1;
    return credits % 2 === 0 ? { ...one, reference: null } : one;
  });
}

const lineText = (line: PlannedLine, sign: bigint): string =>
  `${line.product} ${line.netPrice} ${line.rate} ${sign * line.quantity}`;

function isMirror(credit: PlannedDocument, invoice: PlannedDocument): boolean {
  const own = credit.lines.map((line) => lineText(line, -1n)).sort();
  const other = invoice.lines.map((line) => lineText(line, 1n)).sort();
  return own.join("\n") === other.join("\n");
}

/**
 * What Tryton makes of lines: each amount is rounded half to even, and so is, once per rate, the tax on the unrounded
 * amounts. Minor units, signed.
 */
export function trytonTotals(documents: readonly Pick<PlannedDocument, "lines">[]): Figures {
  let [net, tax] = [0n, 0n];
  for (const { lines } of documents) {
    const bases = new Map<bigint, bigint>();
    for (const { quantity, netPrice: price, rate } of lines) {
      bases.set(rate, (bases.get(rate) ?? 0n) + quantity * price);
      net += halfEven(quantity * price, 100n);
    }
    for (const [rate, base] of bases) tax += halfEven(base * rate, 100_000n);
  }
  return { net, tax, gross: net + tax };
}

function halfEven(numerator: bigint, denominator: bigint): bigint {
  if (numerator < 0n) return -halfEven(-numerator, denominator);
  const whole = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && whole % 2n === 1n);
  return isUp ? whole + 1n : whole;
}

/** What SCAYLE has of an order at a moment, by kind and month. Minor units, signed. */
export function scayleTotals(
  { order }: Affair,
  at: number,
): readonly Readonly<{ kind: "sale" | "credit"; period: string } & Figures>[] {
  const sums = new Map<string, { kind: "sale" | "credit"; period: string } & Figures>();
  for (const line of scayleLines(order, at)) {
    const key = `${line.documentKind} ${line.period}`;
    const sum = sums.get(key) ?? {
      kind: line.documentKind,
      period: line.period,
      net: 0n,
      tax: 0n,
      gross: 0n,
    };
    sums.set(key, {
      ...sum,
      net: sum.net + line.net,
      tax: sum.tax + line.tax,
      gross: sum.gross + line.gross,
    });
  }
  return [...sums.values()];
}
