import type pg from "pg";
import { createPool, inTransaction } from "@/lib/db/pool";
import { emptyTables, type TestDatabase } from "@/lib/db/testing";
import { makeRandom } from "@/lib/sandbox/random";
import { connectSandbox } from "@/lib/settings/sandbox";
import { createEndpoint } from "@/lib/webhooks/endpoints";
import { makeClock } from "./clock";
import { makeFiles } from "./files";
import { ORIGIN } from "./network";
import { ENTITY } from "./source";

/** What all seeds share: one database with the sandbox's connections, and a webhook endpoint of SCAYLE's. */
export type Rig = Readonly<{
  /** the product's connections */
  real: pg.Pool;
  /** for looking at what came of it, and for cutting connections */
  admin: pg.Pool;
  connectionId: string;
  endpoint: Readonly<Record<string, string>>;
  /** empties the books and forgets how far each feed came */
  reset(): Promise<void>;
  close(): Promise<void>;
}>;

const KEPT = [
  "_prisma_migrations",
  "entity",
  "connection",
  "shop",
  "tax_mapping",
  "item_mapping",
  "ownership_rule",
  "team",
  "team_member",
  "due_rule",
  "calendar_day",
  "acceptance_limit",
  "feed",
  "user",
  "grant",
  "webhook_endpoint",
];
/** Tables whose rows a seed changes and the next one finds as they were. */
const RESTORED = ["feed", "entity", "connection"];

export async function makeRig(database: TestDatabase): Promise<Rig> {
  const admin = createPool(database.ownerUrl, 3);
  // What is worth it for books of millions is not for books of ten.
  const name = new URL(database.ownerUrl).pathname.slice(1);
  for (const setting of ["synchronous_commit = off", "jit = off"])
    await admin.query(`ALTER DATABASE ${name} SET ${setting}`);
  const at = new Date("2026-10-01T00:00:00Z");
  await connectSandbox(ORIGIN, {
    pool: admin,
    actor: { kind: "command-line", id: "simulation", name: "simulation" },
    at,
  });
  const { rows } = await admin.query<{ id: string }>(
    "SELECT id FROM connection WHERE entity_id = $1 AND side = 'scayle'",
    [ENTITY],
  );
  const connectionId = rows[0]?.id ?? "";
  // Years without a rotation: the endpoint's secrets are those of all seeds.
  const { secrets } = await inTransaction(admin, (client) =>
    createEndpoint(client, connectionId, "scayle", { name: "simulation", at }),
  );
  // The connections that files come by are those of all seeds too; what is in the file is not.
  await makeFiles(makeRandom(0, "files")).importAll(admin, makeClock(at.getTime()));
  await admin.query("CREATE SCHEMA as_it_was");
  for (const table of [...RESTORED, "tax_mapping", "item_mapping"])
    await admin.query(`CREATE TABLE as_it_was.${table} AS TABLE public.${table}`);
  const reset = await makeReset(admin);
  const real = createPool(database.ownerUrl, 6);
  return {
    real,
    admin,
    connectionId,
    endpoint: secrets,
    reset,
    close: async () => {
      await real.end();
      await admin.end();
    },
  };
}

async function makeReset(admin: pg.Pool): Promise<() => Promise<void>> {
  const { rows: tables } = await admin.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY($1)",
    [KEPT],
  );
  const { rows: columns } = await admin.query<{ table: string; name: string }>(
    `SELECT table_name AS table, quote_ident(column_name) AS name FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name = ANY($1) AND column_name <> 'id'`,
    [RESTORED],
  );
  const restored = RESTORED.map((table) => {
    const mine = columns.filter((one) => one.table === table).map(({ name }) => `${name} = w.${name}`);
    return `UPDATE public.${table} SET ${mine.join(", ")} FROM as_it_was.${table} w WHERE ${table}.id = w.id`;
  });
  const proposed = ["tax_mapping", "item_mapping"].map(
    (table) => `DELETE FROM public.${table} WHERE id NOT IN (SELECT id FROM as_it_was.${table})`,
  );
  const statements = [
    ...restored,
    ...proposed,
    "DELETE FROM graphile_worker._private_jobs",
    "DELETE FROM graphile_worker._private_job_queues",
  ];
  return async () => {
    await emptyTables(
      admin,
      tables.map((one) => one.name),
    );
    await admin.query(statements.join(";\n"));
  };
}
