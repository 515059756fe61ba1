import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import { countRootCauses } from "@/lib/matching/root-causes";

/** Counts every root cause of an entity, as a run does after it. */
export async function countAll(pool: pg.Pool, entityId: string, at: Date): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      "SELECT DISTINCT root_cause_id AS id FROM exception WHERE entity_id = $1",
      [entityId],
    );
    await countRootCauses(
      client,
      entityId,
      rows.map((row) => row.id),
      at,
    );
  });
}

/** Puts a user into a team. */
export const join = (pool: pg.Pool, teamId: string, userId: string): Promise<unknown> =>
  pool.query("INSERT INTO team_member (team_id, user_id) VALUES ($1, $2)", [teamId, userId]);

/** The open alerts of an entity, by kind and subject. */
export async function openAlerts(pool: pg.Pool, entityId: string) {
  const { rows } = await pool.query<{
    id: string;
    kind: string;
    subject: string;
    title: string;
    body: string;
    owner_team: string;
    first_action: string;
    href: string;
  }>(
    "SELECT id, kind, subject, title, body, owner_team, first_action, href FROM alert WHERE entity_id = $1 AND closed_at IS NULL ORDER BY kind, subject",
    [entityId],
  );
  return rows;
}
