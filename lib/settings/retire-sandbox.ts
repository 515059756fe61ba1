import type pg from "pg";

/**
 * Takes the sandbox out of use: its entities and connections are retired (their books stay, in nobody's totals) and
 * its demo users can't sign in any more; sessions that they have end. Returns whether there was one in use.
 */
export async function retireSandbox(client: pg.ClientBase, at: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    "UPDATE entity SET retired_at = $1 WHERE sandbox AND retired_at IS NULL",
    [at],
  );
  await client.query(
    `UPDATE connection SET retired_at = $1, secret = NULL
      WHERE retired_at IS NULL AND entity_id IN (SELECT id FROM entity WHERE sandbox)`,
    [at],
  );
  await client.query(
    `UPDATE "user" SET disabled_at = $1, token_version = token_version + 1 WHERE demo AND disabled_at IS NULL`,
    [at],
  );
  return (rowCount ?? 0) > 0;
}
