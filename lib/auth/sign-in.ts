import type { Pool } from "pg";
import { appendAudit } from "@/lib/audit/record";
import { appPool, inTransaction } from "@/lib/db/pool";
import { verifyPassword } from "./password";

/** Wrong sign-ins in a row until the account rests. */
const ATTEMPTS = 5;
const REST_MINUTES = 15;

// The hash of a password nobody has: unknown users cost the same work as known ones.
const NOBODY = "scrypt$15$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

export type SignedIn = Readonly<{ id: string; name: string; email: string; tokenVersion: number }>;

type Attempt = Readonly<{
  id: string;
  name: string;
  email: string;
  password_hash: string;
  token_version: number;
}>;

/**
 * Who signs in with this e-mail and password, or null: unknown, wrong, disabled and locked look the same from outside.
 * The attempt is counted before the password is checked, so that many guesses at once do not share one count.
 */
export async function signInWith(
  email: string,
  password: string,
  { pool = appPool(), now = new Date() }: Readonly<{ pool?: Pool; now?: Date }> = {},
): Promise<SignedIn | null> {
  const attempt = await countAttempt(pool, email.trim().toLowerCase(), now);
  const right = await verifyPassword(password, attempt?.password_hash ?? NOBODY);
  if (!attempt) return null;
  await conclude(pool, attempt, right, now);
  if (!right) return null;
  return { id: attempt.id, name: attempt.name, email: attempt.email, tokenVersion: attempt.token_version };
}

async function countAttempt(pool: Pool, email: string, now: Date): Promise<Attempt | null> {
  const { rows } = await pool.query<Attempt>(
    `UPDATE "user" SET
       failed_sign_ins = CASE WHEN failed_sign_ins + 1 >= $3 THEN 0 ELSE failed_sign_ins + 1 END,
       locked_until = CASE WHEN failed_sign_ins + 1 >= $3 THEN $2::timestamptz + make_interval(mins => $4) END
     WHERE lower(email) = $1 AND disabled_at IS NULL AND (locked_until IS NULL OR locked_until <= $2)
     RETURNING id, name, email, password_hash, token_version`,
    [email, now, ATTEMPTS, REST_MINUTES],
  );
  return rows[0] ?? null;
}

/** Keeps the outcome, with its audit record: a right password clears the count. */
async function conclude(pool: Pool, user: Attempt, right: boolean, now: Date): Promise<void> {
  await inTransaction(pool, async (client) => {
    if (right) {
      await client.query(`UPDATE "user" SET failed_sign_ins = 0, locked_until = NULL WHERE id = $1`, [
        user.id,
      ]);
    }
    await appendAudit(client, {
      chain: "*",
      at: now,
      actor: { kind: "person", id: user.id, name: user.name },
      action: "sign-in",
      subject: user.id,
      outcome: right ? "done" : "refused",
      before: null,
      after: right ? null : { reason: "wrong password" },
    });
  });
}
