import type { ClientBase } from "pg";
import { type KnownPlaces, shopPlace } from "./table-file";

/** All teams, entities and shops, for a file whose rows name them. */
export async function findPlaces(client: ClientBase): Promise<KnownPlaces> {
  const { rows } = await client.query<{
    teams: readonly string[];
    entities: readonly string[];
    shops: readonly Readonly<{ id: string; entityId: string }>[];
  }>(
    `SELECT ARRAY(SELECT id FROM team) AS teams, ARRAY(SELECT id FROM entity) AS entities,
            (SELECT coalesce(json_agg(json_build_object('id', id, 'entityId', entity_id)), '[]') FROM shop) AS shops`,
  );
  const [{ teams, entities, shops } = { teams: [], entities: [], shops: [] }] = rows;
  return {
    teams: new Set(teams),
    entities: new Set(entities),
    shops: new Set(shops.map(({ entityId, id }) => shopPlace(entityId, id))),
  };
}
