import { createRoot } from "../base-url";
import type { Io } from "../contract";
import { faultOf, unexpectedAnswer } from "../fault";
import type { HttpAnswer } from "../http";
import { withOauth } from "../oauth";
import type { BusinessCentralSecret, BusinessCentralSettings } from "./settings";
import { collectionWire, WIRE } from "./wire";

/** OData's query options, in the order they are sent; values are encoded here. */
export type Query = Readonly<Record<string, string>>;
export type EntityPage = Readonly<{
  entities: readonly unknown[];
  answer: HttpAnswer;
  last: boolean;
  /** the address of the next page */
  next: string | null;
}>;

/** Signed requests to one Business Central. Paths start below the API's root: "/companies". */
export type Transport = Readonly<{
  /** `after`: the `next` of an earlier page of the same listing, from which on it is listed. */
  pages(
    path: string,
    query: Query,
    pageSize?: number,
    attemptsMax?: number,
    after?: string | null,
  ): AsyncIterable<EntityPage>;
  /** One entity, or null where there is none (404). */
  one(path: string): Promise<unknown>;
  /** Sends one change, once. An action has no body. */
  send(request: Readonly<{ method: "POST" | "DELETE"; path: string; body?: unknown }>): Promise<HttpAnswer>;
}>;

export function createTransport(
  settings: BusinessCentralSettings,
  secret: BusinessCentralSecret,
  io: Io,
): Transport {
  const http = withOauth(io.http, { ...settings, clientSecret: secret.clientSecret });
  const get = (
    url: string,
    headers: Readonly<Record<string, string>> = {},
    attemptsMax?: number,
  ): Promise<HttpAnswer> =>
    http.send({
      url,
      headers: { "data-access-intent": "ReadOnly", ...headers },
      scope: WIRE.scope,
      signal: io.signal,
      ...(attemptsMax === undefined ? {} : { attemptsMax }),
    });
  const root = createRoot(rootsOf(settings.baseUrl), (candidate) =>
    get(`${candidate}${WIRE.company(settings.companyId)}/${WIRE.sets.sale.name}?$top=1`, {}, 2),
  );

  return {
    async *pages(path, query, pageSize = WIRE.pageSize, attemptsMax, after = null) {
      const headers = { prefer: `odata.maxpagesize=${pageSize}` };
      const seen = new Set<string>();
      const first = `${await root()}${path}${queryText(query)}`;
      // An address that was kept may go where the token may, and nowhere else.
      let url = after === null ? first : nextUrl(after, first, first);
      for (;;) {
        seen.add(url);
        const answer = await get(url, headers, attemptsMax);
        const parsed = collectionWire.safeParse(answer.body);
        if (!parsed.success) throw unexpectedAnswer(answer.address, "A list should hold `value`.");
        const next = parsed.data["@odata.nextLink"];
        const following = next === null ? null : nextUrl(next, url, answer.address);
        yield { entities: parsed.data.value, answer, last: following === null, next: following };
        if (following === null) return;
        url = following;
        if (seen.has(url))
          throw unexpectedAnswer(answer.address, "Its next page repeats, so it would never end.");
      }
    },
    async one(path) {
      try {
        return (await get(`${await root()}${path}`)).body;
      } catch (error) {
        if (faultOf(error)?.status === 404) return null;
        throw error;
      }
    },
    async send({ method, path, body }) {
      return http.send({
        url: `${await root()}${path}`,
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          // Asked for by DELETE; whoever deletes has just read what it deletes.
          ...(method === "DELETE" && { "if-match": "*" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        scope: WIRE.scope,
        signal: io.signal,
        once: true,
      });
    },
  };
}

/** Followed verbatim, but only to where the token may go. */
function nextUrl(next: string, current: string, address: string): string {
  const target = URL.canParse(next, current) ? new URL(next, current) : null;
  if (!target || target.origin !== new URL(current).origin) {
    throw unexpectedAnswer(
      address,
      `Its next page is at ${target?.origin ?? "no address"}, and the token is sent to no other host. Check the base URL.`,
    );
  }
  return URL.canParse(next) ? next : target.href;
}

/** The API's root is …/api/v2.0; people may give what leads up to it, or what follows it. */
function rootsOf(given: string): readonly [string, ...string[]] {
  const start = given.replace(/\/companies(\(.*)?$/i, "");
  return /\/api\/v2\.0$/i.test(start) ? [start] : [`${start}${WIRE.apiPath}`, start];
}

function queryText(query: Query): string {
  const parts = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
