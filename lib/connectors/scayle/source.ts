import type { SalesOrder } from "@/lib/domain/order";
import type { Capabilities, Io, OrderSource, Page, Since } from "../contract";
import { faultOf, NotOffered } from "../fault";
import { countOrders, isPlacedIn } from "./count";
import { readInvoices, readOrder } from "./read";
import type { ScayleSecret, ScayleSettings } from "./settings";
import { seeScayle } from "./sight";
import { stockOf } from "./stock";
import {
  allOf,
  channelsOf,
  createCalls,
  type EntityPage,
  orNull,
  pagesOf,
  type Query,
  shopPathOf,
} from "./transport";
import { type ShopPath, WIRE } from "./wire";
import { createScayleWriter } from "./write";

/** SCAYLE's Admin API as a source of orders, and what a tenant may be told. */
export function openScayle(settings: ScayleSettings, secret: ScayleSecret, io: Io): OrderSource {
  let filterWorks: boolean | null = null;
  let idsWork = true;
  const { get, send } = createCalls(settings, secret, io);
  const write = createScayleWriter(settings, get, send);

  /** The shop's orders, changed since then where the tenant knows the filter; all of them where it answers 400 to it. */
  async function* listed(
    shop: ShopPath,
    limit: string,
    since: Date | null,
    after: string | null = null,
    changesOnly = false,
  ): AsyncGenerator<EntityPage> {
    const path = WIRE.paths.orders(shop);
    if (since !== null && filterWorks !== false) {
      let pages = 0;
      try {
        const query = { limit, ...changedSince(since) };
        for await (const page of pagesOf(get, path, query, WIRE.scopes.orders, after)) {
          pages += 1;
          filterWorks = true;
          yield page;
        }
        return;
      } catch (error) {
        if (pages > 0 || after !== null || faultOf(error)?.status !== 400) throw error;
        filterWorks = false;
      }
    }
    if (changesOnly)
      throw new NotOffered(
        "SCAYLE knows no list of what changed here: statuses follow its webhooks and the orders' own feed.",
      );
    yield* pagesOf(get, path, { limit }, WIRE.scopes.orders, after);
  }

  return {
    side: "scayle",
    test: () => seeScayle(settings, get),
    get capabilities(): Capabilities {
      return {
        incrementalOrders: filterWorks ?? true,
        ordersListedByChange: false,
        creditNoteAmounts: false,
        refund: write.lacks("refund") === null,
        updateLineValues: write.lacks("line-values") === null,
        stock: "what may be sold, per variant and warehouse; asked for one variant at a time",
        secondCount: "orders listed anew in pages of another size; the API states no total",
      };
    },
    async *orders(shop, since: Since): AsyncGenerator<Page<SalesOrder>> {
      const limit = String(since.pageSize ?? WIRE.pageSize);
      const { modifiedSince, after = null, changesOnly } = since;
      const pages = listed(shopPathOf(shop), limit, modifiedSince, after, changesOnly);
      for await (const { entities, answer, last, next } of pages) {
        const readings = entities.map((entity) => readOrder(entity, shop));
        yield { readings, sourceTime: answer.sourceTime, last, next };
      }
    },
    async *ordersOf(shop, days, after) {
      // An order is never changed before it is placed: those that changed since the first day hold all of these days.
      const first = new Date(`${days.from}T00:00:00Z`);
      const pages = listed(shopPathOf(shop), String(WIRE.pageSize), first, after ?? null);
      for await (const { entities, answer, last, next } of pages) {
        const readings = entities.filter((raw) => isPlacedIn(raw, days)).map((one) => readOrder(one, shop));
        yield { readings, sourceTime: answer.sourceTime, last, next };
      }
    },
    async order(shop, wanted) {
      const identifier = "id" in wanted ? wanted.id : WIRE.byReference(wanted.reference);
      const path = WIRE.paths.order(shopPathOf(shop), identifier);
      const answer = await orNull(get(path, {}, WIRE.scopes.orders));
      return answer && readOrder(answer.body, shop);
    },
    async ordersById(shop, ids) {
      if (!idsWork || ids.length === 0) return [];
      const wanted = new Set(ids);
      const query = { limit: String(WIRE.pageSize), [WIRE.idFilter]: ids.join(",") };
      try {
        const pages = pagesOf(get, WIRE.paths.orders(shopPathOf(shop)), query, WIRE.scopes.orders);
        // One page: a tenant that ignores the filter would list all of its orders.
        for await (const { entities } of pages) {
          return entities
            .map((entity) => readOrder(entity, shop))
            .filter(({ sourceId }) => wanted.has(sourceId));
        }
        return [];
      } catch (error) {
        if (faultOf(error)?.status !== 400) throw error;
        idsWork = false;
        return [];
      }
    },
    async invoices(shop, orderId) {
      const path = WIRE.paths.invoices(shopPathOf(shop), orderId);
      return readInvoices(orderId, await allOf(get, path, WIRE.scopes.orders));
    },
    channels: () => channelsOf(get, settings),
    write,
    stock: { of: (itemKey) => stockOf(get, itemKey) },
    count: (shop, days) =>
      countOrders(
        listed(shopPathOf(shop), String(WIRE.countPageSize), new Date(`${days.from}T00:00:00Z`)),
        days,
      ),
  };
}

/** SCAYLE writes its times with an offset and without fractions; the second that is cut off is read again. */
const changedSince = (moment: Date): Query => ({
  [WIRE.modifiedSinceFilter]: moment.toISOString().replace(/\.\d+Z$/, "+00:00"),
});
