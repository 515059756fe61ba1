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
import {
  type Happening,
  isWrite,
  makeHappenings,
  shopName,
  type Wish,
  wishSchema,
} from "@/lib/sandbox/happenings";
import { type Call, jsonOf, makeAllowance, Refused, type Reply, readBody } from "@/lib/sandbox/http";
import type { ErpDocument, World } from "@/lib/sandbox/model";
import { type SandboxShop, SHOPS } from "@/lib/sandbox/retailer";
import { scayleApi } from "@/lib/sandbox/scayle-api";
import { makeStock } from "@/lib/sandbox/stock";
import { makeSubscriptions } from "@/lib/sandbox/subscriptions";
import { type Asked, type FaultRule, faultRuleSchema, makeWriteFaults } from "@/lib/sandbox/write-faults";
import type { Write } from "@/lib/sandbox/writes";

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
  /** What is to go wrong with the next writes. */
  writeFaults?: readonly FaultRule[];
};

export type Sandbox = { url: string; port: number; close: () => Promise<void> };

function send(response: ServerResponse, reply: Reply, at: number): void {
  response.sendDate = false;
  if (reply.cut) {
    response.destroy();
    return;
  }
  if (reply.status === 204) {
    response.writeHead(204, { Date: new Date(at).toUTCString(), ...reply.headers });
    response.end();
    return;
  }
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
/** Where it is told what is to go wrong with writes, and from which day on the ERP's books are open. */
const FAULTS_PATH = "/sandbox/faults";

const orderSchema = z.strictObject({
  faults: z.array(faultRuleSchema).default([]),
  /** the first day that the ERP's books take */
  booksOpenFrom: z.iso.date().optional(),
});

type Living = {
  /** What either system answers to a call. */
  answer(call: Call): Reply;
  /** Lets a wish come true, and tells those who subscribed. */
  fulfil(call: Call): Promise<Reply>;
  /** Takes down, shows or strikes out what is to go wrong with writes. */
  arrange(call: Call): Reply;
  /** Tells those who subscribed of what was written. */
  tell(): Promise<void>;
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
    stockWrites: minute((settings.scayleLimit ?? 1_000) * 2.5),
    // And three tenths of them for writes.
    writes: minute(Math.ceil((settings.scayleLimit ?? 1_000) * 0.3)),
    other: minute(),
  };
  const allowance = makeAllowance(settings.businessCentralLimit ?? 6_000, 300_000, wallClock);
  const subscriptions = makeSubscriptions();
  const happenings = makeHappenings(world);
  const faults = makeWriteFaults(world.seed);
  for (const rule of settings.writeFaults ?? []) faults.add(rule);
  // What was written waits for its time, which the first call tells.
  for (const one of settings.happened ?? []) happenings.apply(one, isWrite(one) ? -1 : one.at);

  const apply = (written: readonly Write[], now: number): void => {
    for (const one of written) {
      const before = one.what === "document-deleted" ? happenings.document(one.id) : null;
      happenings.apply(one, now);
      if (one.at <= now) show(one, before);
    }
  };
  const show = (write: Write, before: ErpDocument | null): void => {
    if (write.what === "document") serving.businessCentral.put(write.document);
    else if (write.what === "document-deleted" && before) serving.businessCentral.drop(before);
    else if ("id" in write && typeof write.id === "number") {
      const order = happenings.order(write.id);
      if (order) serving.scayle.put(order);
      if (order && write.what === "refund") untold.push(...announceOrder("return", order, write.at));
    }
  };
  /** Lets take effect what was to take effect by now. */
  const settle = (now: number): void => {
    apply(happenings.due(now).filter(isWrite), now);
  };
  const carryOut = (asked: Asked): Reply =>
    faults.carryOut(asked, (written) => {
      settings.onHappened?.(written);
      apply(written, asked.at);
    });
  const untold: Announcement[] = [];
  const systems = (now: World) => ({
    scayle: scayleApi(now, allowances, {
      subscriptions,
      stock: happenings.stock(),
      knowsKey: happenings.knowsKey,
      carryOut,
    }),
    businessCentral: businessCentralApi(now, {
      allowance,
      wallClock,
      stock: happenings.stock(),
      written: happenings,
      carryOut,
    }),
  });
  let serving = systems(settings.happened?.length ? happenings.world() : world);
  let told = 0;
  let baskets = 0;

  const announce = (happening: Happening): Announcement[] => {
    // That a payload was put right is told by nobody: the next reading finds it.
    if (isWrite(happening) || happening.what === "mend") return [];
    if (happening.what !== "stock") {
      const order = happenings.orders().find((one) => one.id === happening.id);
      return order ? announceOrder(happening.what, order, happening.at) : [];
    }
    // Of what moved in the ERP alone SCAYLE has nothing to tell.
    if (happening.side === "erp") return [];
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

  const deliverAll = (announcements: readonly Announcement[]) => {
    const first = told;
    told += announcements.length;
    return deliver(announcements, {
      seed: world.seed,
      first,
      subscriptions: subscriptions.all(),
      post: settings.post ?? postWithFetch,
    });
  };

  return {
    answer(call) {
      settle(call.at);
      if (call.path.startsWith(`${SCAYLE_PATH}/`)) return serving.scayle.answer(call);
      if (call.path.startsWith("/bc/")) return serving.businessCentral.answer(call);
      return { status: 404, body: { message: "The sandbox serves /scayle/api/admin/v1 and /bc." } };
    },
    async fulfil(call) {
      checkToken(call);
      if (call.method !== "POST") throw new Refused(405, "METHOD_NOT_ALLOWED", "Wishes are posted.");
      const wish = bodyOf(wishSchema, call.body);
      settle(call.at);
      const happened = happenings.decide(wish, call.at);
      for (const one of happened) happenings.apply(one, call.at);
      settings.onHappened?.(happened);
      if (happened.length > 0) serving = systems(happenings.world());
      const announcements = happened.flatMap(announce);
      if (wish.what === "basket") announcements.push(...basketsOf(wish, call.at));
      const deliveries = await deliverAll(announcements);
      const ids = new Set(happened.flatMap((one) => ("id" in one ? [Number(one.id)] : [])));
      const orders = [...ids].flatMap((id) => happenings.order(id) ?? []);
      return {
        status: 200,
        body: { happened: happened.length, orders: orders.map((one) => one.reference), deliveries },
      };
    },
    arrange(call) {
      checkToken(call);
      if (call.method === "DELETE") faults.clear();
      else if (call.method === "POST") {
        const order = bodyOf(orderSchema, call.body);
        for (const rule of order.faults) faults.add(rule);
        if (order.booksOpenFrom !== undefined) {
          const closed: Write = { what: "books-closed", at: call.at, before: order.booksOpenFrom };
          settings.onHappened?.([closed]);
          apply([closed], call.at);
        }
      } else if (call.method !== "GET")
        throw new Refused(405, "METHOD_NOT_ALLOWED", "Faults are posted, listed or deleted.");
      return { status: 200, body: { faults: faults.left(), booksOpenFrom: happenings.booksOpenFrom() } };
    },
    async tell() {
      await deliverAll(untold.splice(0));
    },
  };
}

function checkToken({ headers }: Call): void {
  if (headers["x-access-token"] === SCAYLE_TOKEN) return;
  throw new Refused(401, "UNAUTHORIZED", "The access token is missing or not valid.");
}

function bodyOf<T>(schema: z.ZodType<T>, body: string): T {
  const parsed = schema.safeParse(jsonOf(body));
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
      if (pathname === HAPPENINGS_PATH) send(response, await living.fulfil(call), at);
      else if (pathname === FAULTS_PATH) send(response, living.arrange(call), at);
      else send(response, living.answer(call), at);
      // Whoever wrote has the answer before others hear of it.
      await living.tell().catch(() => undefined);
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
