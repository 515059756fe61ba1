import type pg from "pg";
import type { Actor } from "@/lib/auth/actor";
import { idOf } from "@/lib/domain/identity";

/** Makes an entity for a database test. */
export async function makeEntity(pool: pg.Pool, id: string): Promise<void> {
  await pool.query(
    "INSERT INTO entity (id, name, currency, time_zone) VALUES ($1, $1, 'EUR', 'Europe/Berlin')",
    [id],
  );
}

type Given = Readonly<{
  entityId: string;
  name: string;
  cause?: string;
  state?: string;
  gross?: bigint;
  period?: string;
  amounts?: readonly Readonly<{ period: string; gross: bigint }>[];
  team?: string;
  due?: string;
  shop?: string;
  channel?: string;
  /** what it was proved with */
  evidence?: object;
  /** its business date */
  day?: string;
  found?: string;
  currency?: string;
}>;

/** Makes an exception for a database test; gives its id back. */
export async function makeException(pool: pg.Pool, given: Given): Promise<string> {
  const { entityId, name, cause = "rounding", state = "new", gross = -1n, period = "2026-10" } = given;
  const id = idOf("exception", entityId, name);
  const amounts = (given.amounts ?? [{ period, gross }]).map((part) => ({
    period: part.period,
    net: "0",
    tax: part.gross.toString(),
    gross: part.gross.toString(),
  }));
  await pool.query(
    `INSERT INTO exception (order_key, id, subject_key, entity_id, cause, order_reference, document_kind, signature, state,
       bucket, severity, owner_team, due, currency, period, net, tax, gross, amounts, explanation, evidence, resolution,
       first_seen_at, last_seen_at, shop_id, business_day, channel)
     VALUES ($1, $2, $2, $3, $4, $5, 'sale', 's', $6, 'open', 'medium', $7, $8, $14, $9, 0, $10, $10, $11,
       'The ERP rounds once per invoice.', $17, 'Nothing to do.', $12, $12, $13, $15, $16)`,
    [
      idOf("order", entityId, name),
      id,
      entityId,
      cause,
      name,
      state,
      given.team ?? "finance",
      given.due ?? null,
      period,
      gross.toString(),
      JSON.stringify(amounts),
      given.found ?? "2026-11-01T00:00:00Z",
      given.shop ?? null,
      given.currency ?? "EUR",
      given.day ?? null,
      given.channel ?? null,
      JSON.stringify(given.evidence ?? {}),
    ],
  );
  await pool.query("SELECT count_exceptions(ARRAY[$1::uuid])", [idOf("order", entityId, name)]);
  return id;
}

/** Makes a user with one grant for a database test. */
export async function makeUser(
  pool: pg.Pool,
  role: Actor["grants"][number]["role"],
  entityId: string | null,
): Promise<Actor> {
  const id = idOf("user", role, entityId ?? "*");
  const email = `${role}-${entityId ?? "all"}@example.test`.toLowerCase();
  await pool.query(`INSERT INTO "user" (id, email, name, password_hash) VALUES ($1, $2, $3, '-')`, [
    id,
    email,
    role,
  ]);
  await pool.query(`INSERT INTO "grant" (id, user_id, role, entity_id) VALUES ($1, $1, $2, $3)`, [
    id,
    role,
    entityId,
  ]);
  return { id, email, name: role, grants: [{ role, entityId }], demo: false };
}
