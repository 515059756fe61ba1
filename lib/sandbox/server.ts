import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { businessCentralApi } from "@/lib/sandbox/bc-api";
import { SCAYLE_PATH, SCAYLE_TOKEN } from "@/lib/sandbox/connections";
import {
  type Announcement,
  announceBasket,
  announceOrder,
  announceStock,
  deliver,
  type Post,
  postWithFetch,
} from "@/lib/sandbox/deliveries";
import { type Happening, makeHappenings, shopName, type Wish, wishSchema } from "@/lib/sandbox/happenings";
import { type Call, jsonOf, makeAllowance, Refused, type Reply, readBody } from "@/lib/sandbox/http";
import type { World } from "@/lib/sandbox/model";
import { type SandboxShop, SHOPS } from "@/lib/sandbox/retailer";
import { scayleApi } from "@/lib/sandbox/scayle-api";
import { makeStock } from "@/lib/sandbox/stock";
import { makeSubscriptions } from "@/lib/sandbox/subscriptions";

export type SandboxSettings = {
  world: World;
  /** The sandbox's clock, in milliseconds: what of the world exists. */
  now: () => number;
  /** 0: any free port. */
  port: number;
  /** SCAYLE requests per minute and scope. */
  scayleLimit?: number;
  /** Business Central requests per five minutes. */
  businessCentralLimit?: number;
  /** Real time in milliseconds, for rate limits and tokens; it goes on when the sandbox's clock stands still. */
  wallClock?: () => number;
  /** What happened on request in earlier processes, oldest first. */
  happened?: readonly Happening[];
  /** Keeps what happens on request, before it is told. */
  onHappened?: (happened: readonly Happening[]) => void;
  /** How webhooks are delivered. */
  post?: Post;
};

export type Sandbox = { url: string; port: number; close: () => Promise<void> };

function send(response: ServerResponse, reply: Reply, at: number): void {
  response.sendDate = false;
  const body = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    Date: new Date(at).toUTCString(),
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    ...reply.headers,
  });
  response.end(body);
}

/** Where the sandbox itself is told what is to happen. */
export const HAPPENINGS_PATH = "/sandbox/happenings";

type Living = {
  /** What either system answers to a call. */
  answer(call: Call): Reply;
  /** Lets a wish come true, and tells those who subscribed. */
  fulfil(call: Call): Promise<Reply>;
};

/** Both systems over one world, and what happens in it on request. */
function makeLiving({
  world,
  wallClock = Date.now,
  ...settings
}: Omit<SandboxSettings, "now" | "port">): Living {
  const minute = (limit = settings.scayleLimit ?? 1_000) => makeAllowance(limit, 60_000, wallClock);
  const allowances = {
    orders: minute(),
    // SCAYLE allows two and a half times as many calls for stock as for orders.
    stock: minute((settings.scayleLimit ?? 1_000) * 2.5),
    other: minute(),
  };
  const allowance = makeAllowance(settings.businessCentralLimit ?? 6_000, 300_000, wallClock);
  const subscriptions = makeSubscriptions();
  const happenings = makeHappenings(world);
  for (const one of settings.happened ?? []) happenings.apply(one);
  const systems = (now: World) => ({
    scayle: scayleApi(now, allowances, { subscriptions, stock: happenings.stock() }),
    businessCentral: businessCentralApi(now, allowance, wallClock, happenings.stock()),
  });
  let serving = systems(settings.happened?.length ? happenings.world() : world);
  let told = 0;
  let baskets = 0;

  const announce = (happening: Happening): Announcement[] => {
    if (happening.what !== "stock") {
      const order = happenings.orders().find((one) => one.id === happening.id);
      return order ? announceOrder(happening.what, order, happening.at) : [];
    }
    const variant = world.catalogue.find((one) => one.sku === happening.sku);
    const levels = variant ? makeStock(happenings.world(), happenings.stock())(variant, happening.at) : [];
    const level = levels.find((one) => one.warehouse.referenceKey === happening.warehouse);
    return level ? announceStock(world, happening, level) : [];
  };

  const basketsOf = ({ shop, count }: Wish, at: number): Announcement[] => {
    const shops: SandboxShop[] = Object.values(SHOPS);
    const [where] = shop === undefined ? shops : shops.filter((one) => shopName({ shop: one }) === shop);
    if (!where) throw new Refused(404, "NOT_FOUND", `There is no shop ${shop}.`);
    return Array.from({ length: count }, () => announceBasket(world, where, ++baskets, at)).flat();
  };

  return {
    answer(call) {
      if (call.path.startsWith(`${SCAYLE_PATH}/`)) return serving.scayle(call);
      if (call.path.startsWith("/bc/")) return serving.businessCentral(call);
      return { status: 404, body: { message: "The sandbox serves /scayle/api/admin/v1 and /bc." } };
    },
    async fulfil(call) {
      if (call.headers["x-access-token"] !== SCAYLE_TOKEN)
        throw new Refused(401, "UNAUTHORIZED", "The access token is missing or not valid.");
      if (call.method !== "POST") throw new Refused(405, "METHOD_NOT_ALLOWED", "Wishes are posted.");
      const wish = wishOf(call.body);
      const happened = happenings.decide(wish, call.at);
      for (const one of happened) happenings.apply(one);
      settings.onHappened?.(happened);
      if (happened.length > 0) serving = systems(happenings.world());
      const announcements = happened.flatMap(announce);
      if (wish.what === "basket") announcements.push(...basketsOf(wish, call.at));
      const first = told;
      told += announcements.length;
      const deliveries = await deliver(announcements, {
        seed: world.seed,
        first,
        subscriptions: subscriptions.all(),
        post: settings.post ?? postWithFetch,
      });
      const ids = new Set(happened.flatMap((one) => (one.what === "stock" ? [] : [one.id])));
      const orders = happenings.orders().filter(({ id }) => ids.has(id));
      return {
        status: 200,
        body: { happened: happened.length, orders: orders.map((one) => one.reference), deliveries },
      };
    },
  };
}

function wishOf(body: string): Wish {
  const parsed = wishSchema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw new Refused(400, "INVALID_REQUEST", z.prettifyError(parsed.error));
}

/** What the sandbox answers to a call, without a network between: both systems over one world. */
export const makeAnswering = (settings: Omit<SandboxSettings, "now" | "port">): ((call: Call) => Reply) =>
  makeLiving(settings).answer;

/** Serves a world over HTTP on the loopback interface, as it stands at the clock's time at each request. */
export async function startSandbox(settings: SandboxSettings): Promise<Sandbox> {
  const living = makeLiving(settings);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = settings.now();
    try {
      const origin = `http://${request.headers.host ?? "127.0.0.1"}`;
      const { pathname, searchParams } = new URL(request.url ?? "/", origin);
      const { method = "GET", headers } = request;
      const body = await readBody(request);
      const call = { method, path: pathname, query: searchParams, headers, body, origin, at };
      send(response, pathname === HAPPENINGS_PATH ? await living.fulfil(call) : living.answer(call), at);
    } catch (error) {
      const { status, code } =
        error instanceof Refused ? error : { status: 500, code: "Internal_ServerError" };
      const message = error instanceof Error ? error.message : String(error);
      send(response, { status, body: { error: { code, message } } }, at);
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : settings.port;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, port, close };
}
