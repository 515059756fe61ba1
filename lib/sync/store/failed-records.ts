import type pg from "pg";
import { idOf } from "@/lib/domain/identity";
import type { Missing } from "@/lib/domain/missing";
import { isPassing, nextTry } from "../error-class";
import type { ErrorClass } from "../error-classes";
import type { StoreContext } from "./context";
import { insertRows } from "./rows";

const FAILED = `order_key uuid, id uuid, entity_id text, connection_id uuid, feed_id text, resource text, source_id text,
  reference text, reason text, payload jsonb, first_seen_at timestamptz, last_seen_at timestamptz, error_class text, next_try_at timestamptz,
  gone_at timestamptz, missing jsonb`;

/** A record that failed: what it is called, why, and what came of it. */
export type Unkept = Readonly<{
  sourceId: string;
  reference: string | null;
  reason: string;
  payload: unknown;
  errorClass: ErrorClass;
  /** the mapping that would cure it, where one would */
  missing?: Missing | undefined;
  /** whether its source has it no more */
  gone?: boolean | undefined;
}>;

/**
 * Keeps records that could not be read, with their payload, until a later version of them can. A record stays in the
 * group it first failed in. Returns the keys of those groups.
 */
export async function keepFailed(
  client: pg.ClientBase,
  context: StoreContext,
  resource: string,
  failed: readonly Readonly<{ version: Unkept; orderKey: string }>[],
): Promise<readonly string[]> {
  if (failed.length === 0) return [];
  const { rows: held } = await client.query<{ source_id: string; order_key: string }>(
    `SELECT source_id, order_key FROM failed_record
      WHERE connection_id = $1 AND resource = $2 AND source_id = ANY($3)`,
    [context.connectionId, resource, failed.map(({ version }) => version.sourceId)],
  );
  const keyOf = new Map(held.map((row) => [row.source_id, row.order_key]));
  const rows = failed.map(({ version, orderKey }) => {
    const { errorClass } = version;
    return {
      order_key: keyOf.get(version.sourceId) ?? orderKey,
      id: idOf("failed", context.connectionId, resource, version.sourceId),
      entity_id: context.entityId,
      connection_id: context.connectionId,
      feed_id: context.feedId,
      resource,
      source_id: version.sourceId,
      reference: version.reference,
      reason: version.reason,
      payload: version.payload,
      first_seen_at: context.at,
      last_seen_at: context.at,
      error_class: errorClass,
      next_try_at: isPassing(errorClass) ? nextTry(0, context.at) : null,
      gone_at: version.gone ? context.at : null,
      missing: version.missing ?? null,
    };
  });
  await insertRows(
    client,
    "failed_record",
    FAILED,
    rows,
    `ON CONFLICT (order_key, id) DO UPDATE SET reference = excluded.reference, reason = excluded.reason,
       payload = CASE WHEN excluded.payload = '{}' THEN failed_record.payload ELSE excluded.payload END, last_seen_at = excluded.last_seen_at, resolved_at = NULL,
       error_class = excluded.error_class, missing = excluded.missing,
       gone_at = CASE WHEN excluded.gone_at IS NULL OR failed_record.resolved_at IS NOT NULL THEN excluded.gone_at
                      ELSE coalesce(failed_record.gone_at, excluded.gone_at) END,
       attempts = CASE WHEN failed_record.resolved_at IS NULL THEN failed_record.attempts ELSE 0 END,
       next_try_at = CASE WHEN failed_record.resolved_at IS NULL AND failed_record.error_class = excluded.error_class
                          THEN failed_record.next_try_at ELSE excluded.next_try_at END,
       given_up_at = CASE WHEN failed_record.resolved_at IS NULL THEN failed_record.given_up_at END,
       given_up_by = CASE WHEN failed_record.resolved_at IS NULL THEN failed_record.given_up_by END,
       given_up_why = CASE WHEN failed_record.resolved_at IS NULL THEN failed_record.given_up_why END`,
  );
  return rows.map((row) => row.order_key);
}

/** Notes that records which failed before can be read now. Returns the keys of their groups. */
export async function healFailed(
  client: pg.ClientBase,
  context: StoreContext,
  resource: string,
  sourceIds: readonly string[],
): Promise<readonly string[]> {
  if (sourceIds.length === 0) return [];
  const { rows } = await client.query<{ order_key: string }>(
    `UPDATE failed_record SET resolved_at = $4, next_try_at = NULL
      WHERE connection_id = $1 AND resource = $2 AND source_id = ANY($3) AND resolved_at IS NULL
      RETURNING order_key`,
    [context.connectionId, resource, [...sourceIds], context.at],
  );
  return rows.map((row) => row.order_key);
}
