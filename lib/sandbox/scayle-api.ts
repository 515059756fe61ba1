import type { Variant } from "@/lib/sandbox/catalogue";
import { SCAYLE_COMPANY_ID, SCAYLE_PATH, SCAYLE_TOKEN } from "@/lib/sandbox/connections";
import { type Allowance, type Call, Refused, type Reply, segmentsOf } from "@/lib/sandbox/http";
import type { SandboxOrder, World } from "@/lib/sandbox/model";
import { MARKETPLACE, type SandboxShop, SHOPS, STORE } from "@/lib/sandbox/retailer";
import { invoiceRecords, newestEvent, orderEvents } from "@/lib/sandbox/scayle-events";
import { askFulfilment, askReferenceKey } from "@/lib/sandbox/scayle-fulfilment";
import type { Json } from "@/lib/sandbox/scayle-item";
import { channelJson, invoiceJson, orderJson, shopCountryJson } from "@/lib/sandbox/scayle-order";
import { statusJson } from "@/lib/sandbox/scayle-status";
import { askLineValues, askRefund, askStock } from "@/lib/sandbox/scayle-writes";
import { makeStock, type StockLevel, type StockSet, stockJson } from "@/lib/sandbox/stock";
import type { Subscriptions } from "@/lib/sandbox/subscriptions";
import {
  after,
  type Living,
  makeRoll,
  placeOf,
  type Roll,
  type Seen,
  type Timeline,
} from "@/lib/sandbox/timeline";
import type { Asked } from "@/lib/sandbox/write-faults";

const MOST_PER_PAGE = 100;

const NOT_FOUND = new Refused(404, "NOT_FOUND", "The requested resource was not found.");
const bad = (message: string) => new Refused(400, "INVALID_REQUEST", message);

type Shelf = {
  byShop: Map<SandboxShop, Roll<SandboxOrder>>;
  byId: Map<string, SandboxOrder>;
  byReference: Map<string, SandboxOrder>;
  events: Map<SandboxOrder, number[]>;
  variantOf(identifier: string): Variant;
  stockOf(identifier: string, at: number, push?: StockSet): StockLevel[];
};

function shelve(world: World, levels: readonly StockSet[]): Shelf {
  const orders = world.affairs.map((affair) => affair.order);
  const events = new Map(orders.map((order) => [order, orderEvents(order)]));
  const living = (order: SandboxOrder): Living<SandboxOrder> => ({
    id: String(order.id),
    events: events.get(order) ?? [],
    value: order,
  });
  const shops: SandboxShop[] = Object.values(SHOPS);
  const stock = makeStock(world, levels);
  const variantOf = (identifier: string): Variant => {
    const variant = world.catalogue.find((one) =>
      identifier.startsWith("key=") ? one.sku === identifier.slice(4) : String(one.id) === identifier,
    );
    if (!variant) throw NOT_FOUND;
    return variant;
  };
  return {
    byShop: new Map(
      shops.map((shop) => [shop, makeRoll(orders.filter((order) => order.shop === shop).map(living))]),
    ),
    byId: new Map(orders.map((order) => [String(order.id), order])),
    byReference: new Map(orders.map((order) => [order.reference, order])),
    events,
    variantOf,
    stockOf(identifier, at, push) {
      const variant = variantOf(identifier);
      return push ? makeStock(world, [...levels, push])(variant, at) : stock(variant, at);
    },
  };
}

/** Puts an order in the place of what it was. */
function putOrder(shelf: Shelf, order: SandboxOrder): void {
  const id = String(order.id);
  const before = shelf.byId.get(id);
  if (before) shelf.events.delete(before);
  const events = orderEvents(order);
  shelf.events.set(order, events);
  shelf.byId.set(id, order);
  shelf.byReference.set(order.reference, order);
  shelf.byShop.get(order.shop)?.put({ id, events, value: order });
}

function findShop(shopKey: string, country: string): SandboxShop {
  const shops: SandboxShop[] = Object.values(SHOPS);
  const found = shops.find(
    (shop) =>
      shop.shopKey === shopKey && (shop.countryCode === country.toUpperCase() || String(shop.id) === country),
  );
  if (!found) throw NOT_FOUND;
  return found;
}

function findOrder(shelf: Shelf, identifier: string, at: number): { order: SandboxOrder; updatedAt: number } {
  const order = identifier.startsWith("key=")
    ? shelf.byReference.get(identifier.slice(4))
    : shelf.byId.get(identifier);
  const updatedAt = order && newestEvent(shelf.events.get(order) ?? [], at);
  if (!order || updatedAt === null || updatedAt === undefined) throw NOT_FOUND;
  return { order, updatedAt };
}

function time(text: string): number {
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw bad(`"${text}" is not a date.`);
  return instant;
}

/** filters[…] of the order list; an unknown one is refused, since ignoring it would show too much. */
function filtered(
  seen: readonly Seen<SandboxOrder>[],
  query: URLSearchParams,
): readonly Seen<SandboxOrder>[] {
  let result = seen;
  for (const [key, value] of query) {
    const [, name] = /^filters\[(\w+)\]$/.exec(key) ?? [];
    if (name === undefined) continue;
    if (name === "id") {
      const ids = new Set(value.split(","));
      result = result.filter((one) => ids.has(one.id));
    } else if (name === "minUpdatedAt") {
      const least = time(value);
      result = result.filter((one) => one.changedAt >= least);
    } else if (name === "maxUpdatedAt") {
      const most = time(value);
      result = result.filter((one) => one.changedAt <= most);
    } else throw bad(`The filter "${name}" is not supported.`);
  }
  return result;
}

function listOrders(timeline: Timeline<SandboxOrder>, call: Call): Json {
  const limit = Number(call.query.get("limit") ?? MOST_PER_PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_PER_PAGE) {
    throw bad(`The limit must be between 1 and ${MOST_PER_PAGE}.`);
  }
  const cursor = call.query.get("cursor");
  const all = filtered(timeline(call.at), call.query);
  const rest = cursor ? after(all, cursor) : all;
  if (!rest) throw bad("The cursor is not valid.");
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const expand = new Set((call.query.get("with") ?? "").split(","));
  return {
    entities: page.map(({ value, changedAt }) =>
      orderJson({ order: value, updatedAt: changedAt, at: call.at, expand }),
    ),
    cursor: { next: last && rest.length > page.length ? placeOf(last) : null },
  };
}

function answer(shelf: Shelf, subscriptions: Subscriptions, call: Call): Json {
  const [root, first = "", level, second = "", collection, identifier, part, ...beyond] = segmentsOf(
    call.path.slice(SCAYLE_PATH.length),
  );
  if (root === "companies" && level === "channels" && second === "") {
    if (first !== String(SCAYLE_COMPANY_ID)) throw NOT_FOUND;
    return { entities: [MARKETPLACE, STORE].map((channel) => channelJson(channel, SHOPS.de)) };
  }
  if (root === "webhooks" && first === "producers" && second === "subscriptions") {
    const result = subscriptions.answer(call, collection);
    if (result) return result;
  }
  if (call.method !== "GET")
    throw new Refused(404, "NOT_FOUND", `There is no ${call.method} operation here.`);
  // As SCAYLE's list of a variant's stock: without a cursor.
  if (root === "variants" && level === "stocks" && second === "")
    return { entities: shelf.stockOf(first, call.at).map(stockJson) };
  if (root === "shops" && level === "countries" && collection === undefined)
    return shopCountryJson(findShop(first, second));
  const known = root === "shops" && level === "countries" && collection === "orders" && beyond.length === 0;
  if (!known) throw NOT_FOUND;
  const roll = shelf.byShop.get(findShop(first, second));
  if (!roll) throw NOT_FOUND;
  if (identifier === undefined) return listOrders(roll.seen, call);
  const { order, updatedAt } = findOrder(shelf, identifier, call.at);
  if (part === undefined) {
    const expand = new Set((call.query.get("with") ?? "").split(","));
    return orderJson({ order, updatedAt, at: call.at, expand });
  }
  if (part === "status") return statusJson(order, call.at);
  if (part !== "invoices") throw NOT_FOUND;
  const records = invoiceRecords(order).filter((record) => record.createdAt <= call.at);
  return { entities: records.map((record) => invoiceJson(order, record)), cursor: { next: null } };
}

function refusal(refused: Refused, headers: Record<string, string>): Reply {
  const error = { errorKey: refused.code, message: refused.message, context: {} };
  return { status: refused.status, body: { errors: [error] }, headers };
}

/**
 * POST …/orders/{id}/refunds and PUT …/orders/{id}/line-values: what this tenant takes beyond the public API, which has
 * PUT …/orders/{id}/reference-key and the three fulfilment calls.
 */
const WRITE_PATH =
  /^\/shops\/([^/]+)\/countries\/([^/]+)\/orders\/([^/]+)\/(refunds|line-values|reference-key)$/;
const STOCK_PATH = /^\/variants\/([^/]+)\/stocks$/;
const WRITE_METHODS: Readonly<Record<string, string>> = {
  refunds: "POST",
  "line-values": "PUT",
  "reference-key": "PUT",
};

/** What is to change, or null where nothing is. */
function askedWrite(shelf: Shelf, call: Call, knowsKey: (key: string) => boolean): Asked | null {
  const path = call.path.slice(SCAYLE_PATH.length);
  const [, variant] = STOCK_PATH.exec(path) ?? [];
  if (variant !== undefined && call.method === "POST") {
    const identifier = decodeURIComponent(variant);
    return askStock(call, shelf.variantOf(identifier), (push) =>
      shelf.stockOf(identifier, call.at, push ?? undefined),
    );
  }
  const found = (order: SandboxOrder | undefined): SandboxOrder => {
    if (!order) throw NOT_FOUND;
    return order;
  };
  const fulfilment = askFulfilment(call, path, {
    byId: (id) => found(shelf.byId.get(String(id))),
    byItem: (id) =>
      found([...shelf.byId.values()].find((order) => order.units.some((unit) => unit.id === id))),
  });
  if (fulfilment) return fulfilment;
  const [, shopKey = "", country = "", id = "", part = ""] = WRITE_PATH.exec(path) ?? [];
  if (part === "" || call.method !== WRITE_METHODS[part]) return null;
  findShop(decodeURIComponent(shopKey), decodeURIComponent(country));
  const { order } = findOrder(shelf, decodeURIComponent(id), call.at);
  if (part === "reference-key") return askReferenceKey(call, order);
  return part === "refunds" ? askRefund(call, order, knowsKey) : askLineValues(call, order);
}

const SCOPE_NAMES = {
  orders: "ordersRead",
  writes: "ordersWrite",
  stock: "stocksRead",
  stockWrites: "stocksWrite",
  other: "globalRead",
} as const;

function scopeOf({ path, method }: Call): keyof typeof SCOPE_NAMES {
  if (method !== "GET" && /\/orders|\/fulfillment\//.test(path)) return "writes";
  if (path.includes("/orders")) return "orders";
  if (path.endsWith("/stocks")) return method === "GET" ? "stock" : "stockWrites";
  return "other";
}

export type ScayleApi = Readonly<{
  answer(call: Call): Reply;
  /** Shows an order as it stands now. */
  put(order: SandboxOrder): void;
}>;

type Surroundings = {
  subscriptions: Subscriptions;
  stock: readonly StockSet[];
  knowsKey: (key: string) => boolean;
  /** Carries out what is asked for. */
  carryOut: (asked: Asked) => Reply;
};

/** SCAYLE's Admin API over a world: the parts that are read when sales are reconciled, and what this tenant takes. */
export function scayleApi(
  world: World,
  allowances: Readonly<Record<keyof typeof SCOPE_NAMES, Allowance>>,
  { subscriptions, stock, knowsKey, carryOut }: Surroundings,
): ScayleApi {
  const shelf = shelve(world, stock);
  const answerCall = (call: Call): Reply => {
    const scope = scopeOf(call);
    const { limit, take } = allowances[scope];
    const { allowed, remaining, resetSeconds } = take();
    const headers = {
      "X-RateLimit-Scope": SCOPE_NAMES[scope],
      "X-RateLimit-Limit": String(limit),
      "X-RateLimit-Remaining": String(remaining),
      "X-RateLimit-Reset": String(resetSeconds),
    };
    try {
      if (!allowed) {
        const message = "The request rate limit exceeded. Please try again later.";
        throw new Refused(429, "RATE_LIMIT_EXCEED", message);
      }
      if (call.headers["x-access-token"] !== SCAYLE_TOKEN) {
        throw new Refused(401, "UNAUTHORIZED", "The access token is missing or not valid.");
      }
      const asked = askedWrite(shelf, call, knowsKey);
      if (asked) return { headers, ...carryOut(asked) };
      return { status: 200, body: answer(shelf, subscriptions, call), headers };
    } catch (error) {
      if (error instanceof Refused) return refusal(error, headers);
      throw error;
    }
  };
  return { answer: answerCall, put: (order) => putOrder(shelf, order) };
}
