import type pg from "pg";
import type { Reading, Unreadable } from "@/lib/connectors/contract";
import { hashOf, idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { StoreContext } from "./context";
import { insertRows, storable } from "./rows";

/** A reading with the identity of its version. */
export type Version<T> = Reading<T> & Readonly<{ contentHash: string; recordId: string }>;

/** A reading that could not be understood. */
export type Failed = Version<unknown> & Unread;
type Unread = Pick<Unreadable, "reason" | "errorClass"> &
  Readonly<{ missing: Unreadable["missing"] | undefined }>;

/** What a version that could not be read is kept as failed with. */
export const unreadOf = ({ reason, errorClass, missing }: Unreadable): Unread => ({
  reason,
  errorClass,
  missing,
});

/**
 * The readings of a page as versions, one per record: of several the newest, and of equally old ones the last.
 * A payload that doesn't say its own id is known by its content.
 */
export function versionsOf<T>(
  context: StoreContext,
  resource: string,
  readings: readonly Reading<T>[],
): readonly Version<T>[] {
  const newest = new Map<string, Version<T>>();
  for (const raw of readings) {
    const { reading, json } = cleaned(raw);
    const contentHash = hashOf(json);
    const sourceId = reading.sourceId === "" ? `unnamed ${contentHash.slice(0, 32)}` : reading.sourceId;
    const modified = reading.modifiedAt?.toISOString() ?? "";
    const recordId = idOf(context.connectionId, resource, sourceId, contentHash, modified);
    const known = newest.get(sourceId);
    if (known && isOlder(reading.modifiedAt, known.modifiedAt)) continue;
    newest.set(sourceId, { ...reading, sourceId, contentHash, recordId });
  }
  return [...newest.values()];
}

/** What JSON makes of NUL and of halves of surrogate pairs. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/** A reading without characters that can't be stored, and its payload as JSON. Few have any: looking is cheaper. */
function cleaned<T>(raw: Reading<T>): Readonly<{ reading: Reading<T>; json: string }> {
  const json = toJson(raw.payload);
  if (!UNSTORABLE.test(json) && !UNSTORABLE.test(toJson(raw.personal))) return { reading: raw, json };
  const reading = storable(raw);
  return { reading, json: toJson(reading.payload) };
}

/** Whether a version is older than the one held. What has no time is taken as new. */
export const isOlder = (modifiedAt: Date | null, held: Date | null | undefined): boolean =>
  modifiedAt !== null && held !== null && held !== undefined && modifiedAt.getTime() < held.getTime();

const RECORD = `id uuid, connection_id uuid, resource text, source_id text, modified_at timestamptz, content_hash text,
  payload jsonb, customer_key text, run_id uuid, seen_at timestamptz`;

/** Keeps every version of every payload, readable or not. A version that we hold is not kept twice. */
export async function keepPayloads(
  client: pg.ClientBase,
  context: StoreContext,
  resource: string,
  versions: readonly Version<unknown>[],
): Promise<void> {
  const held = await client.query<{ id: string }>("SELECT id FROM source_record WHERE id = ANY($1::uuid[])", [
    versions.map((version) => version.recordId),
  ]);
  const known = new Set(held.rows.map((row) => row.id));
  const rows = versions
    .filter((version) => !known.has(version.recordId))
    .map((version) => ({
      id: version.recordId,
      connection_id: context.connectionId,
      resource,
      source_id: version.sourceId,
      modified_at: version.modifiedAt,
      content_hash: version.contentHash,
      payload: version.payload,
      customer_key: version.personal?.customerKey ?? null,
      run_id: context.runId,
      seen_at: context.at,
    }));
  await insertRows(client, "source_record", RECORD, rows, "ON CONFLICT (id) DO NOTHING");
}

/** Keeps personal data apart from payloads, one row per customer; what was erased stays erased. */
export async function keepPersonalData(
  client: pg.ClientBase,
  context: StoreContext,
  versions: readonly Version<unknown>[],
): Promise<void> {
  const rows = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { personal } of versions) {
    if (!personal) continue;
    rows.set(personal.customerKey, {
      connection_id: context.connectionId,
      customer_key: personal.customerKey,
      data: personal.data,
    });
  }
  await insertRows(
    client,
    "customer_data",
    "connection_id uuid, customer_key text, data jsonb",
    [...rows.values()],
    `ON CONFLICT (connection_id, customer_key) DO UPDATE SET data = excluded.data WHERE customer_data.erased_at IS NULL`,
  );
}
