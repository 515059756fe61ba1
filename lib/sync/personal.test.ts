import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "./run";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const clock = Date.parse("2026-11-15T09:00:00Z");
const now = (): Date => new Date(clock);
let database: TestDatabase;
let sandbox: Sandbox;
const world = makeWorld({ seed: 3, orders: 300, anchor: "2026-10", faults: "planted" });

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await startSandbox({ world, now: () => clock, port: 0 });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "command-line", id: "test", name: "test" },
    at: now(),
  });
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

/** Where personal data is meant to be: apart, and erased with the customer. */
const APART = ["customer_data", "customer_term", "customer_word", "order_term"];

it("keeps personal data apart from everything else, and out of what is logged", async () => {
  const said: string[] = [];
  const { stderr, stdout } = process;
  const writes = [stderr.write.bind(stderr), stdout.write.bind(stdout)] as const;
  const listen = ((chunk: unknown) => said.push(String(chunk)) > 0) as typeof stderr.write;
  stderr.write = listen;
  stdout.write = listen;
  try {
    await runSync({}, { actorName: "test", now, pool: database.ownerPool });
    await runReconciliation(
      {},
      { pool: database.ownerPool, now, signal: new AbortController().signal, actorName: "test" },
    );
  } finally {
    stderr.write = writes[0];
    stdout.write = writes[1];
  }
  const people = world.affairs.map(({ order }) => order.customer);
  const secrets = [
    ...new Set(people.flatMap((one) => [one.email, one.phone, `${one.firstName} ${one.lastName}`])),
  ];
  const { rows: tables } = await database.ownerPool.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1",
  );
  const kept = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await database.ownerPool.query<{ text: string | null }>(
      `SELECT string_agg(t::text, E'\\n') AS text FROM "${name}" t`,
    );
    kept.set(name, rows[0]?.text ?? "");
  }
  const told = (text: string): readonly string[] => secrets.filter((secret) => text.includes(secret));

  // They are there, and found by: this test would say nothing about an empty database.
  expect(told(kept.get("customer_data") ?? "").length).toBeGreaterThan(100);
  expect(kept.get("failed_record")).not.toBe("");
  for (const [name, text] of kept) if (!APART.includes(name)) expect(told(text), name).toEqual([]);
  expect(told(said.join("")), "what was logged").toEqual([]);
});
