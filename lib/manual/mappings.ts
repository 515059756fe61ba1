import "server-only";
import type pg from "pg";
import { SANDBOX_CONFIRMED_BY, SANDBOX_WHY } from "@/lib/domain/sandbox-words";
import { beginOf, keyOf, MappingChange } from "@/lib/mappings/schema";
import { changeWords } from "@/lib/mappings/words";

/** So many rows of each kind are listed; of more their number is said. */
export const LISTED = 100;

export type MappingInForce = Readonly<{
  /** what it says, as a sentence without its point */
  says: string;
  by: string;
  /** the day on which it was confirmed, in the entity's time zone */
  day: string;
  /** why, as the request says that made it; null: no request, or none with a reason */
  reason: string | null;
}>;

export type MappingsInForce = Readonly<{
  entityId: string;
  kinds: readonly Readonly<{ kind: Kind; count: number; rows: readonly MappingInForce[] }>[];
}>;

const kinds = ["tax-code", "item", "reference", "payment"] as const;
type Kind = (typeof kinds)[number];

type Row = Readonly<{ change: unknown; by: string; day: string; count: number }>;

const DAY = `to_char(m.confirmed_at AT TIME ZONE e.time_zone, 'YYYY-MM-DD') AS day`;
const DAYS = `'validFrom', m.valid_from, 'validUntil', m.valid_until`;
const IN_FORCE = `m.entity_id = $1 AND m.confirmed_at IS NOT NULL
  AND (m.valid_until IS NULL OR m.valid_until >= ($2::timestamptz AT TIME ZONE e.time_zone)::date)`;
const OF_CONNECTION = "JOIN connection c ON c.id = m.connection_id AND c.retired_at IS NULL";

/** Each kind's rows, written as the changes that would make them: so one sentence serves both. */
const READS: Readonly<Record<Kind, Readonly<{ change: string; from: string; order: string }>>> = {
  "tax-code": {
    change: `'shipTo', m.ship_to, 'channel', m.channel, 'rate', trim_scale(m.rate)::text, 'taxCode', m.tax_code, 'right', true`,
    from: "tax_mapping m",
    order: "m.ship_to, m.channel, m.rate DESC, m.tax_code, m.valid_from NULLS FIRST",
  },
  item: {
    change: `'erpKind', m.erp_kind, 'erpItem', m.erp_item, 'erpVariant', m.erp_variant, 'lineKind', m.line_kind, 'sku', m.sku`,
    from: "item_mapping m",
    order: "m.erp_kind, m.erp_item, m.erp_variant, m.valid_from NULLS FIRST",
  },
  reference: {
    change: `'connectionId', m.connection_id, 'part', m.part, 'text', m.text, 'order', m.order_reference`,
    from: `reference_rule m ${OF_CONNECTION}`,
    order: "m.part, m.text, m.valid_from NULLS FIRST, m.id",
  },
  payment: {
    change: `'connectionId', m.connection_id, 'shopId', m.shop_id, 'paymentKey', m.payment_key, 'erpCode', m.erp_code`,
    from: `payment_mapping m ${OF_CONNECTION}`,
    order: "m.payment_key, m.shop_id, m.valid_from NULLS FIRST, m.id",
  },
};

/** The mappings of each entity that hold now: what each says, who confirmed it when, and why where a request says so. */
export const findMappingsInForce = (
  pool: pg.Pool,
  entityIds: readonly string[],
  now: Date,
): Promise<readonly MappingsInForce[]> =>
  Promise.all(
    entityIds.map(async (entityId) => {
      const [reasons, ...found] = await Promise.all([
        findReasons(pool, entityId),
        ...kinds.map((kind) => read(pool, entityId, kind, now)),
      ]);
      return {
        entityId,
        kinds: kinds.map((kind, at) => {
          const rows = found[at] ?? [];
          return {
            kind,
            count: rows[0]?.count ?? 0,
            rows: rows.map(({ change, by, day }) => {
              const one = change as MappingChange;
              // What the sandbox comes with nobody asked for: it says itself why.
              const own = by === SANDBOX_CONFIRMED_BY ? SANDBOX_WHY.mapped : null;
              return { says: changeWords(one), by, day, reason: reasons.get(placeOf(one)) ?? own };
            }),
          };
        }),
      };
    }),
  );

async function read(pool: pg.Pool, entityId: string, kind: Kind, now: Date): Promise<readonly Row[]> {
  const { change, from, order } = READS[kind];
  const { rows } = await pool.query<Row>(
    `SELECT json_strip_nulls(json_build_object('kind', '${kind}', ${change}, ${DAYS})) AS change, m.confirmed_by AS by, ${DAY},
            count(*) OVER ()::int AS count
       FROM ${from} JOIN entity e ON e.id = m.entity_id WHERE ${IN_FORCE} ORDER BY ${order} LIMIT ${LISTED}`,
    [entityId, now],
  );
  // A stripped null is one that the sentence asks for: a charge has no SKU, a part of a reference no order.
  return rows.map((row) => ({ ...row, change: { sku: null, order: null, ...(row.change as object) } }));
}

/** Why rows were changed last, by what they are about: of requests that were made. */
async function findReasons(pool: pg.Pool, entityId: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await pool.query<{ changes: unknown; reason: string }>(
    `SELECT changes, reason FROM mapping_request WHERE entity_id = $1 AND state = 'made'
      ORDER BY coalesce(decided_at, made_at), id`,
    [entityId],
  );
  const found = new Map<string, string>();
  for (const { changes, reason } of rows)
    for (const change of MappingChange.array().safeParse(changes).data ?? [])
      if (reason === "") found.delete(placeOf(change));
      else found.set(placeOf(change), reason);
  return found;
}

const placeOf = (change: MappingChange): string => JSON.stringify([keyOf(change), beginOf(change)]);
