import type pg from "pg";
import type { SourceControl, Sums } from "@/lib/domain/control";
import type { BookDocument } from "@/lib/domain/document";
import type { SalesOrder } from "@/lib/domain/order";
import { remaindersOf } from "@/lib/domain/remainders";
import type { StoreContext } from "./context";
import type { Version } from "./readings";
import { insertRows } from "./rows";

const CONTROL = `connection_id uuid, resource text, kind text, source_id text, entity_id text, feed_id text, number text, day date,
  currency text, modified_at timestamptz, kept boolean, line_count int, unknown int, unreadable int, net bigint, tax bigint,
  gross bigint, figures bigint, run_id uuid, seen_at timestamptz`;
const REMAINDER = `order_key uuid, connection_id uuid, kind text, reason text, entity_id text, source_id text, line_count int,
  unknown int, net bigint, tax bigint, gross bigint, figures bigint`;

const sumColumns = ({ lines, unknown, net, tax, gross, figures }: Sums) => ({
  line_count: lines,
  unknown,
  net,
  tax,
  gross,
  figures,
});

/** A record that was fetched, with what it said as it came. */
export type Fetched = Readonly<{
  sourceId: string;
  number: string | null;
  modifiedAt: Date | null;
  controls: readonly SourceControl[];
}>;

/** Keeps what the raw records of a page said, beside their payloads and in the same transaction. */
export const keepPageControls = (
  client: pg.ClientBase,
  context: StoreContext,
  resource: string,
  versions: readonly Version<unknown>[],
): Promise<void> =>
  keepControls(
    client,
    context,
    resource,
    versions.map(({ sourceId, reference, modifiedAt, controls }) => ({
      sourceId,
      number: reference,
      modifiedAt,
      controls,
    })),
  );

/**
 * Keeps what fetched records said, one row per record and kind: the newest version's. An older version that comes late
 * leaves what is held; a kind that a newer version no longer speaks of goes.
 */
export async function keepControls(
  client: pg.ClientBase,
  context: StoreContext,
  resource: string,
  fetched: readonly Fetched[],
): Promise<void> {
  if (fetched.length === 0) return;
  // An order that speaks of nothing come back any more: what it said of it goes.
  const without = fetched.filter((one) => one.controls.every((control) => control.kind !== "credit"));
  if (resource === "orders" && without.length > 0)
    await client.query(
      `DELETE FROM fetch_control USING unnest($3::text[], $4::timestamptz[]) AS f(source_id, modified_at)
      WHERE connection_id = $1 AND kind = 'credit' AND fetch_control.source_id = ANY($3) AND resource = $2
        AND fetch_control.source_id = f.source_id
        AND (f.modified_at IS NULL OR fetch_control.modified_at IS NULL OR fetch_control.modified_at <= f.modified_at)`,
      [
        context.connectionId,
        resource,
        without.map((one) => one.sourceId),
        without.map((one) => one.modifiedAt?.toISOString() ?? null),
      ],
    );
  const set = CONTROL.split(",")
    .map((column) => column.trim().split(" ")[0] ?? "")
    .filter((name) => !["connection_id", "resource", "kind", "source_id"].includes(name))
    .map((name) => `${name} = excluded.${name}`);
  await insertRows(
    client,
    "fetch_control",
    CONTROL,
    fetched.flatMap(({ sourceId, number, modifiedAt, controls }) =>
      controls.map(({ kind, day, currency, unreadable, sums }) => ({
        connection_id: context.connectionId,
        resource,
        kind,
        source_id: sourceId,
        entity_id: context.entityId,
        feed_id: context.feedId,
        number,
        day,
        currency,
        modified_at: modifiedAt,
        kept: true,
        ...sumColumns(sums),
        unreadable,
        run_id: context.runId,
        seen_at: context.at,
      })),
    ),
    `ON CONFLICT (connection_id, kind, source_id, resource) DO UPDATE SET ${set.join(", ")}
      WHERE (fetch_control.modified_at IS NULL OR excluded.modified_at IS NULL OR fetch_control.modified_at <= excluded.modified_at)
        AND (fetch_control.kept, fetch_control.figures, fetch_control.line_count, fetch_control.unreadable, fetch_control.currency,
             fetch_control.day, fetch_control.number, fetch_control.feed_id, fetch_control.modified_at)
            IS DISTINCT FROM (excluded.kept, excluded.figures, excluded.line_count, excluded.unreadable, excluded.currency,
             excluded.day, excluded.number, excluded.feed_id, excluded.modified_at)`,
  );
}

/** Keeps what of each order its documents don't hold, or hold beyond its units; what was kept of it before goes. */
export async function keepRemainders(
  client: pg.ClientBase,
  context: StoreContext,
  orders: readonly Readonly<{ orderKey: string; order: SalesOrder; documents: readonly BookDocument[] }>[],
): Promise<void> {
  await client.query(
    "DELETE FROM control_remainder WHERE order_key = ANY($1::uuid[]) AND connection_id = $2",
    [orders.map((one) => one.orderKey), context.connectionId],
  );
  await insertRows(
    client,
    "control_remainder",
    REMAINDER,
    orders.flatMap(({ orderKey, order, documents }) =>
      remaindersOf(order, documents, context.policy.recognition).map(({ kind, reason, sums }) => ({
        order_key: orderKey,
        connection_id: context.connectionId,
        kind,
        reason,
        entity_id: context.entityId,
        source_id: order.id,
        ...sumColumns(sums),
      })),
    ),
  );
}
