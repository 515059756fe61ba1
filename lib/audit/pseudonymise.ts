import type pg from "pg";
import { lockInTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { hashOf } from "@/lib/domain/identity";

/** What was done to take a person's name out. */
export type Pseudonymised = Readonly<{ pseudonym: string; events: number; moments: number; kept: number }>;

/**
 * Takes a person's name and address out of the users, the trail and the histories of exceptions: what they did stays, under a
 * pseudonym, and every chain still verifies. They can't sign in any more. Names in texts that people wrote, and in what was
 * signed and locked, stay: those are evidence. Events of before names were sealed keep theirs, and are counted.
 *
 * With the owner's rights, inside the caller's transaction. Throws Refusal `not-found`; `conflict` where it was done before.
 */
export async function pseudonymise(client: pg.PoolClient, email: string, at: Date): Promise<Pseudonymised> {
  const { rows } = await client.query<{ id: string; disabled: boolean }>(
    `SELECT id::text AS id, disabled_at IS NOT NULL AS disabled FROM "user" WHERE lower(email) = lower($1) FOR UPDATE`,
    [email],
  );
  const [user] = rows;
  if (!user) throw new Refusal("not-found", `There is no user ${email}.`);
  const pseudonym = `Person ${hashOf(`pseudonym ${user.id}`).slice(0, 8)}`;
  // Nobody appends meanwhile under the old name: appends to a chain wait for its lock, and seal with the salt.
  const { rows: chains } = await client.query<{ chain: string }>(
    "SELECT DISTINCT chain FROM audit_event WHERE actor_id = $1 ORDER BY 1",
    [user.id],
  );
  for (const { chain } of chains) await lockInTransaction(client, `audit:${chain}`);
  const { rowCount: gone } = await client.query(
    "SELECT FROM audit_actor WHERE actor_id = $1 AND pseudonym IS NOT NULL",
    [user.id],
  );
  if (gone) throw new Refusal("conflict", "Their name was taken out before.");
  await client.query(
    `INSERT INTO audit_actor (actor_id, pseudonym, pseudonymised_at) VALUES ($1, $2, $3)
     ON CONFLICT (actor_id) DO UPDATE SET salt = NULL, pseudonym = excluded.pseudonym, pseudonymised_at = excluded.pseudonymised_at`,
    [user.id, pseudonym, at],
  );
  const { rowCount: events } = await client.query(
    "UPDATE audit_event SET actor_name = $2 WHERE actor_id = $1 AND name_seal IS NOT NULL",
    [user.id, pseudonym],
  );
  const { rows: old } = await client.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM audit_event WHERE actor_id = $1 AND name_seal IS NULL",
    [user.id],
  );
  const { rowCount: moments } = await client.query(
    "UPDATE exception_event SET actor_name = $2 WHERE actor_id = $1",
    [user.id, pseudonym],
  );
  await client.query(
    `UPDATE "user" SET name = $2, email = $3, password_hash = '-', disabled_at = coalesce(disabled_at, $4),
       token_version = token_version + 1 WHERE id::text = $1`,
    [user.id, pseudonym, `${pseudonym.replace(" ", "-").toLowerCase()}@removed.invalid`, at],
  );
  return { pseudonym, events: events ?? 0, moments: moments ?? 0, kept: old[0]?.count ?? 0 };
}
