import type pg from "pg";
import {
  eraPrefix,
  formArguments,
  formsOf,
  loadReadings,
  type Reading,
} from "@/lib/matching/reference-rules";
import { askInvoicesAgain } from "@/lib/sync/store/orders";
import { type Move, rekeyByRules } from "@/lib/sync/store/placement";
import { markDirty } from "@/lib/sync/store/rows";

const UNREAD: Reading = { eras: [], names: [] };

/**
 * Reads the references of a connection anew after its mapping of them changed, inside the caller's transaction, which holds
 * the entity's books: every name of an order and every reference is read by it, what stands alone, stands where the mapping
 * put it, or bears one of `names` is placed again, and the groups of what moved are marked. Returns the moves.
 */
export async function readReferencesAgain(
  client: pg.ClientBase,
  of: Readonly<{ entityId: string; connectionId: string }>,
  names: readonly string[],
  at: Date,
): Promise<readonly Move[]> {
  const { entityId, connectionId } = of;
  const reading = (await loadReadings(client, entityId)).get(connectionId) ?? UNREAD;
  await client.query("DELETE FROM alias_form WHERE connection_id = $1", [connectionId]);
  for (const era of reading.eras) {
    await client.query(
      `INSERT INTO alias_form (order_key, connection_id, form, entity_id)
       SELECT DISTINCT order_key, $2::uuid, form, entity_id FROM (
         SELECT order_key, entity_id, $3 || tieout_form(alias, $4, $5, $6, $7) AS form FROM order_alias WHERE entity_id = $1) a
        WHERE form IS NOT NULL ON CONFLICT DO NOTHING`,
      [entityId, connectionId, eraPrefix(era), ...formArguments(era.rules)],
    );
  }
  await client.query(
    `INSERT INTO alias_form (order_key, connection_id, form, entity_id)
     SELECT DISTINCT order_key, $2::uuid, chr(1) || alias, entity_id FROM order_alias WHERE entity_id = $1 AND alias = ANY($3)
     ON CONFLICT DO NOTHING`,
    [entityId, connectionId, reading.names.map((one) => one.order)],
  );
  await keepReferenceForms(client, of, reading);
  const moves = await rekeyByRules(client, { entityId, at, runId: null }, connectionId, names);
  await askInvoicesAgain(
    client,
    moves.filter((move) => move.kind === "credit").map((move) => move.to.orderKey),
  );
  await markDirty(
    client,
    entityId,
    moves.flatMap((move) => [move.from, move.to.orderKey]),
    at,
  );
  return moves;
}

/** Writes down every reference of a connection as it is read on its document's day. */
async function keepReferenceForms(
  client: pg.ClientBase,
  { entityId, connectionId }: Readonly<{ entityId: string; connectionId: string }>,
  reading: Reading,
): Promise<void> {
  await client.query(
    "UPDATE document SET reference_form = NULL WHERE entity_id = $1 AND connection_id = $2 AND side = 'erp' AND reference_form IS NOT NULL",
    [entityId, connectionId],
  );
  for (const era of reading.eras) {
    await client.query(
      `UPDATE document SET reference_form = $3 || tieout_form(reference, $4, $5, $6, $7)
        WHERE entity_id = $1 AND connection_id = $2 AND side = 'erp' AND reference IS NOT NULL
          AND coalesce(posting_day, '9999-12-31') BETWEEN coalesce($8::date, '-infinity') AND coalesce($9::date, 'infinity')`,
      [entityId, connectionId, eraPrefix(era), ...formArguments(era.rules), era.from, era.until],
    );
  }
  // Some databases fold only ASCII: what has other letters is folded here, as it is when it arrives. So are whole references.
  const { rows } = await client.query<{
    id: string;
    orderKey: string;
    reference: string;
    postingDay: string | null;
  }>(
    `SELECT id, order_key AS "orderKey", reference, posting_day AS "postingDay" FROM document
      WHERE entity_id = $1 AND connection_id = $2 AND side = 'erp'
        AND (octet_length(reference) <> char_length(reference) OR lower(btrim(reference)) = ANY($3))`,
    [entityId, connectionId, reading.names.map((one) => one.name)],
  );
  const forms = await formsOf(
    client,
    new Map([[connectionId, reading]]),
    rows.map((row) => ({ ...row, connectionId })),
  );
  await client.query(
    `UPDATE document SET reference_form = f.form FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS f(order_key, id, form)
      WHERE document.order_key = f.order_key AND document.id = f.id`,
    [
      rows.map((row) => row.orderKey),
      rows.map((row) => row.id),
      rows.map((row) => forms.get(row.id) ?? null),
    ],
  );
}
