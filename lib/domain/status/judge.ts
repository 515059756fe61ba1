import type { Minor } from "../money";
import { AXES, type Axis, clashes, isUnknown, type Stage, stageOf } from "./codes";
import { takenBack, unitsOf } from "./erp-units";
import type { ErpFact, OrderFacts, UnitFact } from "./facts";
import type { TransitionCode } from "./transitions";

/** A transition that came: from when to when. */
export type Done = Readonly<{ transition: TransitionCode; from: Date; until: Date }>;

/** A transition that has not come, and what it is about. */
export type Wait = Readonly<{
  transition: TransitionCode;
  since: Date;
  /** SCAYLE's ids of the items that wait */
  items: readonly string[];
  /** numbers of the ERP's documents that say that it is due */
  documents: readonly string[];
  /** what these items were sold for, in minor units of the order's currency */
  worth: Minor;
  /** the key that is to be written to SCAYLE, of transition `reference` */
  key?: string;
  /** the ERP's day on which it came back or was taken back */
  day?: Date;
}>;

/** What SCAYLE says of the order and can't be so at once. */
export type Contradiction = Readonly<{ key: string; says: string }>;

export type Judgement = Readonly<{
  done: readonly Done[];
  waiting: readonly Wait[];
  contradictions: readonly Contradiction[];
  /** codes that are not in our table: they are kept and say nothing */
  unknown: readonly Readonly<{ axis: Axis; code: string }>[];
}>;

/**
 * Judges how far an order is in both systems by what they say of it. Whether a wait is long is not said here. Nothing is
 * waited for before an order is confirmed: an open one may stay so for ever (SCAYLE's pages on the lifecycle).
 */
export function judge(facts: OrderFacts): Judgement {
  const seen = seenOf(facts);
  return {
    done: doneOf(facts, seen),
    waiting: facts.confirmedAt === null || seen.isOver ? [] : waitingOf(facts, seen),
    contradictions: contradictionsOf(facts, seen),
    unknown: unknownOf(facts),
  };
}

/** What follows from the codes and times of an order. */
type Seen = Readonly<{
  stage: Stage | null;
  /** cancelled, or on its way there: nothing of it is waited for */
  isOver: boolean;
  /** units that are not cancelled */
  live: readonly UnitFact[];
  shipped: readonly UnitFact[];
  /** live, and not shipped */
  ashore: readonly UnitFact[];
  back: readonly UnitFact[];
  delegatedAt: Date | null;
  shippedTimes: readonly Date[];
  reversed: ReadonlySet<ErpFact>;
  sales: readonly ErpFact[];
  credits: readonly ErpFact[];
}>;

const LEFT = new Set(["shipped", "delivered", "returned", "undeliverable"]);
const CAME_BACK = new Set(["returned", "undeliverable"]);

const isCancelled = (unit: UnitFact): boolean => unit.cancelledAt !== null || unit.status === "cancelled";
const isBack = (unit: UnitFact): boolean =>
  unit.returnedAt !== null || (unit.status !== null && CAME_BACK.has(unit.status));

function seenOf(facts: OrderFacts): Seen {
  const stage = stageOf(facts.orderStatus);
  const live = facts.units.filter((unit) => !isCancelled(unit));
  const hasTimes = facts.units.some((unit) => unit.shippedAt !== null);
  // Where no item says when it left (older tenants, older orders), the order's own state says it of all.
  const byOrder = !hasTimes && (stage === "shipped" || stage === "invoiced");
  const hasLeft = (unit: UnitFact): boolean =>
    unit.shippedAt !== null || (unit.status !== null && LEFT.has(unit.status)) || byOrder;
  const shipped = live.filter(hasLeft);
  const reversed = takenBack(facts.erp, unitsOf(shipped));
  const isOfGoods = (kind: ErpFact["kind"]) => (one: ErpFact) => one.kind === kind && !reversed.has(one);
  return {
    stage,
    isOver:
      stage === "cancelled" ||
      stage === "other" ||
      live.length === 0 ||
      (facts.status ?? "").startsWith("cancellation_"),
    live,
    shipped,
    // Invoiced is final; what had not left by then never does.
    ashore: stage === "invoiced" ? [] : live.filter((unit) => !hasLeft(unit)),
    back: shipped.filter(isBack),
    delegatedAt: first(facts.units.map((unit) => unit.delegatedAt)),
    shippedTimes: times(shipped.map((unit) => unit.shippedAt ?? (byOrder ? facts.invoicedAt : null))),
    reversed,
    sales: facts.erp.filter(isOfGoods("sale")),
    credits: facts.erp.filter(isOfGoods("credit")),
  };
}

const times = (all: readonly (Date | null)[]): readonly Date[] =>
  all.filter((at) => at !== null).sort((a, b) => a.getTime() - b.getTime());
const first = (all: readonly (Date | null)[]): Date | null => times(all)[0] ?? null;
const last = (all: readonly (Date | null)[]): Date | null => times(all).at(-1) ?? null;

function doneOf(facts: OrderFacts, seen: Seen): readonly Done[] {
  const done: Done[] = [];
  const add = (transition: TransitionCode, from: Date | null, until: Date | null) => {
    if (from === null || until === null) return;
    // What came before it was due took no time.
    done.push({ transition, from, until: until < from ? from : until });
  };
  const firstLeft = seen.shippedTimes[0] ?? null;
  const lastLeft = seen.shippedTimes.at(-1) ?? null;
  const isWhole = seen.ashore.length === 0 && seen.shipped.length > 0;
  add("delegate", facts.confirmedAt, seen.delegatedAt);
  add("ship", seen.delegatedAt ?? facts.confirmedAt, firstLeft);
  if (isWhole && firstLeft !== null && lastLeft !== null && lastLeft > firstLeft)
    add("ship-rest", firstLeft, lastLeft);
  if (isWhole) add("invoice", lastLeft, facts.invoicedAt);
  add("post", firstLeft, first(seen.sales.map((one) => one.postedAt)));
  if (firstLeft !== null && seen.sales.length > 0)
    add("tell-shipment", first(seen.sales.map((one) => one.day)), firstLeft);
  const cameBack = first(seen.back.map((unit) => unit.returnedAt));
  if (cameBack !== null && seen.credits.length > 0) {
    add("tell-return", first(seen.credits.map((one) => one.day)), cameBack);
    add("post-credit", cameBack, first(seen.credits.map((one) => one.postedAt)));
  }
  const cancelled = last(facts.units.map((unit) => unit.cancelledAt));
  const undone = first([...seen.reversed].filter((one) => one.kind === "credit").map((one) => one.day));
  if (seen.live.length === 0) add("tell-cancellation", undone, cancelled);
  return done;
}

function waitingOf(facts: OrderFacts, seen: Seen): readonly Wait[] {
  const waits: Wait[] = [];
  const { stage, ashore, shipped } = seen;
  const isDelegated = seen.delegatedAt !== null || stage === "delegated" || stage === "shipped";
  if (!isDelegated && stage === "confirmed" && shipped.length === 0 && facts.confirmedAt !== null)
    waits.push(waitOf("delegate", facts.confirmedAt, seen.live));
  if (isDelegated) waits.push(...waitingToLeave(facts, seen));
  const lastLeft = seen.shippedTimes.at(-1) ?? null;
  if (
    facts.invoicesEnabled &&
    ashore.length === 0 &&
    lastLeft !== null &&
    facts.invoicedAt === null &&
    (stage === "shipped" || stage === "delegated")
  )
    waits.push(waitOf("invoice", lastLeft, shipped));
  const firstLeft = seen.shippedTimes[0];
  if (firstLeft && seen.sales.length === 0) waits.push(waitOf("post", firstLeft, shipped));
  waits.push(...waitingReturns(seen), ...waitingKey(facts, seen));
  return waits;
}

/** What has not left: because the ERP took it back, although the ERP invoiced it, or because nobody says that it did. */
function waitingToLeave(facts: OrderFacts, seen: Seen): readonly Wait[] {
  const { ashore, shipped } = seen;
  if (ashore.length === 0) return [];
  const invoiced = beyond(ashore, seen.sales, unitsOf(shipped));
  const rest = ashore.filter((unit) => !invoiced.units.includes(unit));
  const invoices = [...seen.reversed].filter((one) => one.kind === "sale");
  const undone = beyond(rest, invoices, {});
  const open = rest.filter((unit) => !undone.units.includes(unit));
  const day = last([...seen.reversed].filter((one) => one.kind === "credit").map((one) => one.day));
  const since = seen.delegatedAt ?? facts.confirmedAt;
  const firstLeft = seen.shippedTimes[0] ?? null;
  const waits: Wait[] = [];
  if (invoiced.since !== null)
    waits.push(waitOf("tell-shipment", invoiced.since, invoiced.units, invoiced.documents));
  if (undone.since !== null) {
    const at = day ?? undone.since;
    waits.push({ ...waitOf("tell-cancellation", at, undone.units, undone.documents), day: at });
  }
  if (open.length > 0 && shipped.length > 0 && firstLeft !== null)
    waits.push(waitOf("ship-rest", firstLeft, open));
  else if (open.length > 0 && shipped.length === 0 && since !== null) waits.push(waitOf("ship", since, open));
  return waits;
}

function waitingReturns(seen: Seen): readonly Wait[] {
  const kept = seen.shipped.filter((unit) => !isBack(unit));
  const waits: Wait[] = [];
  const credited = beyond(kept, seen.credits, together(unitsOf(seen.back), invoicedAnew(seen)));
  if (credited.since !== null)
    waits.push({
      ...waitOf("tell-return", credited.since, credited.units, credited.documents),
      day: credited.since,
    });
  const cameBack = first(seen.back.map((unit) => unit.returnedAt));
  if (cameBack !== null && seen.credits.length === 0) waits.push(waitOf("post-credit", cameBack, seen.back));
  return waits;
}

type Units = Readonly<Record<string, number>>;

/** Units that the ERP invoiced more often than they left: it credits a wrong invoice and posts another, and nothing came back. */
function invoicedAnew({ sales, shipped }: Seen): Units {
  const left = unitsOf(shipped);
  const named = sales.map((one) => one.units).reduce(together, {});
  return Object.fromEntries(
    Object.entries(named).map(([key, count]) => [key, Math.max(0, count - (left[key] ?? 0))]),
  );
}

const together = (one: Units, other: Units): Units => {
  const sums: Record<string, number> = { ...one };
  for (const [key, count] of Object.entries(other)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
};

/** An order that has no reference key, of a shop whose orders have one: the ERP's number for it was never written back. */
function waitingKey(facts: OrderFacts, { sales }: Seen): readonly Wait[] {
  const own = new Set([facts.publicKey, facts.sourceId]);
  if (!facts.expectsKey || !own.has(facts.reference) || sales.length === 0) return [];
  const [oldest] = [...sales].sort(
    (a, b) => a.day.getTime() - b.day.getTime() || (a.number < b.number ? -1 : 1),
  );
  if (!oldest) return [];
  const key = oldest.reference !== null && !own.has(oldest.reference) ? oldest.reference : oldest.number;
  return [
    {
      transition: "reference",
      since: oldest.day,
      items: [],
      documents: sales.map((one) => one.number),
      worth: 0n,
      key,
    },
  ];
}

/**
 * Which units documents name beyond those that are accounted for, item by item; since the newest document that names one of
 * them, so that nothing is called late by an older one.
 */
function beyond(
  units: readonly UnitFact[],
  documents: readonly ErpFact[],
  accounted: Units,
): Readonly<{ units: readonly UnitFact[]; documents: readonly string[]; since: Date | null }> {
  const named = new Map<string, number>();
  for (const document of documents)
    for (const [key, count] of Object.entries(document.units)) named.set(key, (named.get(key) ?? 0) + count);
  const left = new Map([...named].map(([key, count]) => [key, count - (accounted[key] ?? 0)]));
  const found = units.filter(({ sku }) => {
    const count = left.get(sku) ?? 0;
    if (count < 1) return false;
    left.set(sku, count - 1);
    return true;
  });
  const keys = new Set(found.map((unit) => unit.sku));
  const about = documents.filter((one) => Object.keys(one.units).some((key) => keys.has(key)));
  return {
    units: found,
    documents: about.map((one) => one.number),
    since: found.length === 0 ? null : last(about.map((one) => one.day)),
  };
}

const waitOf = (
  transition: TransitionCode,
  since: Date,
  units: readonly UnitFact[],
  documents: readonly string[] = [],
): Wait => ({
  transition,
  since,
  items: units.map((unit) => unit.id),
  documents,
  worth: units.reduce((sum, unit) => sum + unit.gross, 0n),
});

const codeOn = (facts: OrderFacts, axis: Axis): string | null =>
  ({
    status: facts.status,
    order: facts.orderStatus,
    billing: facts.billingStatus,
    shipping: facts.shippingStatus,
    item: null,
    package: null,
  })[axis];

function contradictionsOf(facts: OrderFacts, { stage, shipped }: Seen): readonly Contradiction[] {
  const has = ({ axis, codes }: (typeof clashes)[number]["one"]): boolean => {
    const code = codeOn(facts, axis);
    return code !== null && codes.includes(code);
  };
  const found = clashes
    .filter(({ one, other }) => has(one) && has(other))
    .map(({ key, says }) => ({ key, says }));
  const out = shipped.filter((unit) => !isBack(unit));
  if (stage !== "cancelled" || out.length === 0) return found;
  const count = out.length === 1 ? "1 item" : `${out.length} items`;
  return [
    ...found,
    {
      key: "cancelled-with-items-out",
      says: `SCAYLE says that the order is cancelled, and that ${count} of it left and did not come back`,
    },
  ];
}

function unknownOf(facts: OrderFacts): Judgement["unknown"] {
  const codesOn: Readonly<Record<Axis, readonly (string | null)[]>> = {
    status: [facts.status],
    order: [facts.orderStatus],
    billing: [facts.billingStatus],
    shipping: [facts.shippingStatus],
    item: facts.units.map((unit) => unit.status),
    package: facts.packageStates,
  };
  return AXES.flatMap((axis) =>
    [...new Set(codesOn[axis])].flatMap((code) =>
      code !== null && isUnknown(axis, code) ? [{ axis, code }] : [],
    ),
  );
}
