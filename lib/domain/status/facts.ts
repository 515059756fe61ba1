import type { Minor } from "../money";

/** One piece of an order, as far as its state goes. */
export type UnitFact = Readonly<{
  id: string;
  sku: string;
  status: string | null;
  packageId: string | null;
  delegatedAt: Date | null;
  /** on the item, else on its package */
  shippedAt: Date | null;
  cancelledAt: Date | null;
  returnedAt: Date | null;
  /** what it was sold for, in minor units of the order's currency */
  gross: Minor;
}>;

/** A posted document of the ERP, as far as an order's state follows from it. */
export type ErpFact = Readonly<{
  kind: "sale" | "credit";
  number: string;
  /** by what it names its order; null: by nothing */
  reference: string | null;
  /** the document that it credits */
  originalNumber: string | null;
  status: string | null;
  /** the beginning of its posting day in the entity's time zone: ERPs state no time */
  day: Date;
  /**
   * about when it was posted: its last change as it was first read, where nothing but the posting had changed it by then;
   * null where that can't be told
   */
  postedAt: Date | null;
  /** whole units by item key; credits are positive too */
  units: Readonly<Record<string, number>>;
}>;

/** An order with everything that its state is judged by. */
export type OrderFacts = Readonly<{
  orderKey: string;
  sourceId: string;
  reference: string;
  publicKey: string | null;
  /** whether the orders of its shop have reference keys at all */
  expectsKey: boolean;
  /** false: SCAYLE makes no invoices for its channel */
  invoicesEnabled: boolean;
  status: string | null;
  orderStatus: string | null;
  billingStatus: string | null;
  shippingStatus: string | null;
  packageStates: readonly string[];
  placedAt: Date | null;
  confirmedAt: Date | null;
  invoicedAt: Date | null;
  units: readonly UnitFact[];
  erp: readonly ErpFact[];
}>;
