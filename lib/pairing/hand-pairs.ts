import type { PoolClient } from "pg";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { markDirty } from "@/lib/sync/store/rows";
import type { Decided, Decider } from "./placement";
import type { LinePairing, LinePairingUndo } from "./schema";

type Line = Readonly<{
  id: string;
  side: string;
  documentKind: string;
  granularity: string;
  currency: string;
  connectionId: string;
  sourceId: string;
  sourceLineId: string;
  number: string;
  item: string;
  taken: boolean;
}>;

/**
 * Pairs lines of both sides although their items differ, or takes ERP lines out of their pair, from now on and in
 * every later run: inside the caller's transaction. Lines are remembered by their ids at their sources.
 *
 * @throws Refusal `not-found` for a line that is not there, `conflict` for one that a hand-made pair has already,
 *   `invalid` for lines that can't be one pair
 */
export async function pairLines(client: PoolClient, input: LinePairing, who: Decider): Promise<Decided> {
  const { entityId, orderKey, kind } = input;
  const wanted = [...new Set(input.lineIds)].sort();
  const { rows: lines } = await client.query<Line>(
    `SELECT l.id, l.side, l.document_kind AS "documentKind", l.granularity, l.currency, d.connection_id AS "connectionId",
       d.source_id AS "sourceId", l.source_line_id AS "sourceLineId", d.number, coalesce(l.sku, l.description, l.kind) AS item,
       EXISTS (SELECT FROM hand_pair h WHERE h.order_key = l.order_key AND h.line_id = l.id) AS taken
     FROM line l JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
     WHERE l.order_key = $1 AND l.entity_id = $2 AND l.id = ANY($3::uuid[]) AND l.in_books ORDER BY l.id`,
    [orderKey, entityId, wanted],
  );
  if (lines.length < wanted.length) {
    throw new Refusal(
      "not-found",
      "Some of these lines are no longer there. Reload to see the order as it is.",
    );
  }
  refuseWhatIsNoPair(kind, lines);
  const pairId = idOf("hand-pair", orderKey, kind, ...wanted);
  await client.query(
    `INSERT INTO hand_pair (order_key, line_id, pair_id, entity_id, kind, side, connection_id, document_kind, source_id,
       source_line_id, document_number, item, made_at, made_by)
     SELECT $1, line_id, $2, $3, $4, side, connection_id, document_kind, source_id, source_line_id, number, item, $5, $6
       FROM unnest($7::uuid[], $8::text[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
         AS l(line_id, side, connection_id, document_kind, source_id, source_line_id, number, item)`,
    [
      orderKey,
      pairId,
      entityId,
      kind,
      who.at,
      who.name,
      lines.map((line) => line.id),
      lines.map((line) => line.side),
      lines.map((line) => line.connectionId),
      lines.map((line) => line.documentKind),
      lines.map((line) => line.sourceId),
      lines.map((line) => line.sourceLineId),
      lines.map((line) => line.number),
      lines.map((line) => line.item),
    ],
  );
  await markDirty(client, entityId, [orderKey], who.at);
  return {
    orderKeys: [orderKey],
    orderKey,
    change: {
      action: kind === "together" ? "lines.pair" : "lines.unpair",
      subject: `order:${orderKey}`,
      before: null,
      after: { pairId, lines: lines.map(wordsOf) },
    },
  };
}

const wordsOf = (line: Line): string => `${line.side} ${line.number} line ${line.sourceLineId}: ${line.item}`;

function refuseWhatIsNoPair(kind: LinePairing["kind"], lines: readonly Line[]): void {
  const taken = lines.find((line) => line.taken);
  if (taken) {
    throw new Refusal(
      "conflict",
      `${taken.item} of ${taken.number} was paired by hand already; undo that first.`,
    );
  }
  const sides = new Set(lines.map((line) => line.side));
  if (kind === "apart") {
    if (sides.has("scayle")) throw new Refusal("invalid", "Only ERP lines can be taken out of their pair.");
    return;
  }
  if (sides.size < 2) throw new Refusal("invalid", "A pair needs lines of both sides.");
  if (new Set(lines.map((line) => `${line.documentKind} ${line.currency}`)).size > 1) {
    throw new Refusal("invalid", "The lines of a pair are all of sales or all of credits, in one currency.");
  }
  if (lines.some((line) => line.granularity === "document")) {
    throw new Refusal("invalid", "A document without items can only be compared whole.");
  }
}

/**
 * Takes a pair made by hand back: its lines pair by their items again.
 *
 * @throws Refusal `not-found`
 */
export async function undoHandPair(
  client: PoolClient,
  input: LinePairingUndo,
  who: Decider,
): Promise<Decided> {
  const { entityId, orderKey, pairId } = input;
  const { rows } = await client.query<{ kind: string; item: string; document_number: string }>(
    `DELETE FROM hand_pair WHERE order_key = $1 AND pair_id = $2 AND entity_id = $3 RETURNING kind, item, document_number`,
    [orderKey, pairId, entityId],
  );
  if (rows.length === 0) {
    throw new Refusal("not-found", "There is no such pair in this entity; it may be undone already.");
  }
  await markDirty(client, entityId, [orderKey], who.at);
  return {
    orderKeys: [orderKey],
    orderKey,
    change: {
      action: "lines.undo",
      subject: `order:${orderKey}`,
      before: { pairId, lines: rows.map((row) => `${row.document_number}: ${row.item}`).sort() },
      after: null,
    },
  };
}
