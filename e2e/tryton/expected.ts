import type { Figures } from "@/lib/sandbox/arithmetic";
import type { World } from "@/lib/sandbox/model";
import { MONTHS } from "../support/sandbox-world";
import { type FaultName, type Plan, type PlannedDocument, scayleTotals, trytonTotals } from "./plan";

type Kind = "sale" | "credit";
type Cell = Readonly<{ period: string } & Figures>;

/** What each fault is to be found as, and of which kind of document. */
export const CAUSES: Readonly<Record<FaultName, readonly Readonly<{ cause: string; kind: Kind }>[]>> = {
  "missing invoice": [{ cause: "sale-missing-in-erp", kind: "sale" }],
  "cancelled invoice": [{ cause: "sale-missing-in-erp", kind: "sale" }],
  "wrong quantity": [{ cause: "quantity-wrong", kind: "sale" }],
  "7 instead of 19 %": [{ cause: "tax-code-wrong", kind: "sale" }],
  "wrong item": [{ cause: "item-wrong", kind: "sale" }],
  "double credit": [{ cause: "duplicate-in-erp", kind: "credit" }],
  "missing credit": [{ cause: "credit-missing-in-erp", kind: "credit" }],
  "cancelled order invoiced": [{ cause: "cancelled-but-invoiced", kind: "sale" }],
  "invoice without reference": [
    { cause: "sale-missing-in-erp", kind: "sale" },
    { cause: "sale-missing-in-scayle", kind: "sale" },
  ],
};

const minus = (a: Figures, b: Figures): Figures => ({
  net: a.net - b.net,
  tax: a.tax - b.tax,
  gross: a.gross - b.gross,
});
const NOTHING: Figures = { net: 0n, tax: 0n, gross: 0n };

/**
 * What is to be found, as text by subject: each fault with what it moves, and for every other difference of an order
 * "rounding". From SCAYLE's figures by the sandbox and Tryton's by its arithmetic; nothing of the product's is used.
 */
export function expectedFindings(
  world: World,
  plan: Plan,
  options: Readonly<{ entity: string; at: number; numberOf: (key: string) => string }>,
): ReadonlyMap<string, string> {
  const found = new Map<string, Cell[]>();
  const add = (subject: string, cells: readonly Cell[]) =>
    found.set(subject, [...(found.get(subject) ?? []), ...cells]);
  const { entity, at } = options;
  const missing = new Set<string>();
  for (const fault of plan.faults) {
    for (const { cause, kind } of CAUSES[fault.name]) {
      const subject = `${cause} ${entity}`;
      if (cause === "sale-missing-in-scayle") {
        for (const one of fault.wrong) add(`${subject} ${options.numberOf(one.key)}`, cellsOf([one], -1n));
      } else if (cause.endsWith("missing-in-erp")) {
        missing.add(`${fault.orderId} ${kind}`);
        const affair = world.affairs.find(({ order }) => String(order.id) === fault.orderId);
        const cells = affair ? scayleTotals(affair, at).filter((one) => one.kind === kind) : [];
        add(`${subject} ${fault.orderId} ${kind}`, cells);
      } else {
        const of = (documents: readonly PlannedDocument[]) => documents.filter((one) => one.kind === kind);
        add(`${subject} ${fault.orderId} ${kind}`, [
          ...cellsOf(of(fault.right), 1n),
          ...cellsOf(of(fault.wrong), -1n),
        ]);
      }
    }
  }
  for (const [key, cells] of roundingOf(world, plan, at)) {
    if (!missing.has(key)) add(`rounding ${entity} ${key}`, cells);
  }
  return texts(found);
}

/** SCAYLE − Tryton by order, kind and month, as if there were no faults: cents, or what is still on its way. */
function roundingOf(world: World, plan: Plan, at: number): ReadonlyMap<string, readonly Cell[]> {
  const faulty = new Map(plan.faults.map((fault) => [fault.orderId, fault.right]));
  const orders = new Map<string, PlannedDocument[]>();
  for (const one of plan.documents) {
    if (!one.posted || faulty.has(one.orderId)) continue;
    orders.set(one.orderId, [...(orders.get(one.orderId) ?? []), one]);
  }
  const all = new Map<string, Cell[]>();
  for (const affair of world.affairs) {
    const id = String(affair.order.id);
    const posted = faulty.get(id) ?? orders.get(id) ?? [];
    const totals = scayleTotals(affair, at);
    for (const kind of ["sale", "credit"] as const) {
      const own = posted.filter((one) => one.kind === kind);
      // Where a parcel is still to be posted, that is a matter of time.
      const expected = affair.documents.filter(
        (one) => one.kind === kind && (kind === "credit" ? isBack(affair, one.postingDate, at) : true),
      );
      if (own.length === 0 || own.length < expected.filter((one) => hasLeft(one, at)).length) continue;
      const cells = [...totals.filter((one) => one.kind === kind), ...cellsOf(own, -1n)];
      if (cells.length > 0) all.set(`${id} ${kind}`, cells);
    }
  }
  return all;
}

const hasLeft = (document: World["affairs"][number]["documents"][number], at: number): boolean =>
  document.postedAt !== null && Date.parse(`${document.postingDate}T00:00:00Z`) <= at;
const isBack = (_: World["affairs"][number], day: string, at: number): boolean =>
  Date.parse(`${day}T00:00:00Z`) <= at;

/** Each document's totals by itself: Tryton rounds once per document. */
function cellsOf(documents: readonly PlannedDocument[], sign: bigint): readonly Cell[] {
  return documents.map((one) => {
    const { net, tax, gross } = trytonTotals([one]);
    return { period: one.day.slice(0, 7), net: sign * net, tax: sign * tax, gross: sign * gross };
  });
}

function texts(found: ReadonlyMap<string, readonly Cell[]>): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const [subject, cells] of found) {
    const isRounding = subject.startsWith("rounding ");
    const text = [...new Set(cells.map((cell) => cell.period))]
      .sort()
      .filter((period) => !isRounding || MONTHS.includes(period))
      .map((period) => {
        const sum = cells
          .filter((cell) => cell.period === period)
          .reduce<Figures>((total, cell) => minus(total, minus(NOTHING, cell)), NOTHING);
        return { period, ...sum };
      })
      .filter(({ net, tax, gross }) => net !== 0n || tax !== 0n || gross !== 0n)
      .map(({ period, net, tax, gross }) => `${period} EUR ${net}/${tax}/${gross}`)
      .join("; ");
    if (!isRounding || text !== "") all.set(subject, text);
  }
  return all;
}
