import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import { withBasis } from "@/lib/domain/tax/inference";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { inThreeDecimals, rateFromText } from "@/lib/domain/tax/rate";
import { recomputed, type StatedLine } from "@/lib/domain/tax/reproduce";
import { productLines } from "./headers";

/** What is left between the taxes of both sides, in minor units of the currency. */
export type Left = Readonly<{
  /** documents whose taxes differ */
  documents: number;
  /** Σ |difference| */
  cents: bigint;
  /** Σ difference, SCAYLE − ERP */
  sum: bigint;
}>;

type Level = RoundingPolicy["level"];

/**
 * Where one of the systems could round, or both (null: as it does today), and what would be left between both sides.
 * SCAYLE's are its calculators: line is v1, order the legacy one.
 */
export type Setting = Readonly<{ scayle: Level | null; erp: Level | null; left: Left }>;

/** How the connections round today: what a setting does not change stays as it is. */
export type Policies = ReadonlyMap<string, RoundingPolicy>;

/** The rounding residue of a month and shop. */
export type Residue = Readonly<{
  period: Month;
  shop: string;
  currency: string;
  /** sales and credits that stand on both sides with nothing but rounding between them */
  compared: number;
  /** those on one side only, with an unknown tax, with other goods or with another cause: not compared */
  aside: number;
  today: Left;
  /** what would end it, the least left first: each single setting, and those pairs of settings that leave less than any single one */
  settings: readonly Setting[];
}>;

const FETCH = 2000;

const UNKNOWN: RoundingPolicy = { level: "line", mode: "half-up", basis: "gross", first: "tax" };

const ERP_LEVELS = ["document", "line", "unit"] as const;
const SCAYLE_LEVELS = ["line", "order"] as const;

/** The settings that are tried: the ERP's levels, SCAYLE's two calculators, and each of one with each of the other. */
const SETTINGS: readonly Readonly<{ scayle: Level | null; erp: Level | null }>[] = [
  ...ERP_LEVELS.map((erp) => ({ scayle: null, erp })),
  ...SCAYLE_LEVELS.map((scayle) => ({ scayle, erp: null })),
  ...SCAYLE_LEVELS.flatMap((scayle) => ERP_LEVELS.map((erp) => ({ scayle, erp }))),
];

const isPair = ({ scayle, erp }: Pick<Setting, "scayle" | "erp">): boolean => scayle !== null && erp !== null;

// A sale or credit of one order in one month, both sides beside each other.
const GROUPS = `
  DECLARE rounding_groups NO SCROLL CURSOR FOR
  SELECT l.document_kind, l.currency, max(l.shop_id) FILTER (WHERE l.side = 'scayle') AS shop_id,
         EXISTS (SELECT FROM cause c WHERE c.order_key = l.order_key AND c.code <> 'rounding'
                 -- Until both sides' policies are confirmed, what rounding left is not explained yet.
                 AND NOT (c.code = 'unexplained' AND EXISTS (SELECT FROM connection WHERE entity_id = $1 AND retired_at IS NULL
                                                               AND rounding_confirmed_at IS NULL))) AS other_causes,
         bool_or(l.granularity = 'document') AS summed,
         array_agg(l.side) AS sides, array_agg(l.kind) AS kinds, array_agg(l.document_id::text) AS documents,
         array_agg(coalesce(l.sku, l.source_line_id)) AS products, array_agg(l.item_key) AS items, array_agg(abs(l.quantity)) AS units,
         array_agg(l.gross) AS gross, array_agg(l.net) AS net, array_agg(l.tax) AS tax, array_agg(l.tax_rate) AS rates,
         array_agg(d.prices_include_tax) AS includes,
         array_agg(d.connection_id::text) AS connections
    FROM line l JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
   WHERE l.entity_id = $1 AND l.period = $2 AND l.in_books
   GROUP BY l.order_key, l.document_kind, l.currency`;

type Row = Readonly<{
  document_kind: "sale" | "credit";
  currency: string;
  shop_id: string | null;
  other_causes: boolean;
  summed: boolean;
  sides: readonly string[];
  kinds: readonly string[];
  documents: readonly string[];
  products: readonly string[];
  items: readonly string[];
  units: readonly string[];
  gross: readonly bigint[];
  net: readonly (bigint | null)[];
  tax: readonly (bigint | null)[];
  rates: readonly (string | null)[];
  includes: readonly (boolean | null)[];
  connections: readonly string[];
}>;

/**
 * What rounding leaves between both sides in a month, per shop and currency, and what each setting of either system
 * would leave of it: the documents of the month are recomputed under it. Streams over the lines of the month.
 */
export async function forecastResidue(
  pool: pg.Pool,
  entityId: string,
  period: Month,
  policies: Policies,
): Promise<readonly Residue[]> {
  const tallies = new Map<string, ResidueTally>();
  await inTransaction(pool, async (client) => {
    await client.query(GROUPS, [entityId, period]);
    for (;;) {
      const { rows } = await client.query<Row>(`FETCH ${FETCH} FROM rounding_groups`);
      for (const row of rows) {
        const key = `${row.shop_id ?? ""} ${row.currency}`;
        const tally = tallies.get(key) ?? new ResidueTally(period, row.shop_id ?? "", row.currency);
        tallies.set(key, tally);
        tally.add(row, policies);
      }
      if (rows.length < FETCH) break;
    }
  });
  return [...tallies.keys()].sort().flatMap((key) => tallies.get(key)?.result() ?? []);
}

type Counted = { documents: number; cents: bigint; sum: bigint };
const nothing = (): Counted => ({ documents: 0, cents: 0n, sum: 0n });

function count(left: Counted, difference: bigint): void {
  if (difference === 0n) return;
  left.documents += 1;
  left.cents += difference < 0n ? -difference : difference;
  left.sum += difference;
}

class ResidueTally {
  private compared = 0;
  private aside = 0;
  private readonly today = nothing();
  private readonly settings = SETTINGS.map((one) => ({ ...one, left: nothing() }));
  private readonly period: Month;
  private readonly shop: string;
  private readonly currency: string;

  constructor(period: Month, shop: string, currency: string) {
    this.period = period;
    this.shop = shop;
    this.currency = currency;
  }

  add(row: Row, policies: Policies): void {
    const sides = comparable(row, policies);
    if (!sides) {
      this.aside += 1;
      return;
    }
    this.compared += 1;
    const { scayle, erp } = sides;
    count(this.today, scayle.tax - erp.tax);
    const taxes = (side: SideOf, levels: readonly Level[]) =>
      new Map<Level | null, bigint>([
        [null, side.tax],
        ...levels.map((level) => [level, side.at(level)] as const),
      ]);
    const [ours, theirs] = [taxes(scayle, SCAYLE_LEVELS), taxes(erp, ERP_LEVELS)];
    for (const one of this.settings)
      count(one.left, (ours.get(one.scayle) ?? scayle.tax) - (theirs.get(one.erp) ?? erp.tax));
  }

  result(): Residue {
    const sorted = [...this.settings].sort((a, b) =>
      a.left.cents === b.left.cents
        ? a.left.documents - b.left.documents
        : a.left.cents < b.left.cents
          ? -1
          : 1,
    );
    // Two changes for what one does as well are no advice.
    const single = sorted.find((one) => !isPair(one));
    const settings = sorted.filter((one) => !isPair(one) || (single && one.left.cents < single.left.cents));
    const { period, shop, currency, compared, aside, today } = this;
    return { period, shop, currency, compared, aside, today, settings };
  }
}

type SideOf = Readonly<{ tax: bigint; at: (level: Level) => bigint }>;

/** Both sides of a sale or credit, where only rounding can lie between them; null otherwise. */
function comparable(row: Row, policies: Policies): Readonly<{ scayle: SideOf; erp: SideOf }> | null {
  if (row.other_causes || row.summed) return null;
  const scayle = placesOf(row, "scayle");
  const erp = placesOf(row, "erp");
  if (scayle.length === 0 || erp.length === 0) return null;
  const tax = (places: readonly number[]) => total(places, row.tax);
  const [scayleTax, erpTax] = [tax(scayle), tax(erp)];
  if (scayleTax === null || erpTax === null || !hasSameGoods(row, scayle, erp)) return null;
  const goods = scayle.filter((place) => row.kinds[place] !== "header");
  const items = goods.map((place) => lineAt(row, place, true));
  const documents = [...new Set(erp.map((place) => row.documents[place]))].map((id) => {
    const places = erp.filter((place) => row.documents[place] === id);
    return {
      lines: places.map((place) => lineAt(row, place, false)),
      policy: policyAt(row, places[0] ?? 0, policies),
    };
  });
  if (items.some((line) => line === null) || documents.some(({ lines }) => lines.includes(null))) return null;
  const known = (lines: readonly (StatedLine | null)[]) => lines.filter((line) => line !== null);
  const parts = productLines(
    known(items),
    goods.map((place) => row.products[place] ?? ""),
  );
  const ours = policyAt(row, scayle[0] ?? 0, policies);
  return {
    scayle: {
      tax: scayleTax,
      // SCAYLE's figures of a credit are its items': no calculator makes a total of them.
      at: (level) => (row.document_kind === "credit" ? scayleTax : recomputed(parts, { ...ours, level })),
    },
    erp: {
      tax: erpTax,
      at: (level) =>
        documents.reduce(
          (sum, { lines, policy }) => sum + recomputed(known(lines), { ...policy, level }),
          0n,
        ),
    },
  };
}

/** How the system of a line's document rounds today. */
const policyAt = (row: Row, place: number, policies: Policies): RoundingPolicy =>
  withBasis(policies.get(row.connections[place] ?? "") ?? UNKNOWN, row.includes[place] ?? null);

const placesOf = (row: Row, side: string): readonly number[] =>
  row.sides.flatMap((one, place) => (one === side ? [place] : []));

/** Null where an amount is unknown. */
function total(places: readonly number[], amounts: readonly (bigint | null)[]): bigint | null {
  let sum = 0n;
  for (const place of places) {
    const amount = amounts[place];
    if (amount === null || amount === undefined) return null;
    sum += amount;
  }
  return sum;
}

/** The same value on both sides: with tax, or (where the ERP's prices come without) before it. */
function hasSameGoods(row: Row, scayle: readonly number[], erp: readonly number[]): boolean {
  const amounts = erp.every((place) => row.includes[place] === false) ? row.net : row.gross;
  const [a, b] = [total(scayle, amounts), total(erp, amounts)];
  return a !== null && a === b;
}

/** Where SCAYLE gives no rate, the one that the ERP has for the item, if it has one only: as the cause takes it. */
function onlyErpRate(row: Row, place: number): string | null {
  const mine = placesOf(row, "erp").filter((other) => row.items[other] === row.items[place]);
  const [rate = null, ...others] = new Set(mine.map((other) => row.rates[other] ?? null));
  return others.length === 0 ? rate : null;
}

function lineAt(row: Row, place: number, isScayle: boolean): StatedLine | null {
  const rate = row.rates[place] ?? (isScayle ? onlyErpRate(row, place) : null);
  const tax = row.tax[place];
  const base = row.includes[place] === false ? row.net[place] : row.gross[place];
  if (!rate || tax === null || tax === undefined || base === null || base === undefined) return null;
  const exact = rateFromText(rate);
  return {
    base,
    tax,
    rate: isScayle ? inThreeDecimals(exact) : exact,
    units: Number(row.units[place] ?? 1),
  };
}
