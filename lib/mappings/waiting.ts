import "server-only";
import { type Actor, may } from "@/lib/auth/actor";
import { appPool } from "@/lib/db/pool";
import { MappingChange } from "./schema";

/** How many requests to change mappings a person can decide now, per entity that has any: none that they made or edited last. */
export async function countWaitingFor(
  actor: Actor,
  entityIds: readonly string[],
): Promise<readonly Readonly<{ entityId: string; count: number }>[]> {
  const alone = entityIds.filter((id) => may(actor, "settings.write", id));
  const approving = entityIds.filter((id) => may(actor, "mappings.approve", id));
  const { rows } = await appPool().query<{ entityId: string; count: number }>(
    `SELECT r.entity_id AS "entityId", count(*)::int AS count FROM mapping_request r JOIN entity n ON n.id = r.entity_id
      WHERE r.state = 'asked' AND (
        (NOT n.second_person AND r.entity_id = ANY ($1))
        OR (r.entity_id = ANY ($2) AND r.made_by_id <> $3 AND r.edited_by_id IS DISTINCT FROM $3))
      GROUP BY 1 ORDER BY 1`,
    [alone, approving, actor.id],
  );
  return rows;
}

/** A request of a person's own, with what became of it. */
export type OwnRequest = Readonly<{
  id: string;
  state: "asked" | "made" | "rejected" | "withdrawn";
  /** the first of its rows, and how many it has */
  first: MappingChange;
  rows: number;
  madeAt: Date;
  decidedAt: Date | null;
  decidedBy: string | null;
  decidedWhy: string | null;
}>;

const OWN_MOST = 5;

/** What a person asked for that waits, or that somebody else decided since a moment; the newest first, five at most. */
export async function findOwnRequests(
  entityId: string,
  actorId: string,
  since: Date,
): Promise<readonly OwnRequest[]> {
  const { rows } = await appPool().query<OwnRequest & { first: unknown }>(
    `SELECT id, state, changes -> 0 AS first, jsonb_array_length(changes) AS rows, made_at AS "madeAt", decided_at AS "decidedAt",
            decided_by AS "decidedBy", decided_why AS "decidedWhy" FROM mapping_request
      WHERE entity_id = $1 AND made_by_id = $2
        AND (state = 'asked' OR (decided_at >= $3 AND decided_by_id IS DISTINCT FROM $2))
      ORDER BY coalesce(decided_at, made_at) DESC, id LIMIT ${OWN_MOST}`,
    [entityId, actorId, since],
  );
  return rows.map((row) => ({ ...row, first: MappingChange.parse(row.first) }));
}
