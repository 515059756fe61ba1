import type pg from "pg";
import { emptyTables } from "@/lib/db/testing";

/** Empties every table but the list of migrations. The sandbox's users stay: making their passwords takes most of a second. */
export async function emptied(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables
      WHERE schemaname = 'public' AND tablename NOT IN ('_prisma_migrations', 'user', 'grant')`,
  );
  await emptyTables(
    pool,
    rows.map(({ name }) => name),
  );
  await pool.query(`DELETE FROM "grant" USING "user" u WHERE u.id = user_id AND NOT u.demo`);
  await pool.query(`DELETE FROM "user" WHERE NOT demo`);
}
