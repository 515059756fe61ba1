import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import type { Role } from "@/lib/auth/permissions";
import { addUser } from "@/lib/auth/users";
import { inTransaction, lockInTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { SANDBOX_CONFIRMED_BY as CONFIRMED_BY, SANDBOX_WHY } from "@/lib/domain/sandbox-words";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { type SandboxConnection, sandboxConnections } from "@/lib/sandbox/connections";
import { businessCentralCandidate, scayleCandidate } from "./connections";
import { connectionIdOf, writeConnection, writeEntity, writeOwnershipDefaults } from "./setup";

/** The one password of the demo users; they exist only while everything listens on this machine alone. */
const DEMO_PASSWORD = "tieout-demo";

const DEMO_USERS: readonly Readonly<{ mailbox: string; name: string; role: Role }>[] = [
  { mailbox: "preparer", name: "Petra Preparer", role: "finance-preparer" },
  { mailbox: "reviewer", name: "Rosa Reviewer", role: "finance-reviewer" },
  { mailbox: "reviewer2", name: "Ralf Reviewer", role: "finance-reviewer" },
  { mailbox: "operations", name: "Omar Operations", role: "operations" },
  { mailbox: "service", name: "Chris Service", role: "customer-service" },
  { mailbox: "auditor", name: "Ada Auditor", role: "auditor" },
  { mailbox: "admin", name: "Alex Admin", role: "administrator" },
];

export type SandboxStatus = Readonly<{
  /** its entities are in use */
  connected: boolean;
  /** addresses of demo users that can sign in */
  demoUsers: readonly string[];
  /** where the connections expect it; null when it is not connected */
  url: string | null;
}>;

/**
 * Connects the sandbox's entities at an address, with its mappings and policies confirmed as a controller would have,
 * and the demo users; at another address than before it updates the connections and reads on.
 *
 * @throws Refusal `conflict` where real entities exist
 */
export async function connectSandbox(
  url: string,
  context: Readonly<{ pool: pg.Pool; actor: AuditActor; at: Date }>,
): Promise<SandboxStatus> {
  const address = url.replace(/\/+$/, "");
  return inTransaction(context.pool, async (client) => {
    await lockInTransaction(client, "settings");
    const real = await client.query<{ id: string }>("SELECT id FROM entity WHERE NOT sandbox LIMIT 1");
    if (real.rows[0]) {
      throw new Refusal(
        "conflict",
        `There are real books here (${real.rows[0].id}): the sandbox is not mixed with them.`,
      );
    }
    for (const connection of sandboxConnections(address))
      await writeSandboxEntity(client, connection, context.at);
    await writeOwnershipDefaults(client);
    await addDemoUsers(client, context.at);
    await appendAudit(client, {
      chain: "*",
      at: context.at,
      actor: context.actor,
      action: "sandbox.connect",
      subject: "sandbox",
      outcome: "done",
      before: null,
      after: { url: address, reason: SANDBOX_WHY.connected },
    });
    return statusOf(client);
  });
}

/** Whether the sandbox is in use, at which address, and who can sign in to it. */
export const sandboxStatus = (pool: pg.Pool): Promise<SandboxStatus> => inTransaction(pool, statusOf);

async function statusOf(client: pg.ClientBase): Promise<SandboxStatus> {
  const { rows } = await client.query<{ base: string | null; users: string[] | null }>(
    `SELECT (SELECT min(c.settings ->> 'baseUrl') FROM connection c JOIN entity e ON e.id = c.entity_id
              WHERE e.sandbox AND e.retired_at IS NULL AND c.retired_at IS NULL) AS base,
            (SELECT array_agg(email ORDER BY email) FROM "user" WHERE demo AND disabled_at IS NULL) AS users`,
  );
  const base = rows[0]?.base ?? null;
  return {
    connected: base !== null,
    demoUsers: rows[0]?.users ?? [],
    url: base === null ? null : new URL(base).origin,
  };
}

const POLICIES = {
  "per-unit": { level: "unit", mode: "half-up", basis: "gross", first: "net" },
  "per-document-and-rate": { level: "document", mode: "half-up", basis: "gross", first: "tax" },
} as const satisfies Record<string, RoundingPolicy>;

async function writeSandboxEntity(
  client: pg.PoolClient,
  connection: SandboxConnection,
  at: Date,
): Promise<void> {
  const { code, ...entity } = connection.entity;
  await writeEntity(client, { code, ...entity, acceptProposals: false, sandbox: true }, at);
  const { scayle, businessCentral, rounding } = connection;
  const candidates = [
    scayleCandidate({
      baseUrl: scayle.baseUrl,
      accessToken: scayle.accessToken,
      companyId: String(scayle.companyId),
      shops: scayle.shops.map((shop) => ({ shop: `${shop.shopKey}/${shop.countryCode}`, name: shop.name })),
      write: scayle.write,
    }),
    businessCentralCandidate({ ...businessCentral, localCurrency: entity.currency }),
  ];
  for (const { setup } of candidates) {
    await writeConnection(client, code, setup, at);
    const policy = setup.side === "erp" ? POLICIES[rounding.erp.basis] : POLICIES[rounding.scayle.unit];
    await client.query(
      `UPDATE connection SET rounding = $2::jsonb, rounding_confirmed_at = $3, rounding_confirmed_by = $4
        WHERE id = $1 AND rounding_confirmed_at IS NULL`,
      [connectionIdOf(code, setup.kind, setup.name), toJson(policy), at, CONFIRMED_BY],
    );
  }
  await client.query(
    `INSERT INTO stock_policy (entity_id, warehouses, main_warehouse, moves_on, told_within_minutes, reason, set_at, set_by)
     VALUES ($1, $2, $3, 'order-confirmed', 15, $4, $5, $6) ON CONFLICT (entity_id) DO NOTHING`,
    [
      code,
      connection.stock.warehouses,
      connection.stock.main,
      "The sandbox's company keeps its goods in these warehouses.",
      at,
      CONFIRMED_BY,
    ],
  );
  await writeMappings(client, code, connection, at);
}

async function writeMappings(
  client: pg.PoolClient,
  entityId: string,
  { taxMappings, accounts }: SandboxConnection,
  at: Date,
): Promise<void> {
  for (const { shipTo, channel, rate, taxCode } of taxMappings) {
    await client.query(
      `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, treatment, tax_code, confirmed_at, confirmed_by)
       SELECT $1, $2, $3, $4, $5::numeric, CASE WHEN $5::numeric = 0 THEN 'zero' ELSE 'standard' END, $6, $7, $8
        WHERE NOT EXISTS (SELECT FROM tax_mapping WHERE entity_id = $2 AND ship_to = $3 AND channel = $4
                            AND rate = $5::numeric AND tax_code = $6)`,
      [
        idOf("tax-mapping", entityId, shipTo, channel, rate, taxCode),
        entityId,
        shipTo,
        channel,
        rate,
        taxCode,
        at,
        CONFIRMED_BY,
      ],
    );
  }
  for (const { number, lineKind } of accounts) {
    await client.query(
      `INSERT INTO item_mapping (id, entity_id, erp_kind, erp_item, line_kind, confirmed_at, confirmed_by)
       SELECT $1, $2, 'account', $3, $4, $5, $6
        WHERE NOT EXISTS (SELECT FROM item_mapping WHERE entity_id = $2 AND erp_kind = 'account' AND erp_item = $3)`,
      [idOf("item-mapping", entityId, "account", number, ""), entityId, number, lineKind, at, CONFIRMED_BY],
    );
  }
}

async function addDemoUsers(client: pg.PoolClient, at: Date): Promise<void> {
  const { rows } = await client.query<{ email: string }>(`SELECT email FROM "user" WHERE demo`);
  const known = new Set(rows.map((row) => row.email));
  for (const { mailbox, name, role } of DEMO_USERS) {
    const email = `${mailbox}@demo.tieout.example`;
    if (known.has(email)) continue;
    const password = DEMO_PASSWORD;
    await addUser(client, { email, name, role, entityId: null, password, demo: true, at });
  }
  await addDemoTeams(client);
}

/** Who is in the teams of the sandbox, and leads them: what is overdue has somebody to be escalated to. Teams that have people stay. */
async function addDemoTeams(client: pg.PoolClient): Promise<void> {
  await client.query(
    `WITH placed (team, mailbox, leads) AS (
       VALUES ('finance', 'preparer', false), ('finance', 'reviewer', true), ('operations', 'operations', false),
              ('operations', 'admin', true)),
     people AS (
       SELECT p.team, u.id, p.leads FROM placed p JOIN "user" u ON u.demo AND u.email = p.mailbox || '@demo.tieout.example'
        WHERE NOT EXISTS (SELECT FROM team_member m WHERE m.team_id = p.team)),
     members AS (INSERT INTO team_member (team_id, user_id) SELECT team, id FROM people)
     UPDATE team SET lead_id = people.id FROM people WHERE people.team = team.id AND people.leads AND team.lead_id IS NULL`,
  );
}
