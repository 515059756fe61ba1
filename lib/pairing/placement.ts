import type { PoolClient } from "pg";
import type { Change } from "@/lib/audit/record";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { askInvoicesAgain } from "@/lib/sync/store/orders";
import { type Move, rekeyDocuments } from "@/lib/sync/store/placement";
import { markDirty } from "@/lib/sync/store/rows";
import type { DecisionUndo, DocumentPlace } from "./schema";

/** Who decides, as it is shown beside the decision, and when. */
export type Decider = Readonly<{ name: string; at: Date }>;

/** What a decision did: the groups that are not what they were, where the document is now, and the words for the trail. */
export type Decided = Readonly<{ orderKeys: readonly string[]; orderKey: string; change: Change }>;

type HeldDocument = Readonly<{
  id: string;
  orderKey: string;
  orderKnown: boolean;
  placedBy: string | null;
  connectionId: string;
  sourceId: string;
  kind: string;
  number: string;
  order: string | null;
}>;

const HELD = `SELECT d.id, d.order_key AS "orderKey", d.order_known AS "orderKnown", d.placed_by AS "placedBy",
    d.connection_id AS "connectionId", d.source_id AS "sourceId", d.kind, d.number, o.reference AS "order"
  FROM document d LEFT JOIN sales_order o ON o.order_key = d.order_key`;

/**
 * Puts an ERP document with an order, or on its own, from now on and in every later read: inside the caller's
 * transaction, which holds the entity's books. Documents that credit it follow.
 *
 * @throws Refusal `not-found` for a document or order that is not (or no longer) there, `invalid` when it is there already
 */
export async function decidePlace(client: PoolClient, input: DocumentPlace, who: Decider): Promise<Decided> {
  const { entityId } = input;
  const held = await hold(client, input);
  const target = input.toOrderKey === null ? null : await orderOf(client, entityId, input.toOrderKey);
  if (target && held.orderKey === target.orderKey) {
    throw new Refusal("invalid", `${held.number} is with the order ${target.reference} already.`);
  }
  if (!target && !held.orderKnown) throw new Refusal("invalid", `${held.number} is with no order already.`);
  await client.query(
    `INSERT INTO placement_decision (id, entity_id, connection_id, document_kind, source_id, document_number,
       order_connection_id, order_source_id, order_reference, note, made_at, made_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (connection_id, document_kind, source_id) DO UPDATE SET order_connection_id = excluded.order_connection_id,
       order_source_id = excluded.order_source_id, order_reference = excluded.order_reference, note = excluded.note,
       made_at = excluded.made_at, made_by = excluded.made_by`,
    [
      idOf("placement", held.connectionId, held.kind, held.sourceId),
      entityId,
      held.connectionId,
      held.kind,
      held.sourceId,
      held.number,
      target?.connectionId ?? null,
      target?.sourceId ?? null,
      target?.reference ?? null,
      input.note || null,
      who.at,
      who.name,
    ],
  );
  const moves = await placeAgain(client, entityId, held, who.at);
  return told(held, moves, {
    action: target ? "document.link" : "document.take-out",
    subject: `document:${held.number}`,
    before: { order: held.order, placedBy: held.placedBy },
    after: { order: target?.reference ?? null, note: input.note || null, moved: numbersOf(moves) },
  });
}

/**
 * Takes a decision back: the document goes where its reference says, if it says anything.
 *
 * @throws Refusal `not-found`
 */
export async function undoPlace(client: PoolClient, input: DecisionUndo, who: Decider): Promise<Decided> {
  const { rows } = await client.query<{
    connection_id: string;
    document_kind: string;
    source_id: string;
    document_number: string;
    order_reference: string | null;
  }>(
    `DELETE FROM placement_decision WHERE id = $1 AND entity_id = $2
     RETURNING connection_id, document_kind, source_id, document_number, order_reference`,
    [input.id, input.entityId],
  );
  const [gone] = rows;
  if (!gone)
    throw new Refusal("not-found", "There is no such decision in this entity; it may be undone already.");
  const { rows: documents } = await client.query<HeldDocument>(
    `${HELD} WHERE d.connection_id = $1 AND d.source_id = $2 AND d.kind = $3 AND d.entity_id = $4`,
    [gone.connection_id, gone.source_id, gone.document_kind, input.entityId],
  );
  const [held] = documents;
  const moves = held ? await placeAgain(client, input.entityId, held, who.at) : [];
  return told(held, moves, {
    action: "document.undo",
    subject: `document:${gone.document_number}`,
    before: { order: gone.order_reference },
    after: { moved: numbersOf(moves) },
  });
}

async function hold(client: PoolClient, input: DocumentPlace): Promise<HeldDocument> {
  const { rows } = await client.query<HeldDocument>(
    `${HELD} WHERE d.order_key = $1 AND d.id = $2 AND d.entity_id = $3 AND d.side = 'erp'`,
    [input.orderKey, input.documentId, input.entityId],
  );
  const [held] = rows;
  if (!held) {
    throw new Refusal(
      "not-found",
      "The ERP document is no longer where you saw it. Reload to see where it is.",
    );
  }
  return held;
}

async function orderOf(client: PoolClient, entityId: string, orderKey: string) {
  const { rows } = await client.query<{
    orderKey: string;
    connectionId: string;
    sourceId: string;
    reference: string;
  }>(
    `SELECT order_key AS "orderKey", connection_id AS "connectionId", source_id AS "sourceId", reference
       FROM sales_order WHERE order_key = $1 AND entity_id = $2`,
    [orderKey, entityId],
  );
  const [order] = rows;
  if (!order) throw new Refusal("not-found", "There is no such order in this entity.");
  return order;
}

async function placeAgain(
  client: PoolClient,
  entityId: string,
  held: HeldDocument,
  at: Date,
): Promise<readonly Move[]> {
  const moves = await rekeyDocuments(
    client,
    { entityId, at, runId: null },
    { aliases: [], numbers: [], held: [{ orderKey: held.orderKey, id: held.id }] },
  );
  await askInvoicesAgain(
    client,
    moves.filter((move) => move.kind === "credit").map((move) => move.to.orderKey),
  );
  await markDirty(client, entityId, [held.orderKey, ...keysOf(moves)], at);
  return moves;
}

const keysOf = (moves: readonly Move[]): readonly string[] =>
  moves.flatMap((move) => [move.from, move.to.orderKey]);

const numbersOf = (moves: readonly Move[]): readonly string[] => moves.map((move) => move.number);

function told(held: HeldDocument | undefined, moves: readonly Move[], change: Change): Decided {
  const own = moves.find((move) => move.id === held?.id);
  return {
    orderKeys: [...new Set([...(held ? [held.orderKey] : []), ...keysOf(moves)])],
    orderKey: own?.to.orderKey ?? held?.orderKey ?? "",
    change,
  };
}
