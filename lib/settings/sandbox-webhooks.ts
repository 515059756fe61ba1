import type pg from "pg";
import { z } from "zod";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction, lockInTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { createEndpoint, type Endpoint, findEndpoint, scayleSecretsOf } from "@/lib/webhooks/endpoints";
import { SUBSCRIBED_EVENTS } from "@/lib/webhooks/events";
import { SECRET_HEADER } from "@/lib/webhooks/secrets";
import { openSecret } from "./secrets";

type Connection = Readonly<{
  id: string;
  secret: Buffer;
  baseUrl: string;
  endpoint: string | null;
  shops: readonly string[];
}>;

type Context = Readonly<{ pool: pg.Pool; actor: AuditActor; actorName: string; at: Date }>;

/** The sandbox calls its producer of webhooks by this name; what SCAYLE calls the one for orders is not known. */
const PRODUCER = "sandbox";

/**
 * Has the sandbox's SCAYLE tell this console what happens: an endpoint per connection, made the first time (its secrets
 * are sealed in the database and shown to nobody but the sandbox), and a subscription per event and shop at each call,
 * since the sandbox forgets them with its process. `console` is this console's own address.
 *
 * @returns the names of the endpoints
 * @throws Refusal `not-found` where no sandbox is in use; `unavailable` where it doesn't answer as it should
 */
export async function subscribeToSandbox(
  console: string,
  context: Context,
): Promise<Readonly<{ endpoints: readonly string[]; subscriptions: number }>> {
  const connections = await sandboxConnectionsOf(context.pool);
  if (connections.length === 0) throw new Refusal("not-found", "The sandbox is not in use.");
  const url = `${console.replace(/\/+$/, "")}/api/webhooks/scayle`;
  const endpoints: string[] = [];
  let subscriptions = 0;
  for (const connection of connections) {
    const endpoint = await endpointOf(connection, context);
    endpoints.push(endpoint.id);
    const [secret] = scayleSecretsOf(endpoint, context.at);
    if (!secret) continue;
    for (const shop of connection.shops) {
      const { id: shopCountryId } = ShopCountry.parse(await ask(connection, "GET", shopPath(shop)));
      for (const eventName of SUBSCRIBED_EVENTS) {
        await ask(connection, "POST", `/webhooks/producers/${PRODUCER}/subscriptions`, {
          eventName,
          url,
          target: { shopCountryId },
          enabled: true,
          auth: { username: endpoint.id, password: secret.password },
          customHeaders: { [SECRET_HEADER]: secret.header },
          externalId: `${endpoint.id}/${shop}/${eventName}`,
        });
        subscriptions += 1;
      }
    }
  }
  return { endpoints, subscriptions };
}

/** What the sandbox can be told to let happen. */
export const SANDBOX_HAPPENINGS = [
  "order",
  "ship",
  "cancel",
  "return",
  "mend",
  "post-again",
  "basket",
  "stock",
] as const;

/** What is wished for from the sandbox. */
export type SandboxWish = Readonly<{
  what: string;
  count?: number | undefined;
  shop?: string | undefined;
  order?: string | undefined;
  sku?: string | undefined;
  warehouse?: string | undefined;
  quantity?: number | undefined;
  side?: "erp" | "scayle" | undefined;
  stampedAhead?: number | undefined;
}>;

const Outcome = z.object({
  happened: z.number(),
  orders: z.array(z.string()),
  deliveries: z.array(
    z.object({ event: z.string(), order: z.string().nullable(), status: z.number(), tries: z.number() }),
  ),
});
export type SandboxOutcome = z.infer<typeof Outcome>;

/**
 * Lets something happen in the sandbox, and answers what it told whom.
 *
 * @throws Refusal `not-found` where no sandbox is in use; `invalid` in its own words for what can't happen
 */
export async function letHappen(wish: SandboxWish, { pool }: Pick<Context, "pool">): Promise<SandboxOutcome> {
  return Outcome.parse(await askSandbox(pool, "POST", "/sandbox/happenings", wish));
}

/**
 * Asks the sandbox itself, beside the systems that it plays.
 *
 * @throws Refusal `not-found` where no sandbox is in use; `invalid` in its own words for what can't be
 */
export async function askSandbox(
  pool: pg.Pool,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<unknown> {
  const [connection] = await sandboxConnectionsOf(pool);
  if (!connection) throw new Refusal("not-found", "The sandbox is not in use.");
  const base = new URL(connection.baseUrl).origin;
  return ask({ ...connection, baseUrl: base }, method, path, body);
}

async function sandboxConnectionsOf(pool: pg.Pool): Promise<readonly Connection[]> {
  const { rows } = await pool.query<Connection>(
    `SELECT c.id, c.secret, c.settings ->> 'baseUrl' AS "baseUrl",
            (SELECT w.id FROM webhook_endpoint w WHERE w.connection_id = c.id AND w.kind = 'scayle' AND w.retired_at IS NULL
              ORDER BY w.created_at, w.id LIMIT 1) AS endpoint,
            ARRAY(SELECT s.shop_key || '/' || s.country_code FROM shop s WHERE s.connection_id = c.id ORDER BY 1) AS shops
       FROM connection c JOIN entity e ON e.id = c.entity_id
      WHERE e.sandbox AND e.retired_at IS NULL AND c.retired_at IS NULL AND c.kind = 'scayle' AND c.secret IS NOT NULL
      ORDER BY c.entity_id, c.id`,
  );
  return rows;
}

async function endpointOf({ id, endpoint }: Connection, context: Context): Promise<Endpoint> {
  const found = endpoint === null ? null : await findEndpoint(context.pool, "scayle", endpoint);
  if (found) return found;
  const made = await inTransaction(context.pool, async (client) => {
    await lockInTransaction(client, "settings");
    const by = { name: context.actorName, at: context.at };
    const { id: name, entityId } = await createEndpoint(client, id, "scayle", by);
    await appendAudit(client, {
      chain: entityId,
      at: context.at,
      actor: context.actor,
      action: "webhook.endpoint.create",
      subject: `webhook:${name}`,
      outcome: "done",
      before: null,
      after: { kind: "scayle" },
    });
    return findEndpoint(client, "scayle", name);
  });
  if (!made) throw new Refusal("conflict", "The connection was retired meanwhile.");
  return made;
}

const Token = z.object({ accessToken: z.string() });
const ShopCountry = z.looseObject({ id: z.number() });
const ErrorBody = z.object({
  error: z.object({ message: z.string() }).optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

const ANSWER_MILLISECONDS = 60_000;

const shopPath = (shop: string): string => {
  const [key = "", country = ""] = shop.split("/");
  return `/shops/${encodeURIComponent(key)}/countries/${encodeURIComponent(country)}`;
};

async function ask(
  { id, secret, baseUrl }: Connection,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { accessToken } = Token.parse(openSecret(id, secret));
  const init: RequestInit = {
    method,
    headers: { "x-access-token": accessToken, "content-type": "application/json" },
    signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const response = await fetch(`${baseUrl}${path}`, init).catch((error: unknown) => {
    throw Object.assign(new Refusal("unavailable", `The sandbox does not answer at ${baseUrl}.`), {
      cause: error,
    });
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { error, errors } = ErrorBody.safeParse(answer).data ?? {};
  const words = error?.message ?? errors?.[0]?.message ?? `It answered ${response.status}.`;
  throw new Refusal(response.status < 500 ? "invalid" : "unavailable", `The sandbox: ${words}`);
}
