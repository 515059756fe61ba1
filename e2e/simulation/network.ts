import { createHttpClient, type HttpClient } from "@/lib/connectors/http";
import type { Call, Reply } from "@/lib/sandbox/http";
import { makeRandom, type Random } from "@/lib/sandbox/random";
import type { Clock } from "./clock";
import type { Faults } from "./faults";
import type { Listed, ListPage, Lists } from "./lists";
import type { Process } from "./process";

/** Where the sources seem to be: nothing listens there. */
export const ORIGIN = "http://127.0.0.1:9";

/** What lies between the product and its sources. */
export type Network = Readonly<{
  answer: (call: Call) => Reply;
  lists: Lists;
  clock: Clock;
  faults: Faults;
  random: Random;
  /** moves the sources' clock to where the next few of their records have changed */
  toNextChange: () => void;
  /** what the sources' own idea of the time is off by, as their headers say it */
  headerSkew: () => number;
  tries: Map<string, number>;
  revoked: Set<string>;
}> & {
  /** records a page, whatever is asked for */
  pageSize: number;
};

const refused = (code: string): TypeError =>
  Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(code), { code }) });

/** The HTTP client of one process, on the sandbox's own answers and the simulation's clock. */
export function connect(network: Network, process: Process): HttpClient {
  const { clock, random } = network;
  return createHttpClient({
    fetch: async (input, init) => {
      await process.step(`a request for ${new URL(String(input)).pathname}`);
      return fetchOnce(network, new URL(String(input)), init ?? {});
    },
    now: clock.now,
    sleep: clock.sleep,
    random: random.next,
  });
}

async function fetchOnce(network: Network, url: URL, init: RequestInit): Promise<Response> {
  const { faults } = network;
  const place = `${url.pathname}${url.search}`;
  const tryNumber = (network.tries.get(`${faults.phase} ${place}`) ?? 0) + 1;
  network.tries.set(`${faults.phase} ${place}`, tryNumber);
  const fails = (kind: Parameters<Faults["burst"]>[0], most: number): boolean => {
    if (tryNumber > faults.burst(kind, place, most)) return false;
    faults.note(kind, `${place}, try ${tryNumber}`);
    return true;
  };
  // Seven tries in a row are what the client takes: some outages are longer, some are not.
  if (fails("connection reset", 8)) throw refused("ECONNRESET");
  if (fails("answer 429", 8))
    return reply(network, { status: 429, body: {}, headers: { "Retry-After": "20" } });
  if (fails("answer 5xx", 8)) return reply(network, { status: 500 + (tryNumber % 5), body: {} });
  const again = `${place}, try ${tryNumber}`;
  if (isLater(url) && faults.strike("record changed between pages", again, 0.4)) network.toNextChange();
  const call = callOf(network, url, init);
  if (isExpired(network, call, again)) return reply(network, { status: 401, body: {} });
  const answered = serve(network, call, again);
  if (fails("time-out after the write", 8)) throw refused("UND_ERR_HEADERS_TIMEOUT");
  if (answered.status === 200 && faults.strike("page cut off", again, 0.03)) return cutOff(network, answered);
  return reply(network, answered);
}

const isLater = ({ searchParams }: URL): boolean =>
  searchParams.has("cursor") || searchParams.has("$skiptoken");

function callOf({ clock }: Network, url: URL, init: RequestInit): Call {
  return {
    method: init.method ?? "GET",
    path: url.pathname,
    query: new URLSearchParams(url.search),
    headers: Object.fromEntries(new Headers(init.headers)),
    body: typeof init.body === "string" ? init.body : "",
    origin: url.origin,
    at: clock.at,
  };
}

/** The token that a call carries may have run out before its time; a newer one is good. */
function isExpired({ faults, revoked }: Network, { headers, path }: Call, place: string): boolean {
  const token = headers.authorization ?? null;
  if (token !== null && revoked.has(token)) return true;
  if (path.endsWith("/token") || !faults.strike("token expired", place)) return false;
  if (token !== null) revoked.add(token);
  return true;
}

/** The sandbox's answer; of a list, the page that the seed makes of it. */
function serve(network: Network, call: Call, place: string): Reply {
  const { answer } = network;
  const scayle = call.path.endsWith("/orders") && !call.query.has("limit", "1");
  if (scayle) {
    const { whole, cursor, size } = asked(network, call, "cursor", "limit");
    const reply = answer({ ...whole, query: withParameter(whole.query, "limit", "100") });
    if (reply.status !== 200) return reply;
    const page = paged(network, listOf(reply.body["entities"], "updatedAt"), cursor, size, place);
    return {
      ...reply,
      body: { ...reply.body, entities: page.records.map((one) => one.json), cursor: { next: page.next } },
    };
  }
  if (/\/sales(Invoices|CreditMemos)$/.test(call.path) && !call.query.has("$top")) {
    const { whole, cursor, size } = asked(network, call, "$skiptoken", null);
    const reply = answer(whole);
    if (reply.status !== 200) return reply;
    const page = paged(network, listOf(reply.body["value"], "lastModifiedDateTime"), cursor, size, place);
    const next = page.next === null ? null : withParameter(whole.query, "$skiptoken", page.next);
    return {
      ...reply,
      body: {
        ...reply.body,
        value: page.records.map((one) => one.json),
        ...(next && { "@odata.nextLink": `${call.origin}${call.path}?${next}` }),
      },
    };
  }
  return lagging(network, call, place) ?? answer(call);
}

/** Hours by which a copy of the source that is behind answers. */
const LAG_MOST = 60;

/** A single order as a copy of the source has it that lags behind; null where none does, or has no such order yet. */
function lagging({ answer, faults, clock }: Network, call: Call, place: string): Reply | null {
  if (!/\/orders\/[^/]+$/.test(call.path)) return null;
  if (!faults.has("older version answered")) return null;
  const behind = makeRandom(0, "lag", place).integer(1, LAG_MOST) * 3_600_000;
  const reply = answer({ ...call, at: clock.at - behind });
  const now = answer(call);
  if (reply.status !== 200 || now.status !== 200) return null;
  if (JSON.stringify(reply.body) === JSON.stringify(now.body)) return null;
  return faults.strike("older version answered", place, 0.9) ? reply : null;
}

/** The call for the whole list, the place in it that was asked for, and how many records a page has. */
function asked(network: Network, call: Call, cursorName: string, sizeName: string | null) {
  const cursor = call.query.get(cursorName);
  const query = new URLSearchParams(call.query);
  query.delete(cursorName);
  // A second count asks for pages of another size, and gets them.
  const isCount = sizeName === null ? query.has("$count") : query.get(sizeName) !== "100";
  const headers = { ...call.headers };
  delete headers["prefer"];
  return { whole: { ...call, query, headers }, cursor, size: network.pageSize + (isCount ? 1 : 0) };
}

function withParameter(query: URLSearchParams, name: string, value: string): URLSearchParams {
  const changed = new URLSearchParams(query);
  changed.set(name, value);
  return changed;
}

const listOf = (records: unknown, changed: string): readonly Listed[] =>
  (Array.isArray(records) ? (records as Record<string, unknown>[]) : []).map((json) => ({
    id: String(json["id"]),
    changedAt: Date.parse(String(json[changed])),
    json,
  }));

const paged = (
  { lists, clock }: Network,
  all: readonly Listed[],
  cursor: string | null,
  size: number,
  place: string,
): ListPage => lists.page(all, cursor, size, place, clock.at);

function reply(network: Network, { status, body, headers }: Reply, text = JSON.stringify(body)): Response {
  const at = new Date(network.clock.at + network.headerSkew());
  return new Response(text, {
    status,
    headers: { date: at.toUTCString(), "content-type": "application/json", ...headers },
  });
}

function cutOff(network: Network, answered: Reply): Response {
  const text = JSON.stringify(answered.body);
  return reply(network, answered, text.slice(0, Math.floor(text.length / 2)));
}
