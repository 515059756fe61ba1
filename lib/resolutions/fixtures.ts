import { randomUUID } from "node:crypto";
import type pg from "pg";
import { httpRefusal } from "@/lib/connectors/fault";
import { fulfilledOrder, fulfilmentTrace } from "@/lib/connectors/scayle/fulfilment";
import type {
  DraftDocument,
  LedgerWrite,
  OrderWrite,
  StoreWrite,
  Trace,
  Writer,
} from "@/lib/connectors/write";
import { inTransaction } from "@/lib/db/pool";
import type { BookDocument, DocumentKind } from "@/lib/domain/document";
import { orderKeyOf } from "@/lib/domain/identity";
import type { OrderInvoice, SalesOrder } from "@/lib/domain/order";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, reading } from "@/lib/sync/store/fixtures";
import { storeInvoices } from "@/lib/sync/store/invoices";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import type { RunnerContext } from "./run";

/*
 * SCAYLE and an ERP in memory, for tests of the runner: they take writes as the real ones do, and what comes of a request
 * (an answer, a lost one, a no, an effect that comes late) is decided by the test.
 */

/** What becomes of a request. */
export type Fate =
  | "answers"
  /** it never arrives */
  | "lost-before"
  /** it has its effect, and its answer is lost */
  | "lost-after"
  /** its answer is lost, and its effect comes later, within what the system takes at most */
  | "late"
  | "refuses"
  /** it is accepted, and nothing happens */
  | "nothing";

export const SETTLES = 60_000;

/** Stock is pushed to the sandbox in tests of its own (lib/stock). */
function ofOrder(write: StoreWrite): OrderWrite {
  if (write.kind === "stock") throw new Error("this store has orders only");
  return write;
}

export type Worlds = ReturnType<typeof createWorlds>;

/** Both systems, empty. `fate` says what becomes of each request, `now` is their clock too. */
export function createWorlds(now: () => Date, fate: (kind: string) => Fate) {
  const orders = new Map<string, SalesOrder>();
  const invoices = new Map<string, OrderInvoice[]>();
  const documents: BookDocument[] = [];
  const drafts = new Map<string, { id: string; document: DraftDocument; posted: BookDocument | null }>();
  const late: { at: number; effect: () => void }[] = [];
  /** every effect there ever was, by what it is of */
  const effects: string[] = [];
  let number = 100;

  const arrive = (): void => {
    for (const one of late.splice(0)) {
      if (one.at <= now().getTime()) one.effect();
      else late.push(one);
    }
  };
  const request = (kind: string, effect: () => void): void => {
    const fell = fate(kind);
    if (fell === "refuses")
      throw httpRefusal({
        kind: "status",
        status: 400,
        address: "http://erp",
        sourceKey: "No",
        sourceMessage: "The posting date is not allowed.",
        attempts: 1,
      });
    if (fell === "answers" || fell === "lost-after") effect();
    if (fell === "late") late.push({ at: now().getTime() + SETTLES / 2, effect });
    if (fell === "lost-before" || fell === "lost-after" || fell === "late")
      throw httpRefusal({
        kind: "timeout",
        status: null,
        address: "http://erp",
        sourceKey: null,
        sourceMessage: null,
        attempts: 1,
      });
  };

  const post = (draft: DraftDocument, status: string, reverses?: string): BookDocument => {
    number += 1;
    const sign = draft.kind === "credit" ? -1n : 1n;
    const made: BookDocument = invoice({
      kind: draft.kind,
      sourceId: randomUUID(),
      number: `${draft.kind === "sale" ? "INV" : "CM"}-${number}`,
      reference: draft.reference,
      currency: draft.currency,
      originalNumber: reverses ?? draft.corrects?.number ?? null,
      status,
      postingDay: draft.postingDay,
      modifiedAt: now(),
      stated: { net: null, tax: null, gross: null },
      lines: draft.lines.map((one, index) =>
        line({
          sourceLineId: String((index + 1) * 10_000),
          kind: one.kind,
          sku: one.kind === "item" ? one.number : null,
          account: one.kind === "item" ? null : one.number,
          quantity: (Number(one.quantity) * Number(sign)).toString(),
          unitPrice: null,
          net: sign * one.net,
          tax: sign * one.tax,
          gross: sign * one.gross,
          taxCode: one.taxCode || null,
          taxRate: one.taxRate,
          day: draft.postingDay,
        }),
      ),
    });
    documents.push(made);
    effects.push(`${draft.kind} ${draft.reference}`);
    return made;
  };

  const ledger: Writer<LedgerWrite> = {
    lacks: () => null,
    settles: SETTLES,
    requests: (write) =>
      write.kind === "post-document"
        ? [
            {
              does: "Makes a draft",
              method: "POST",
              path: "/drafts",
              body: { reference: write.document.reference },
            },
            { does: "Posts it", method: "POST", path: "/drafts/{id}/post", body: null },
          ]
        : [
            {
              does: "Cancels it",
              method: "POST",
              path: `/posted/${write.document.sourceId}/cancel`,
              body: null,
            },
          ],
    async look(write, key): Promise<Trace> {
      arrive();
      if (write.kind === "reverse-document") {
        const undone = documents.find(
          (one) => one.originalNumber === write.document.number && one.status === "Corrective",
        );
        return undone ? { state: "done", id: undone.sourceId, number: undone.number } : { state: "none" };
      }
      const draft = drafts.get(key);
      if (!draft) return { state: "none" };
      if (draft.posted) return { state: "done", id: draft.posted.sourceId, number: draft.posted.number };
      const total = draft.document.lines.reduce(
        (all, one) => ({ net: all.net + one.net, tax: all.tax + one.tax, gross: all.gross + one.gross }),
        { net: 0n, tax: 0n, gross: 0n },
      );
      return { state: "begun", id: draft.id, figures: total };
    },
    async advance(write, key, seen) {
      arrive();
      if (write.kind === "reverse-document") {
        request("reverse", () => reverse(write.document));
      } else if (seen.state === "none") {
        request("draft", () => {
          // The real one makes a second draft of the same request.
          if (drafts.has(key)) effects.push(`second draft ${key}`);
          drafts.set(key, { id: randomUUID(), document: write.document, posted: null });
        });
      } else {
        request("post", () => {
          const draft = drafts.get(key);
          if (draft && draft.posted === null) draft.posted = post(draft.document, "Open");
        });
      }
      return ledger.look(write, key);
    },
    async discard(_, key) {
      drafts.delete(key);
    },
  };

  function reverse({
    kind,
    number: of,
    reference,
  }: Readonly<{ kind: DocumentKind; number: string; reference: string }>): void {
    const index = documents.findIndex((one) => one.number === of);
    const posted = documents[index];
    if (!posted) return;
    documents[index] = { ...posted, status: "Canceled", modifiedAt: now() };
    post(
      {
        kind: kind === "sale" ? "credit" : "sale",
        reference,
        currency: posted.currency,
        postingDay: posted.postingDay ?? "2026-10-05",
        shipTo: null,
        corrects: null,
        lines: posted.lines.map((one) => ({
          kind: one.sku === null ? ("shipping" as const) : ("item" as const),
          number: one.sku ?? one.account ?? "",
          description: one.description ?? "",
          quantity: String(Math.abs(Number(one.quantity))),
          net: abs(one.net ?? 0n),
          tax: abs(one.tax ?? 0n),
          gross: abs(one.gross),
          taxCode: one.taxCode ?? "",
          taxRate: one.taxRate,
        })),
      },
      "Corrective",
      of,
    );
  }

  const store: Writer<StoreWrite> = {
    lacks: () => null,
    settles: SETTLES,
    requests: (write) => [
      {
        does: `Sends ${write.kind}`,
        method: "POST",
        path: `/orders/${ofOrder(write).orderId}/${write.kind}`,
        body: write,
      },
    ],
    async look(given): Promise<Trace> {
      arrive();
      const write = ofOrder(given);
      const held = orders.get(write.orderId);
      if (write.kind === "refund") {
        const note = invoices.get(write.orderId)?.find((one) => one.type === "corrective_invoice");
        return note ? { state: "done", id: note.id, number: note.number } : { state: "none" };
      }
      if (write.kind !== "line-values") return held ? fulfilmentTrace(write, held) : { state: "none" };
      const isSame = held?.cost.tax === write.total.tax && held.cost.gross === write.total.gross;
      return isSame ? { state: "done", id: write.orderId, number: null } : { state: "none" };
    },
    async advance(given, key) {
      arrive();
      const write = ofOrder(given);
      request(write.kind, () => {
        const held = orders.get(write.orderId);
        if (!held) return;
        if (write.kind === "line-values") {
          const { net, tax, gross } = write.total;
          orders.set(held.id, { ...held, cost: { ...held.cost, net, tax, gross }, updatedAt: now() });
          effects.push(`values ${held.reference}`);
          return;
        }
        if (write.kind !== "refund") {
          orders.set(held.id, { ...fulfilledOrder(write, held, now()), updatedAt: now() });
          effects.push(`${write.kind} ${held.reference}`);
          return;
        }
        const back = new Set(write.items.map(({ itemId }) => itemId));
        const returnedAt = new Date(`${write.returnedOn ?? "2026-10-10"}T10:00:00Z`);
        orders.set(held.id, {
          ...held,
          items: held.items.map((one) =>
            back.has(one.id) ? { ...one, status: "returned", returnedAt } : one,
          ),
          updatedAt: now(),
        });
        invoices.set(held.id, [
          ...(invoices.get(held.id) ?? []),
          { id: randomUUID(), type: "corrective_invoice", number: `CN-${held.id}`, createdAt: returnedAt },
        ]);
        effects.push(`refund ${held.reference}`);
      });
      return store.look(write, key);
    },
  };
  return { orders, invoices, documents, drafts, effects, ledger, store, arrive };
}

const abs = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

/** What is wrong with an order, and how it is put right. */
export const plights = {
  "sale-missing-in-erp": "post-missing-sale",
  "credit-missing-in-erp": "post-missing-credit",
  "duplicate-in-erp": "reverse-duplicate",
  "tax-code-missing": "set-tax-code",
  "credit-note-failed": "resend-refund",
  "tax-not-recalculated": "send-line-values",
} as const;
export type Plight = keyof typeof plights;

/** Puts an order with a plight into both worlds. */
export function plant({ orders, invoices, documents }: Worlds, id: string, plight: Plight): void {
  const reference = `DE-${id}`;
  const one = item({ id: `${id}1` });
  const back = item({
    id: `${id}1`,
    status: "returned",
    returnedAt: new Date("2026-10-12T10:00:00Z"),
  });
  const isReturned = plight === "credit-missing-in-erp";
  const gone = item({
    id: `${id}2`,
    sku: "SKU-2",
    status: "cancelled",
    shippedAt: null,
    cancelledAt: new Date("2026-10-05T08:00:00Z"),
    net: 4202n,
    tax: 798n,
    gross: 5000n,
  });
  const isStale = plight === "tax-not-recalculated";
  orders.set(
    id,
    order({
      id,
      reference,
      aliases: [id, reference],
      items: isStale ? [one, gone] : [isReturned ? back : one],
      ...(isStale && { cost: { net: 11_900n - 2_698n, tax: 2_698n, gross: 11_900n, externalPrices: false } }),
    }),
  );
  invoices.set(
    id,
    isReturned
      ? [
          {
            id: `n${id}`,
            type: "corrective_invoice",
            number: `N-${id}`,
            createdAt: new Date("2026-10-12T10:00:00Z"),
          },
        ]
      : [],
  );
  const sale = (changes: Partial<BookDocument> = {}) =>
    invoice({ sourceId: randomUUID(), number: `INV-${id}`, reference, ...changes });
  if (plight === "sale-missing-in-erp") return;
  documents.push(sale(plight === "tax-code-missing" ? { lines: [line({ taxCode: null })] } : {}));
  if (plight === "duplicate-in-erp") documents.push(sale({ number: `INV-${id}-2`, sourceId: randomUUID() }));
  if (plight === "credit-note-failed")
    documents.push(
      sale({
        kind: "credit",
        number: `CM-${id}`,
        sourceId: randomUUID(),
        originalNumber: `INV-${id}`,
        postingDay: "2026-10-10",
        stated: { net: -10_000n, tax: -1_900n, gross: -11_900n },
        lines: [line({ quantity: "-1", net: -10_000n, tax: -1_900n, gross: -11_900n, day: "2026-10-10" })],
      }),
    );
}

/** The runner's surroundings over both worlds: what is read is stored and matched as a sync and a reconciliation do it. */
export function contextOver(
  worlds: Worlds,
  contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>,
  given: Readonly<{
    pool: pg.Pool;
    reading: pg.Pool;
    now: () => Date;
    onRead?: (orderKeys: readonly string[]) => void;
  }>,
): RunnerContext {
  const { connectionId } = contexts.orders;
  return {
    pool: given.pool,
    now: given.now,
    writers: async () => ({
      of: (planned) =>
        planned.connectionId === connectionId
          ? { system: "SCAYLE", writer: worlds.store as Writer<LedgerWrite | StoreWrite> }
          : { system: "Business Central", writer: worlds.ledger as Writer<LedgerWrite | StoreWrite> },
    }),
    async readBack(entityId, orderKeys) {
      worlds.arrive();
      const ids = [...worlds.orders.keys()].filter((id) => orderKeys.includes(orderKeyOf(connectionId, id)));
      await readWorlds(worlds, contexts, given.reading, ids, given.now());
      await runReconciliation(
        { entityId, orderKeys },
        { actorName: "test", now: given.now, pool: given.reading },
      );
      given.onRead?.(orderKeys);
      return { problems: new Map(), broken: [] };
    },
  };
}

/** Stores some orders of both worlds with all that belongs to them. */
export async function readWorlds(
  worlds: Worlds,
  contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>,
  pool: pg.Pool,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  for (const id of ids) {
    const held = worlds.orders.get(id);
    if (!held) continue;
    const mine = worlds.documents.filter((one) => one.reference === held.reference);
    await inTransaction(pool, async (client) => {
      await storeOrders(client, { ...contexts.orders, at }, [reading(held)]);
      await storeLedger(client, { ...contexts.ledger, at }, mine.map(reading));
      const list = worlds.invoices.get(id) ?? [];
      await storeInvoices(client, { ...contexts.orders, at }, [
        {
          orderKey: orderKeyOf(contexts.orders.connectionId, id),
          reading: {
            sourceId: id,
            reference: null,
            modifiedAt: null,
            payload: list,
            personal: null,
            controls: [],
            result: { ok: true, value: list },
          },
        },
      ]);
    });
  }
}
