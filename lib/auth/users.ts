import { randomInt, randomUUID } from "node:crypto";
import type pg from "pg";
import { z } from "zod";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { hashPassword } from "./password";
import type { Role } from "./permissions";

/** Fewest characters of a password that a person chooses. */
export const PASSWORD_MIN = 10;

export type NewUser = Readonly<{
  email: string;
  name: string | null;
  role: Role;
  /** null: all entities */
  entityId: string | null;
  password: string | null;
  demo: boolean;
  at: Date;
}>;

/** What `addUser` did. `password` is the one it made up, to be told once; null where one was given or is kept. */
export type AddedUser = Readonly<{
  id: string;
  email: string;
  role: Role;
  entityId: string | null;
  created: boolean;
  password: string | null;
}>;

/** An address as it is kept: trimmed, lower case. Throws Refusal "invalid" for what is none. */
export function emailOf(text: string): string {
  const parsed = z.email().max(254).safeParse(text.trim().toLowerCase());
  if (!parsed.success) throw new Refusal("invalid", `"${text}" is no e-mail address.`);
  return parsed.data;
}

/**
 * Adds a user with a role, or gives a user that there is one more role. Inside the caller's transaction.
 *
 * @throws Refusal `not-found` for an unknown entity, `conflict` when the user already has that role there, `invalid`
 * for a password that is too short
 */
export async function addUser(client: pg.ClientBase, user: NewUser): Promise<AddedUser> {
  const email = emailOf(user.email);
  if (user.password !== null && user.password.length < PASSWORD_MIN) {
    throw new Refusal("invalid", `A password has at least ${PASSWORD_MIN} characters.`);
  }
  await requireEntity(client, user.entityId);
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM "user" WHERE email = $1`, [email]);
  const known = rows[0]?.id;
  const { role, entityId } = user;
  if (known !== undefined) {
    await addGrant(client, known, email, role, entityId);
    if (user.password !== null) await setPassword(client, known, user.password);
    return { id: known, email, role, entityId, created: false, password: null };
  }
  const generated = user.password === null ? makePassword() : null;
  const id = randomUUID();
  await client.query(
    `INSERT INTO "user" (id, email, name, password_hash, demo, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      id,
      email,
      user.name ?? nameOf(email),
      await hashPassword(user.password ?? generated ?? ""),
      user.demo,
      user.at,
    ],
  );
  await addGrant(client, id, email, role, entityId);
  return { id, email, role, entityId, created: true, password: generated };
}

async function requireEntity(client: pg.ClientBase, entityId: string | null): Promise<void> {
  if (entityId === null) return;
  const { rows } = await client.query("SELECT FROM entity WHERE id = $1 AND retired_at IS NULL", [entityId]);
  if (rows.length === 0) throw new Refusal("not-found", `There is no entity ${entityId}.`);
}

async function addGrant(
  client: pg.ClientBase,
  userId: string,
  email: string,
  role: Role,
  entityId: string | null,
): Promise<void> {
  const { rowCount } = await client.query(
    `INSERT INTO "grant" (id, user_id, role, entity_id) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
    [idOf("grant", userId, role, entityId ?? "*"), userId, role, entityId],
  );
  if (rowCount === 0) {
    throw new Refusal("conflict", `${email} is already ${role} of ${entityId ?? "all entities"}.`);
  }
}

/** A new password ends every session that was opened with the old one, and a lock. */
async function setPassword(client: pg.ClientBase, userId: string, password: string): Promise<void> {
  await client.query(
    `UPDATE "user" SET password_hash = $2, token_version = token_version + 1, failed_sign_ins = 0, locked_until = NULL
      WHERE id = $1`,
    [userId, await hashPassword(password)],
  );
}

/** "ada.lovelace@example.com" → "Ada Lovelace" */
const nameOf = (email: string): string =>
  (email.split("@")[0] ?? email)
    .split(/[._+-]+/)
    .filter((part) => part !== "")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(" ");

// Without letters and digits that are mistaken for one another.
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** Twenty characters in groups of five: 100 bits. */
const makePassword = (): string =>
  Array.from({ length: 4 }, () =>
    Array.from({ length: 5 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join(""),
  ).join("-");
