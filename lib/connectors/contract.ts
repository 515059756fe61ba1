import type { z } from "zod";
import type { SourceControl } from "@/lib/domain/control";
import type { Day } from "@/lib/domain/day";
import type { BookDocument, DocumentKind } from "@/lib/domain/document";
import type { Missing } from "@/lib/domain/missing";
import type { OrderInvoice, SalesOrder } from "@/lib/domain/order";
import type { HttpClient } from "./http";
import type { JournalWriter } from "./journal";
import type { StockSource } from "./stock";
import type { LedgerWrite, StoreWrite, Writer } from "./write";

/**
 * How to add a connector: one folder under lib/connectors with its wire schema (data), its translation (pure) and its
 * reader, a member of `Connector`, one line in registry.ts, and the contract tests run against it.
 * A connector reads and translates. It never stores, retries (the HTTP client does) or decides.
 */

/** Why a payload can't be what it should be: a value that none can be, a reference that is missing, a thing that is there twice, a shape of its own. */
export type ReadingFault = "value" | "missing-reference" | "duplicate" | "schema";

/** What keeps a record from being read, for people and by its sort: said where it is found. */
export type Unreadable = Readonly<{
  ok: false;
  reason: string;
  errorClass: ReadingFault;
  /** the mapping that would cure it, where one would */
  missing?: Missing;
}>;

/** One raw record, with personal data split off, and what it means. */
export type Reading<T> = Readonly<{
  /** id at the source; "" when the payload doesn't even say that */
  sourceId: string;
  /** what people call it, as far as readable */
  reference: string | null;
  modifiedAt: Date | null;
  /** raw payload as JSON text-safe value (numbers that are decimals on the wire stay texts), without personal data */
  payload: unknown;
  /** personal data split off, and the customer it belongs to */
  personal: Readonly<{ customerKey: string; data: unknown }> | null;
  /** counts and sums of the payload as it came, one per kind of document it speaks of; none for lists without amounts */
  controls: readonly SourceControl[];
  result: Readonly<{ ok: true; value: T }> | Unreadable;
}>;

/** A page of readings, and the source's own time when it answered. */
export type Page<T> = Readonly<{
  readings: readonly Reading<T>[];
  sourceTime: Date | null;
  last: boolean;
  /** where the next page begins, for a reading that goes on in another process; absent where the source can't do that */
  next?: string | null;
}>;

/** What a person is told after a connection was tested. */
export type Sight = Readonly<{ ok: boolean; sees: readonly string[]; problems: readonly string[] }>;

/** A tax code of the ERP's master data, as far as it says. */
export type TaxCode = Readonly<{ code: string; name: string; type: string | null }>;
export type SalesChannel = Readonly<{
  key: string;
  name: string;
  type: string;
  invoicesEnabled: boolean | null;
}>;

/** What a connection can do; what it lacks is said, not simulated. */
export type Capabilities = Readonly<Record<string, boolean | string>>;

/** A record as a count of the source names it. */
export type CountedRecord = Readonly<{
  kind: DocumentKind;
  sourceId: string;
  number: string | null;
  day: Day | null;
  modifiedAt: Date | null;
}>;

/**
 * What a source has of some days, asked in another way than the sync reads: other filter, other page size, other fields.
 * `stated` is the total that the source itself gives for what was listed; null where its API gives none.
 */
export type SourceCount = Readonly<{
  /** how it was asked, in words for people */
  method: string;
  records: readonly CountedRecord[];
  stated: number | null;
  sourceTime: Date | null;
}>;

export type Since = Readonly<{
  modifiedSince: Date | null;
  pageSize?: number;
  /** the `next` of the last page that was stored, of a listing since the same moment; a source may refuse it */
  after?: string | null;
  /** refuse to list everything where the source knows no listing by time of change */
  changesOnly?: boolean;
}>;

/** Days, both included: of an order the day on which it was placed (UTC), of an ERP document its posting day. */
export type Days = Readonly<{ from: Day; to: Day }>;

/** The store's side: orders as they stand, their invoice lists, channels. */
export type OrderSource = Readonly<{
  side: "scayle";
  test(): Promise<Sight>;
  capabilities: Capabilities;
  /** Every order of a shop (shopKey/countryCode) changed since, oldest change first where the source can; null = all. */
  orders(shop: string, since: Since): AsyncIterable<Page<SalesOrder>>;
  /** One order by id or reference; null when the source has none. */
  order(
    shop: string,
    reference: Readonly<{ id: string } | { reference: string }>,
  ): Promise<Reading<SalesOrder> | null>;
  /**
   * Orders of a shop by their ids, at most a page of them, in one request. What it lacks may be there all the same (a source
   * may know no such filter): it is asked for alone. Absent where the source can't list them so.
   */
  ordersById?(shop: string, ids: readonly string[]): Promise<readonly Reading<SalesOrder>[]>;
  invoices(shop: string, orderId: string): Promise<Reading<readonly OrderInvoice[]>>;
  channels(): Promise<readonly SalesChannel[]>;
  /** Orders of a shop placed on these days (UTC, both included), counted anew. Absent where the source can't be asked twice. */
  count?(shop: string, days: Days): Promise<SourceCount>;
  /** Orders of a shop placed on these days, however long ago they changed. Absent where the source can't list them. */
  ordersOf?(shop: string, days: Days, after?: string | null): AsyncIterable<Page<SalesOrder>>;
  /** What may be sold of its variants. Absent where the source doesn't say. */
  stock?: StockSource;
  /** What it can be told. Absent where it is only read. */
  write?: Writer<StoreWrite>;
}>;

/** The ERP's side: posted (and draft) sales documents with all their lines. */
export type LedgerSource = Readonly<{
  side: "erp";
  test(): Promise<Sight>;
  capabilities: Capabilities;
  documents(since: Since): AsyncIterable<Page<BookDocument>>;
  /** Documents that carry this order reference (for the resync of one order). */
  documentsOf(reference: string): Promise<readonly Reading<BookDocument>[]>;
  /** One document by its id; null when the source has none. Absent where the source can't be asked that. */
  document?(kind: DocumentKind, sourceId: string): Promise<Reading<BookDocument> | null>;
  taxCodes(): Promise<readonly TaxCode[]>;
  /** Documents posted on these days (both included), counted anew. Absent where the source can't be asked twice. */
  count?(days: Days): Promise<SourceCount>;
  /**
   * Documents posted on these days, however long ago they changed, from a place in that list on. Absent where the source
   * can't list them.
   */
  documentsWithin?(days: Days, after?: string | null): AsyncIterable<Page<BookDocument>>;
  /** What it has of its items. Absent where the source doesn't say, or isn't asked yet. */
  stock?: StockSource;
  /** What it can post. Absent where it is only read. */
  write?: Writer<LedgerWrite>;
  /** How it posts journals. Absent where it can't. */
  journals?: JournalWriter;
}>;

/** All that a connector may touch outside itself. */
export type Io = Readonly<{ http: HttpClient; signal: AbortSignal }>;

export type Connector<Settings, Secret, Source> = Readonly<{
  kind: string;
  title: string;
  settings: z.ZodType<Settings>;
  secret: z.ZodType<Secret>;
  open(settings: Settings, secret: Secret, io: Io): Source;
}>;
