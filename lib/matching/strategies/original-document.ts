import type pg from "pg";
import type { Placeable, Placement, PlaceRequest, Strategy } from "./contract";

export const originalDocument: Strategy = {
  code: "original-document",
  name: "Document it credits",
  meaning: "The document credits or corrects exactly one other, and belongs where that one belongs.",
  level: "document",
  async place(request) {
    const places = await originalPlaces(request);
    return new Map([...places].filter(([, placement]) => placement.orderKnown));
  },
};

/** Where the documents are that others credit or correct, their order known or not: what follows goes there too. */
export async function originalPlaces({
  client,
  entityId,
  documents,
  all,
  placed,
}: PlaceRequest): Promise<ReadonlyMap<string, Placement>> {
  const followers = documents.filter((one) => one.originalNumber !== null);
  const within = placesByNumber(all, placed);
  const originals = await originalsOf(client, entityId, followers);
  return new Map(
    followers.flatMap((one): [string, Placement][] => {
      const name = numberKey(one.connectionId, one.originalNumber ?? "");
      const place = within.get(name) ?? originals.get(name);
      return place ? [[one.id, { ...place, placedBy: originalDocument.code }]] : [];
    }),
  );
}

const numberKey = (connectionId: string, number: string): string => `${connectionId} ${number}`;

/** Where the documents of this page are that others of it credit. */
function placesByNumber(
  documents: readonly Placeable[],
  placements: ReadonlyMap<string, Placement>,
): ReadonlyMap<string, Placement> {
  const places = new Map<string, Placement>();
  for (const one of documents) {
    const placement = placements.get(one.id);
    if (one.kind === "sale" && placement) places.set(numberKey(one.connectionId, one.number), placement);
  }
  return places;
}

/** Where the documents are that the followers credit, as far as exactly one has that number. */
async function originalsOf(
  client: pg.ClientBase,
  entityId: string,
  followers: readonly Placeable[],
): Promise<ReadonlyMap<string, Placement>> {
  const numbers = [...new Set(followers.flatMap((one) => one.originalNumber ?? []))];
  if (numbers.length === 0) return new Map();
  const { rows } = await client.query<{
    connection_id: string;
    number: string;
    keys: string[];
    known: boolean;
  }>(
    `SELECT connection_id, number, array_agg(DISTINCT order_key)::text[] AS keys, bool_and(order_known) AS known
       FROM document WHERE entity_id = $1 AND side = 'erp' AND kind = 'sale' AND number = ANY($2)
      GROUP BY connection_id, number`,
    [entityId, numbers],
  );
  const places = new Map<string, Placement>();
  for (const row of rows) {
    const [orderKey, ...others] = row.keys;
    if (orderKey !== undefined && others.length === 0) {
      places.set(numberKey(row.connection_id, row.number), {
        orderKey,
        orderKnown: row.known,
        placedBy: null,
      });
    }
  }
  return places;
}
