import type pg from "pg";
import { Refusal } from "@/lib/domain/faults";

/** The codes of the entities in use, or the one asked for. Throws Refusal "not-found" where it is none of them. */
export async function liveEntities(pool: pg.Pool, entityId: string | undefined): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    "SELECT id FROM entity WHERE retired_at IS NULL AND ($1::text IS NULL OR id = $1) ORDER BY id",
    [entityId ?? null],
  );
  if (entityId !== undefined && rows.length === 0) {
    throw new Refusal("not-found", `There is no entity ${entityId} in use.`);
  }
  return rows.map((row) => row.id);
}
