import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { inTransaction } from "@/lib/db/pool";
import type { BookDocument } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import type { SalesOrder } from "@/lib/domain/order";
import { runReconciliation } from "@/lib/matching/reconcile";
import { hashOfFigures, signedFiguresOf } from "@/lib/matching/signed-figures";
import { invoice, item, line, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { lockPeriod } from "./locking";
import { signPeriod } from "./signing";
import { findPeriod, findSignOffs, holds, totalsOf } from "./state";

/** Somebody with roles, in one entity or in all. */
export const person = (name: string, roles: readonly Role[], entityId: string | null = null): Actor => ({
  id: randomUUID(),
  name,
  email: `${name}@example.com`,
  grants: roles.map((role) => ({ role, entityId })),
  demo: false,
});

/** "done", the code of the refusal, or what else went wrong. */
export const refused = async (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => "done",
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

/** The month that the fixtures of orders are in, and their entity. */
export const ENTITY = "E1";
export const MONTH = "2026-10";

/** An entity with a store and an ERP whose orders and documents come as they are told, on a clock of its own. */
export async function makeBooks(pool: pg.Pool) {
  const contexts = await prepare(pool);
  let clock = Date.parse("2026-11-20T08:00:00Z");
  const now = () => new Date(clock++);
  const store = (values: Partial<SalesOrder>) =>
    inTransaction(pool, (client) =>
      storeOrders(client, { ...contexts.orders, at: now() }, [reading(order(values))]),
    );
  const post = (values: Partial<BookDocument>) =>
    inTransaction(pool, (client) =>
      storeLedger(client, { ...contexts.ledger, at: now() }, [
        reading(invoice({ modifiedAt: now(), ...values })),
      ]),
    );
  const period = async () => {
    const held = await findPeriod(pool, ENTITY, MONTH);
    if (!held) throw new Error("no period");
    return held;
  };
  const hash = async () => hashOfFigures(signedFiguresOf((await totalsOf(pool, ENTITY, MONTH)).totals));
  return {
    now,
    /** moves the clock on */
    wait: (milliseconds: number) => {
      clock += milliseconds;
    },
    store,
    post,
    /** an order and its invoice that agree */
    sell: async (id: string) => {
      await store({ id, reference: `DE-${id}`, items: [item({ id: `${id}-1` })] });
      await post({ sourceId: `i${id}`, number: `RE-${id}`, reference: `DE-${id}`, lines: [line()] });
    },
    reconcile: () => runReconciliation({}, { actorName: "Test", now, pool }),
    period,
    hash,
    sign: async (actor: Actor, at?: string) =>
      signPeriod(
        actor,
        { entityId: ENTITY, month: MONTH, hash: at ?? (await hash()), note: "", remainderWhy: "" },
        { now: now() },
      ),
    lock: async (actor: Actor) =>
      lockPeriod(
        actor,
        { entityId: ENTITY, month: MONTH, version: (await period()).version },
        { now: now() },
      ),
    /** the hashes of the sign-offs that count */
    signed: async () => {
      const { round } = await period();
      return (await findSignOffs(pool, ENTITY, MONTH)).filter((one) => one.round === round && holds(one));
    },
  } as const;
}
