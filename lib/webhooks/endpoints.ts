import { randomBytes } from "node:crypto";
import type pg from "pg";
import { Refusal } from "@/lib/domain/faults";
import { openSecret, sealSecret } from "@/lib/settings/secrets";
import { newScayleSecret, newStandardKey, OVERLAP_HOURS, ScayleSecrets, StandardSecrets } from "./secrets";

export type EndpointKind = "scayle" | "standard";

/** Where another system calls, and for which connection. */
export type Endpoint = Readonly<{
  id: string;
  kind: EndpointKind;
  connectionId: string;
  entityId: string;
  secret: Buffer;
  rotatedAt: Date;
}>;

const COLUMNS = `e.id, e.kind, e.connection_id AS "connectionId", e.entity_id AS "entityId", e.secret, e.rotated_at AS "rotatedAt"`;

type Queries = pg.Pool | pg.ClientBase;
type Lookups = { names: Set<string>; found: Promise<readonly Endpoint[]> };

/** The lookup that goes next, per database, while one is at work. */
const lookups = new WeakMap<Queries, { next: Lookups | null; atWork: Promise<unknown> }>();

/**
 * An endpoint in use, of a connection in use; null where there is none of that name. At peak, calls that come while one
 * lookup is at work share the next one: each still sees what holds after it came, so that a retired one is refused at once.
 */
export async function findEndpoint(pool: Queries, kind: EndpointKind, id: string): Promise<Endpoint | null> {
  const line = lookups.get(pool) ?? { next: null, atWork: Promise.resolve() };
  lookups.set(pool, line);
  if (!line.next) {
    const names = new Set<string>();
    const found = line.atWork.then(() => {
      line.next = null;
      const answer = readEndpoints(pool, [...names]);
      line.atWork = answer.catch(() => undefined);
      return answer;
    });
    line.next = { names, found };
  }
  line.next.names.add(id);
  const found = await line.next.found;
  return found.find((endpoint) => endpoint.id === id && endpoint.kind === kind) ?? null;
}

async function readEndpoints(pool: Queries, ids: readonly string[]): Promise<readonly Endpoint[]> {
  const { rows } = await pool.query<Endpoint>(
    `SELECT ${COLUMNS} FROM webhook_endpoint e JOIN connection c ON c.id = e.connection_id
      WHERE e.id = ANY ($1::text[]) AND e.retired_at IS NULL AND c.retired_at IS NULL`,
    [ids],
  );
  return rows;
}

/** The pairs of password and header that a SCAYLE subscription may call with: the newest, and for a day the one before. */
export function scayleSecretsOf(endpoint: Endpoint, now: Date) {
  const { now: newest, before } = ScayleSecrets.parse(openSecret(endpoint.id, endpoint.secret));
  return before !== null && isOverlapping(endpoint, now) ? [newest, before] : [newest];
}

/** The keys that a Standard Webhooks sender may sign with. */
export function standardKeysOf(endpoint: Endpoint, now: Date): readonly string[] {
  const { now: newest, before } = StandardSecrets.parse(openSecret(endpoint.id, endpoint.secret));
  return before !== null && isOverlapping(endpoint, now) ? [newest, before] : [newest];
}

const isOverlapping = ({ rotatedAt }: Endpoint, now: Date): boolean =>
  now.getTime() - rotatedAt.getTime() < OVERLAP_HOURS * 3_600_000;

/** What is shown once, when an endpoint is made or its secret changed. */
export type Shown = Readonly<{ id: string; kind: EndpointKind; secrets: Readonly<Record<string, string>> }>;

/**
 * Makes an endpoint for a connection, in the caller's transaction. What it answers is shown once and never again.
 *
 * @throws Refusal `not-found` for a connection that is not in use; `invalid` for a SCAYLE endpoint of another system
 */
export async function createEndpoint(
  client: pg.ClientBase,
  connectionId: string,
  kind: EndpointKind,
  by: Readonly<{ name: string; at: Date }>,
): Promise<Shown & Readonly<{ entityId: string }>> {
  const { rows } = await client.query<{ kind: string; entity_id: string }>(
    "SELECT kind, entity_id FROM connection WHERE id = $1 AND retired_at IS NULL",
    [connectionId],
  );
  const connection = rows[0];
  if (!connection) throw new Refusal("not-found", "There is no such connection in use.");
  if (kind === "scayle" && connection.kind !== "scayle")
    throw new Refusal("invalid", "Only a SCAYLE connection takes SCAYLE's webhooks; use --kind standard.");
  const id = `${kind === "scayle" ? "scayle" : "in"}-${randomBytes(6).toString("hex")}`;
  const { sealed, secrets } = kind === "scayle" ? scayleSecret(null) : standardSecret(null);
  await client.query(
    `INSERT INTO webhook_endpoint (id, kind, connection_id, entity_id, secret, rotated_at, created_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $6, $7)`,
    [id, kind, connectionId, connection.entity_id, sealSecret(id, sealed), by.at, by.name],
  );
  return {
    id,
    kind,
    entityId: connection.entity_id,
    secrets: { ...(kind === "scayle" && { user: id }), ...secrets },
  };
}

/** Gives an endpoint a new secret; the one before is taken for another day. Throws Refusal `not-found`. */
export async function rotateEndpoint(
  client: pg.ClientBase,
  id: string,
  at: Date,
): Promise<Shown & Readonly<{ entityId: string }>> {
  const endpoint = (await findEndpoint(client, "scayle", id)) ?? (await findEndpoint(client, "standard", id));
  if (!endpoint) throw new Refusal("not-found", `There is no webhook endpoint ${id} in use.`);
  const { sealed, secrets } = endpoint.kind === "scayle" ? scayleSecret(endpoint) : standardSecret(endpoint);
  await client.query("UPDATE webhook_endpoint SET secret = $2, rotated_at = $3 WHERE id = $1", [
    id,
    sealSecret(id, sealed),
    at,
  ]);
  const { kind, entityId } = endpoint;
  return { id, kind, entityId, secrets: { ...(kind === "scayle" && { user: id }), ...secrets } };
}

function scayleSecret(endpoint: Endpoint | null) {
  const now = newScayleSecret();
  const before = endpoint && ScayleSecrets.parse(openSecret(endpoint.id, endpoint.secret)).now;
  return { sealed: { now, before }, secrets: now };
}

function standardSecret(endpoint: Endpoint | null) {
  const now = newStandardKey();
  const before = endpoint && StandardSecrets.parse(openSecret(endpoint.id, endpoint.secret)).now;
  return { sealed: { now, before }, secrets: { key: now } };
}
