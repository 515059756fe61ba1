import type pg from "pg";

/** Empties every table but the list of migrations. */
export async function emptied(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`,
  );
  await pool.query(`TRUNCATE ${rows.map((row) => row.name).join(", ")} CASCADE`);
}
