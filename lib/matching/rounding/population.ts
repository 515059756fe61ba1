import type pg from "pg";
import { exponentOf } from "@/lib/domain/money";
import type { StatedDocument } from "@/lib/domain/tax/inference";
import { inThreeDecimals, type Rate, rateFromText } from "@/lib/domain/tax/rate";
import type { StatedLine } from "@/lib/domain/tax/reproduce";

/** Documents that one query brings: memory is bounded by it, whatever the population. */
const BATCH = 2000;

export type Connection = Readonly<{ id: string; entityId: string; kind: string }>;

/** A document with what only a SCAYLE order has: its shop, its stated total and its lines by product. */
export type PopulationDocument = StatedDocument &
  Readonly<{
    shopId: string | null;
    /** null: not SCAYLE's, or the order states no total */
    cost: Readonly<{ gross: bigint; net: bigint }> | null;
    gross: bigint;
    products: readonly string[];
  }>;

type Row = Readonly<{
  order_key: string;
  id: string;
  number: string;
  reference: string | null;
  currency: string;
  shop_id: string | null;
  prices_include_tax: boolean | null;
  cost_gross: string | null;
  cost_net: string | null;
  kinds: readonly string[];
  products: readonly string[];
  units: readonly string[];
  gross: readonly bigint[];
  net: readonly (bigint | null)[];
  tax: readonly (bigint | null)[];
  rates: readonly (string | null)[];
  positions: readonly (number | null)[];
  allocated: boolean;
  on_price: boolean;
  /** quantity × unit price, unrounded */
  prices: readonly (string | null)[];
}>;

// Credits mirror their sales: SCAYLE's are derived from the items, so only sales say how it rounds.
const DOCUMENTS = `
  WITH page AS (
    SELECT d.order_key, d.id, d.number, d.reference, d.currency, d.shop_id, d.prices_include_tax
      FROM document d
     WHERE d.entity_id = $1 AND d.connection_id = $2 AND d.posted AND (d.side = 'erp' OR d.kind = 'sale')
       AND (d.order_key, d.id) > ($3::uuid, $4::uuid)
     ORDER BY d.order_key, d.id LIMIT ${BATCH})
  SELECT p.*, o.content->'cost'->>'gross' AS cost_gross, o.content->'cost'->>'net' AS cost_net,
         l.kinds, l.products, l.units, l.gross, l.net, l.tax, l.rates, l.positions, l.allocated, l.on_price, l.prices
    FROM page p
    LEFT JOIN sales_order o ON o.order_key = p.order_key AND o.connection_id = $2
   CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(l.kind ORDER BY l.id), '{}') AS kinds,
           coalesce(array_agg(coalesce(l.sku, l.source_line_id) ORDER BY l.id), '{}') AS products,
           coalesce(array_agg(abs(l.quantity) ORDER BY l.id), '{}') AS units,
           coalesce(array_agg(l.gross ORDER BY l.id), '{}') AS gross,
           coalesce(array_agg(l.net ORDER BY l.id), '{}') AS net,
           coalesce(array_agg(l.tax ORDER BY l.id), '{}') AS tax,
           coalesce(array_agg(l.tax_rate ORDER BY l.id), '{}') AS rates,
           coalesce(array_agg(l.position ORDER BY l.id), '{}') AS positions,
           coalesce(bool_or(l.tax_allocated), false) AS allocated, coalesce(bool_or(l.taxed_on_price), false) AS on_price,
           coalesce(array_agg((l.quantity * l.unit_price)::numeric(38, 12) ORDER BY l.id), '{}') AS prices
      FROM line l WHERE l.order_key = p.order_key AND l.document_id = p.id AND l.granularity = 'item') l
   ORDER BY p.order_key, p.id`;

/**
 * Every posted document of a connection (of SCAYLE: every sale), in batches. SCAYLE's header lines are left out: they
 * are what its calculator made of the items, not an item. Rates of SCAYLE come in three decimals, as it uses them.
 */
export async function* population(
  client: pg.ClientBase | pg.Pool,
  connection: Connection,
): AsyncGenerator<readonly PopulationDocument[]> {
  let after = ["00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"];
  for (;;) {
    const { rows } = await client.query<Row>(DOCUMENTS, [connection.entityId, connection.id, ...after]);
    const last = rows.at(-1);
    if (!last) return;
    after = [last.order_key, last.id];
    yield rows.map((row) => documentFrom(row, connection.kind === "scayle"));
    if (rows.length < BATCH) return;
  }
}

function documentFrom(row: Row, isScayle: boolean): PopulationDocument {
  const places = row.kinds.flatMap((kind, index) => (isScayle && kind === "header" ? [] : [index]));
  const lines = places.map((index) => lineFrom(row, index, isScayle));
  return {
    number: row.number,
    reference: row.reference,
    currency: row.currency,
    pricesIncludeTax: row.prices_include_tax,
    shopId: row.shop_id,
    cost:
      row.cost_gross === null || row.cost_net === null
        ? null
        : { gross: BigInt(row.cost_gross), net: BigInt(row.cost_net) },
    lines: lines.every((line) => line !== null) ? lines : null,
    gross: places.reduce((sum, index) => sum + (row.gross[index] ?? 0n), 0n),
    products: places.map((index) => row.products[index] ?? ""),
  };
}

/** Null where the tax, the rate, or the net of a net price is unknown. */
function lineFrom(row: Row, index: number, isScayle: boolean): StatedLine | null {
  const tax = row.tax[index];
  const rate = row.rates[index];
  const base = row.prices_include_tax === false ? row.net[index] : row.gross[index];
  if (tax === null || tax === undefined || !rate || base === null || base === undefined) return null;
  const exact = rateFromText(rate);
  if (row.on_price && row.prices_include_tax === false)
    return onPrice(row, index, { base, tax, rate: exact });
  return {
    base,
    tax,
    rate: isScayle ? inThreeDecimals(exact) : exact,
    units: Number(row.units[index] ?? 1),
    position: row.positions[index] ?? null,
    ...(row.allocated && { allocated: true }),
  };
}

/** numeric(18, 6) × numeric(18, 6) has twelve decimals. */
const SCALE = 10n ** 12n;

/** Taxed on the unrounded price: base and rate are larger by one factor, so that both stay whole numbers. */
function onPrice(
  row: Row,
  index: number,
  { base, tax, rate }: Readonly<{ base: bigint; tax: bigint; rate: Rate }>,
): StatedLine {
  const price = row.prices[index];
  const exact =
    price === null || price === undefined
      ? base * SCALE
      : BigInt(price.replace(".", "")) * 10n ** BigInt(exponentOf(row.currency));
  return {
    base: exact,
    tax,
    rate: { n: rate.n, d: rate.d * SCALE },
    units: Number(row.units[index] ?? 1),
    position: row.positions[index] ?? null,
    ...(row.allocated && { allocated: true }),
  };
}
