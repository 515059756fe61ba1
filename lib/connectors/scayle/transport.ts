import { createRoot } from "../base-url";
import type { Io, SalesChannel } from "../contract";
import { faultOf, unexpectedAnswer } from "../fault";
import type { HttpAnswer } from "../http";
import type { ScayleSecret, ScayleSettings } from "./settings";
import { channelWire, collectionWire, type ShopPath, WIRE } from "./wire";

export type Query = Readonly<Record<string, string>>;
export type ScayleGet = (
  path: string,
  query: Query,
  scope: string,
  attemptsMax?: number,
) => Promise<HttpAnswer>;
export type EntityPage = Readonly<{
  entities: readonly unknown[];
  answer: HttpAnswer;
  last: boolean;
  /** the cursor of the next page */
  next: string | null;
}>;

/** "nl/nl" as the two parts of SCAYLE's paths. */
export function shopPathOf(shop: string): ShopPath {
  const [shopKey = "", countryCode = ""] = shop.split("/");
  return { shopKey, countryCode };
}

/** The channels of the company; none where the token may not read them or the tenant has no such path. */
export async function channelsOf(get: ScayleGet, settings: ScayleSettings): Promise<readonly SalesChannel[]> {
  const path = WIRE.paths.channels(settings.companyId);
  const entities = await allOf(get, path, WIRE.scopes.other).catch((error: unknown) => {
    if ([403, 404].includes(faultOf(error)?.status ?? 0)) return [];
    throw error;
  });
  return entities.flatMap((entity) => {
    const parsed = channelWire.safeParse(entity);
    if (!parsed.success) return [];
    const { key, name, type, configs } = parsed.data;
    return [{ key, name: name ?? key, type: type ?? "", invoicesEnabled: configs?.invoicesEnabled ?? null }];
  });
}

/** Sends one change, once. `path` starts below the API's root. */
export type ScayleSend = (
  request: Readonly<{ method: "POST" | "PUT"; path: string; body: unknown; key: string; scope?: string }>,
) => Promise<HttpAnswer>;

/** Signed requests to one tenant. */
export function createCalls(
  settings: ScayleSettings,
  secret: ScayleSecret,
  io: Io,
): Readonly<{ get: ScayleGet; send: ScayleSend }> {
  const at = (url: string, query: Query, scope: string, attemptsMax?: number): Promise<HttpAnswer> =>
    io.http.send({
      url: Object.keys(query).length === 0 ? url : `${url}?${new URLSearchParams(query)}`,
      headers: { [WIRE.tokenHeader]: secret.accessToken },
      scope,
      signal: io.signal,
      ...(attemptsMax === undefined ? {} : { attemptsMax }),
    });
  const [shop] = settings.shops;
  const probe = shop === undefined ? "" : WIRE.paths.orders(shopPathOf(shop));
  const isWhole = /\/api\/admin\/v\d+$/.test(settings.baseUrl);
  const root = createRoot(
    isWhole || probe === ""
      ? [isWhole ? settings.baseUrl : `${settings.baseUrl}${WIRE.apiPath}`]
      : [`${settings.baseUrl}${WIRE.apiPath}`, settings.baseUrl],
    (candidate) => at(`${candidate}${probe}`, { limit: "1" }, WIRE.scopes.orders, 2),
  );
  return {
    get: async (path, query, scope, attemptsMax) => at(`${await root()}${path}`, query, scope, attemptsMax),
    send: async ({ method, path, body, key, scope = WIRE.scopes.writes }) =>
      io.http.send({
        url: `${await root()}${path}`,
        method,
        headers: {
          [WIRE.tokenHeader]: secret.accessToken,
          "content-type": "application/json",
          [WIRE.keyHeader]: key,
        },
        body: JSON.stringify(body),
        scope,
        signal: io.signal,
        once: true,
      }),
  };
}

/** Page after page by cursor (from `after` on), until it is null, absent or empty. A cursor that comes back would never end: it is refused. */
export async function* pagesOf(
  get: ScayleGet,
  path: string,
  query: Query,
  scope: string,
  after: string | null = null,
): AsyncGenerator<EntityPage> {
  const seen = new Set<string>();
  for (let cursor: string | null = after; ; ) {
    const answer: HttpAnswer = await get(path, cursor === null ? query : { ...query, cursor }, scope);
    const parsed = collectionWire.safeParse(answer.body);
    if (!parsed.success) throw unexpectedAnswer(answer.address, "A list should hold `entities`.");
    const next: string | null = parsed.data.cursor?.next ?? null;
    yield { entities: parsed.data.entities, answer, last: next === null, next };
    if (next === null) return;
    if (seen.has(next))
      throw unexpectedAnswer(answer.address, `Its cursor "${next}" repeats, so the list would never end.`);
    seen.add(next);
    cursor = next;
  }
}

export async function allOf(get: ScayleGet, path: string, scope: string): Promise<readonly unknown[]> {
  const entities: unknown[] = [];
  for await (const page of pagesOf(get, path, {}, scope)) entities.push(...page.entities);
  return entities;
}

/** An answer, or null where there is nothing (404). */
export async function orNull(answer: Promise<HttpAnswer>): Promise<HttpAnswer | null> {
  try {
    return await answer;
  } catch (error) {
    if (faultOf(error)?.status === 404) return null;
    throw error;
  }
}
