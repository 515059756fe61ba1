import type { Finding } from "@/lib/causes/outcome";
import type { LedgerWrite, StoreWrite } from "@/lib/connectors/write";
import type { Day, Month } from "@/lib/domain/day";
import type { BookDocument } from "@/lib/domain/document";
import type { Group } from "@/lib/domain/group";
import type { Minor } from "@/lib/domain/money";
import type { OrderFacts } from "@/lib/domain/status/facts";
import type { Wait } from "@/lib/domain/status/judge";
import type { Worth } from "@/lib/exceptions/limits";
import type { StockNow } from "@/lib/stock/context";

/*
 * How to add a resolution: one file in this folder that exports a `defineResolution({…})`, and one line in registry.ts at
 * the place where it is offered. The file holds everything that is said of it and plans its writes, purely: the same
 * exception and books give the same plan. It sends nothing itself: the runner (run.ts) shows, claims, sends, reads back,
 * matches again, and closes with proof or opens again with what was read.
 */

/** Whose books it writes to: SCAYLE, the ERP, or our own. */
export type Target = "scayle" | "erp" | "tieout";

/** What the ERP has to make of a draft before it is posted: `null` is not foreseen (nobody has confirmed how it rounds). */
export type Figures = Readonly<{ net: Minor | null; tax: Minor | null; gross: Minor | null }>;

/** One write of a plan, and the connection that it goes through. */
export type PlannedWrite =
  | Readonly<{
      target: "erp";
      connectionId: string;
      write: LedgerWrite;
      figures: Figures | null;
      /** what the document comes to that is taken back, in minor units without sign; one that is posted says it by its lines */
      amount?: Worth;
    }>
  | Readonly<{ target: "scayle"; connectionId: string; write: StoreWrite; figures: null }>;

/** What a plan is expected to change in the other system, by what was read last: what is read back decides. */
export type Expected = Readonly<{
  /** what it is about: an order, an item */
  name: string;
  changes: readonly Readonly<{ what: string; before: string; after: string }>[];
  /** when `before` was read: an ISO instant, and the time zone in which people read it */
  readAt: string;
  timeZone: string;
  /** exceptions that are expected to close by it, each in a few words */
  closes: readonly string[];
  /** what else is expected of it, in sentences */
  besides: readonly string[];
}>;

/** What is to be sent, in this order, each when the one before has its effect. */
export type Plan = Readonly<{
  /** what it does, in a sentence with its figures */
  sentence: string;
  /** what is to be read afterwards */
  effect: string;
  /** whether and how it can be taken back, in a sentence */
  undo: string;
  /** of what stands beside the books; absent: what it does to the books is computed by matching */
  expects?: Expected | undefined;
  writes: readonly PlannedWrite[];
}>;

/** Why there is no plan, in a sentence; `heading` says what to do in its place, where that is known. */
export type Cannot = Readonly<{ cannot: string; heading?: string | undefined }>;

export const isPlan = (planned: Plan | Cannot): planned is Plan => !("cannot" in planned);

/** What an ERP has for a way of paying. `shop` "*" is any; it holds on the days from `from` to `until`, both included. */
export type PaymentRule = Readonly<{
  connectionId: string;
  shop: string;
  key: string;
  code: string;
  from: Day | null;
  until: Day | null;
}>;

/** Everything that a plan is made of. */
export type ResolutionContext = Readonly<{
  group: Group;
  /** what the exception was found as, now */
  finding: Finding;
  /** everything that is found in the group, it among them */
  findings: readonly Finding[];
  /** ERP documents of the group as they were read, with their own item numbers and accounts, by id */
  posted: ReadonlyMap<string, BookDocument>;
  /** ERP items by the SKU that the confirmed mapping makes of them */
  items: ReadonlyMap<string, readonly Readonly<{ item: string; variant: string }>[]>;
  /** ERP accounts by the kind of charge that is booked on them */
  accounts: ReadonlyMap<string, readonly string[]>;
  /** what the ERP has for ways of paying, from day to day */
  payments: readonly PaymentRule[];
  /** the entity's one ERP and its SCAYLE connection; null where it has none, or several */
  erp: string | null;
  store: string | null;
  today: Day;
  closedMonths: ReadonlySet<Month>;
  /** the step that is missing, of an exception that is about how far the order is; absent: it is about its books */
  drift?: Wait;
  /** how far that order is, and the steps of it that have open exceptions */
  told?: Readonly<{ facts: OrderFacts; open: readonly string[]; readAt: Date; timeZone: string }>;
  timeZone: string;
}>;

/** A push of an item's stock is planned from what both sides had when they were read last. */
export type StockContext = Readonly<{
  stock: StockNow;
  /** the entity's one SCAYLE connection; null where it has none, or several */
  store: string | null;
  now: Date;
  timeZone: string;
}>;

/** What a plan is made of: an order's group, or an item's stock. */
export type PlanContext = ResolutionContext | StockContext;

type Said = Readonly<{
  /** stable, kebab-case */
  code: string;
  /** verb first, as on its button */
  title: string;
  /** what it does and when it counts as done, in a sentence */
  meaning: string;
  target: Target;
  /** codes of the causes it is offered for; `*`: all */
  suits: readonly string[];
}>;

/** A resolution that is sent to another system and read back. */
export type WrittenResolution = Said &
  Readonly<{
    kind: "written";
    /** whether a second person approves it whatever its amount */
    alwaysSecond: boolean;
    plan(context: PlanContext): Plan | Cannot;
  }>;

/** What an exception is, for whoever leads a person to where it is put right. */
export type Place = Readonly<{
  entityId: string;
  id: string;
  cause: string;
  state: string;
  orderKey: string;
  period: Month;
  rootCauseId: string | null;
  missing: readonly Readonly<{ kind: string }>[];
}>;

/** A resolution that is made within Tieout, where there is a place for it already. */
export type KeptResolution = Said &
  Readonly<{
    kind: "kept";
    /** states beside the open ones in which it is offered */
    also: readonly string[];
    /** what it is called and means in those; left out: as in the open ones */
    afterwards?: Readonly<{ title: string; meaning: string }>;
    /** address of the place, below the page or elsewhere; null where there is nothing to be done there now */
    at(place: Place): string | null;
  }>;

export type Resolution = WrittenResolution | KeptResolution;

type Planned = Said & Readonly<{ alwaysSecond?: boolean }>;

/** A resolution: of an order's group (`plan`), of an item's stock (`planStock`), or one that is made within Tieout. */
export function defineResolution(
  resolution:
    | (Planned & Readonly<{ plan(context: ResolutionContext): Plan | Cannot }>)
    | (Planned & Readonly<{ planStock(context: StockContext): Plan | Cannot }>)
    | (Omit<KeptResolution, "kind" | "also"> & Partial<Pick<KeptResolution, "also">>),
): Resolution {
  if ("planStock" in resolution) {
    const { planStock, ...said } = resolution;
    const plan = (context: PlanContext) =>
      "stock" in context ? planStock(context) : { cannot: "This is about an order, and not about stock." };
    return { alwaysSecond: false, ...said, plan, kind: "written" };
  }
  if ("plan" in resolution) {
    const { plan, ...said } = resolution;
    const ofGroup = (context: PlanContext) =>
      "stock" in context ? { cannot: "This is about stock, and not about an order." } : plan(context);
    return { alwaysSecond: false, ...said, plan: ofGroup, kind: "written" };
  }
  return { also: [], ...resolution, kind: "kept" };
}
