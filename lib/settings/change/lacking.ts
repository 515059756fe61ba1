import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day } from "@/lib/domain/day";
import type { Missing } from "@/lib/domain/missing";
import type { Selection } from "@/lib/orders/schema";
import { erpItemOf } from "@/lib/sync/store/remap";
import { type FreeDays, freeDaysAround, type Span } from "./free-days";
import type { Draft, SettingsChange } from "./schema";

/** A mapping that a record lacks: the change that would set it, and what is to be read again with it. */
export type Lack = Readonly<{
  kind: Extract<SettingsChange["kind"], Missing["kind"]>;
  /** the change, as far as it is known or can be guessed */
  draft: Draft;
  /** what the connection is called, where the change is one of a connection */
  connection: string | null;
  /** the record itself */
  one: Selection;
  /** all that lack the same, and how many orders (or documents that have none) that are */
  all: Selection;
  count: number;
}>;

/** The mappings that an exception lacks; none where none would cure it, or it is settled. */
export async function findLacksOfException(entityId: string, id: string): Promise<readonly Lack[]> {
  const { rows } = await appPool().query<
    Readonly<{ orderKey: string; index: number; missing: Missing; count: number }>
  >(
    `SELECT e.order_key AS "orderKey", m.place::int - 1 AS index, m.missing,
            (SELECT count(DISTINCT o.order_key)::int FROM exception o
              WHERE o.entity_id = e.entity_id AND o.cause = e.cause AND o.state NOT IN ('resolved', 'accepted', 'explained')
                AND o.evidence -> 'missing' @> jsonb_build_array(m.missing)) AS count
       FROM exception e, jsonb_array_elements(e.evidence -> 'missing') WITH ORDINALITY AS m(missing, place)
      WHERE e.entity_id = $1 AND e.id = $2 AND e.state NOT IN ('resolved', 'accepted', 'explained') ORDER BY m.place`,
    [entityId, id],
  );
  const lacks = rows.map(async ({ orderKey, index, missing, count }): Promise<Lack | null> => {
    const draft = await draftOf(entityId, orderKey, missing);
    return (
      draft && {
        kind: missing.kind,
        draft,
        connection: null,
        one: { by: "exceptions", ids: [id] },
        all: { by: "exceptions-lacking", id, index },
        count,
      }
    );
  });
  return (await Promise.all(lacks)).filter((lack) => lack !== null);
}

async function draftOf(entityId: string, orderKey: string, missing: Missing): Promise<Draft | null> {
  if (missing.kind === "tax-code") {
    const { shipTo, channel, rate, taxCode } = missing;
    const days = await daysFor(
      `SELECT valid_from AS "from", valid_until AS until FROM tax_mapping
        WHERE entity_id = $1 AND ship_to = $2 AND channel = $3 AND rate = $4::numeric AND tax_code = $5
          AND (confirmed_at IS NOT NULL OR confirmed_by IS NOT NULL)`,
      [entityId, shipTo, channel, rate, taxCode],
      { orderKey, column: "tax_code", value: taxCode },
    );
    return { shipTo, channel, rate, taxCode, right: "yes", ...days };
  }
  if (missing.kind !== "item") return null;
  const item = await erpItemOf(appPool(), entityId, { orderKey, itemKey: missing.itemKey });
  if (!item) return null;
  const days = await daysFor(
    `SELECT valid_from AS "from", valid_until AS until FROM item_mapping
      WHERE entity_id = $1 AND erp_kind = $2 AND erp_item = $3 AND erp_variant = $4`,
    [entityId, item.erpKind, item.erpItem, item.erpVariant],
    { orderKey, column: "item_key", value: missing.itemKey },
  );
  return { ...item, lineKind: "item", sku: missing.sku, ...days };
}

/** The days that the mapping is to have: those around the ERP's line that lacks it, which no other row of the same has. */
async function daysFor(
  spansOf: string,
  key: readonly string[],
  line: Readonly<{ orderKey: string; column: "tax_code" | "item_key"; value: string }>,
): Promise<FreeDays> {
  const [{ rows: spans }, { rows: lines }] = await Promise.all([
    appPool().query<Span>(spansOf, [...key]),
    appPool().query<{ day: Day }>(
      `SELECT min(day) AS day FROM line WHERE order_key = $1 AND entity_id = $2 AND side = 'erp' AND ${line.column} = $3
       HAVING min(day) IS NOT NULL`,
      [line.orderKey, key[0], line.value],
    ),
  ]);
  return lines[0] ? freeDaysAround(spans, lines[0].day) : {};
}

type FailedLack = Readonly<{ id: string; connectionId: string; missing: Missing | null }>;

/** The mappings that failed records lack, by record. */
export async function findLacksOfFailed(
  entityId: string,
  records: readonly FailedLack[],
): Promise<ReadonlyMap<string, Lack>> {
  const lacking = records.filter(({ missing }) => missing?.kind === "local-currency");
  if (lacking.length === 0) return new Map();
  const { rows } = await appPool().query<
    Readonly<{ id: string; name: string; currency: string; count: number }>
  >(
    `SELECT c.id, c.name, e.currency,
            (SELECT count(DISTINCT x.order_key)::int FROM failed_record x
              WHERE x.entity_id = $1 AND x.connection_id = c.id AND x.resolved_at IS NULL
                AND x.missing = jsonb_build_object('kind', 'local-currency')) AS count
       FROM connection c JOIN entity e ON e.id = c.entity_id WHERE c.entity_id = $1 AND c.id = ANY($2::uuid[])`,
    [entityId, lacking.map((one) => one.connectionId)],
  );
  return new Map(
    lacking.flatMap(({ id, connectionId }) => {
      const connection = rows.find((row) => row.id === connectionId);
      if (!connection) return [];
      const lack: Lack = {
        kind: "local-currency",
        draft: { connectionId, currency: connection.currency },
        connection: connection.name,
        one: { by: "failed", ids: [id] },
        all: { by: "failed-lacking", id },
        count: connection.count,
      };
      return [[id, lack] as const];
    }),
  );
}
