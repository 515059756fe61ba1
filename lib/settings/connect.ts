import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import type { Io } from "@/lib/connectors/contract";
import { inTransaction, lockInTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import type { Candidate } from "./connections";
import { retireSandbox } from "./retire-sandbox";
import {
  checkEntity,
  connectionIdOf,
  type EntitySetup,
  restartFeeds,
  writeConnection,
  writeEntity,
  writeOwnershipDefaults,
} from "./setup";

export type ConnectContext = Readonly<{ pool: pg.Pool; io: Io; actor: AuditActor; at: Date }>;

/** What was connected, in words a person can check. */
export type Connected = Readonly<{
  entity: string;
  created: boolean;
  connections: readonly string[];
  sees: readonly string[];
  problems: readonly string[];
  retiredSandbox: boolean;
}>;

/**
 * Makes or updates an entity and its connections, after each of them has answered; retires the sandbox. All in one
 * transaction: where a connection can't be used, nothing is kept.
 *
 * @throws Refusal `invalid` for settings that can't be, `unavailable` saying which connection fails and why, `conflict`
 */
export async function connectEntity(
  setup: EntitySetup,
  candidates: readonly Candidate[],
  context: ConnectContext,
): Promise<Connected> {
  checkEntity(setup);
  const { sees, problems } = await testAll(candidates, context.io);
  return inTransaction(context.pool, async (client) => {
    await lockInTransaction(client, "settings");
    const { rows } = await client.query<{ sandbox: boolean }>("SELECT sandbox FROM entity WHERE id = $1", [
      setup.code,
    ]);
    if (rows[0]?.sandbox) {
      throw new Refusal(
        "conflict",
        `${setup.code} is the code of a sandbox entity; its books are not yours. Choose another one.`,
      );
    }
    const retired = await retireSandbox(client, context.at);
    await writeEntity(client, setup, context.at);
    for (const { setup: connection } of candidates) {
      const moved = await pointsElsewhere(client, setup.code, connection);
      const id = await writeConnection(client, setup.code, connection, context.at);
      if (moved) await restartFeeds(client, id);
    }
    await writeOwnershipDefaults(client);
    const created = rows.length === 0;
    const connections = candidates.map((candidate) => candidate.setup.name);
    await appendAudit(client, {
      chain: setup.code,
      at: context.at,
      actor: context.actor,
      action: created ? "entity.connect" : "entity.connect-again",
      subject: `entity:${setup.code}`,
      outcome: "done",
      before: null,
      after: {
        ...setup,
        connections: candidates.map(({ setup: { kind, settings } }) => ({ kind, settings })),
        retiredSandbox: retired,
      },
    });
    return { entity: setup.code, created, connections, sees, problems, retiredSandbox: retired };
  });
}

async function testAll(
  candidates: readonly Candidate[],
  io: Io,
): Promise<Readonly<{ sees: readonly string[]; problems: readonly string[] }>> {
  const sees: string[] = [];
  const problems: string[] = [];
  const broken: string[] = [];
  for (const candidate of candidates) {
    const sight = await candidate.test(io);
    sees.push(...sight.sees);
    problems.push(...sight.problems);
    if (!sight.ok) broken.push(candidate.setup.name);
  }
  if (broken.length > 0) {
    throw new Refusal(
      "unavailable",
      `${broken.join(" and ")} can't be used, and nothing was changed. ${problems.join(" ")}`,
    );
  }
  return { sees, problems };
}

/** Whether a connection that we hold pointed at another address or company: what was read so far says nothing then. */
async function pointsElsewhere(
  client: pg.ClientBase,
  entityId: string,
  setup: Candidate["setup"],
): Promise<boolean> {
  const { rows } = await client.query<{ settings: Record<string, unknown> }>(
    "SELECT settings FROM connection WHERE id = $1",
    [connectionIdOf(entityId, setup.kind, setup.name)],
  );
  const before = rows[0]?.settings;
  if (!before) return false;
  return ["baseUrl", "database", "companyId"].some(
    (name) => toJson(before[name]) !== toJson(setup.settings[name]),
  );
}
