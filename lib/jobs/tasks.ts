import { z } from "zod";

const person = z.object({ id: z.string(), name: z.string() });

/**
 * Every kind of job and what it is told. Payloads are small: ids, never records. A job may be tried again after its
 * process died, so each does the same when it is done twice.
 */
export const taskPayloads = {
  /** each minute: adds the feeds that are due, gives back what dead workers held, keeps failed jobs */
  "schedule-feeds": z.object({}),
  /** reads what changed at the source of one feed */
  "sync-feed": z.object({ feedId: z.string().min(1), full: z.boolean().optional(), by: person.optional() }),
  /** works on a back-fill that stands in the runs */
  backfill: z.object({ runId: z.guid(), by: person.optional() }),
  /** reads the orders again that waiting webhooks of a connection name */
  "read-named-orders": z.object({ connectionId: z.guid() }),
  /** reads the stock of the items again that waiting webhooks of a connection name */
  "read-named-stock": z.object({ connectionId: z.guid() }),
  /** erases the customers that waiting webhooks of a connection name */
  "erase-customers": z.object({ connectionId: z.guid() }),
  /** reads the orders again that a person chose, as they stand with their run */
  "resync-orders": z.object({ runId: z.guid(), by: person.optional() }),
  /** computes what the fix of a root cause would do to all orders, as it stands with its prediction */
  "predict-fix": z.object({ predictionId: z.guid() }),
  /** works on a resolution of one exception, or on many, as far as they come */
  resolve: z.object({ orderKey: z.guid(), id: z.guid() }),
  "resolve-batch": z.object({ batchId: z.guid() }),
  /** posts an approved journal in the ERP, as far as it comes */
  "post-journal": z.object({ journalId: z.guid() }),
  /** matches the groups of an entity that changed */
  reconcile: z.object({ entityId: z.string().min(1) }),
  /** each night: reads open months again by their own days, for what moved without a new time */
  "sweep-months": z.object({}),
  /** one feed of that */
  "sweep-feed": z.object({ feedId: z.string().min(1) }),
  /** each night all open months, by day the newest: counts them again at their sources */
  "recount-months": z.object({ newest: z.boolean().optional() }),
  "recount-entity": z.object({ entityId: z.string().min(1), month: z.string().regex(/^\d{4}-\d{2}$/) }),
  /** every few minutes: wakes exceptions, escalates what is overdue, closes months whose reopening is over, counts root causes that changed */
  "watch-exceptions": z.object({}),
  /** every few minutes, and after runs: opens and closes alerts, of one entity or of all */
  "watch-alerts": z.object({ entityId: z.string().min(1).optional() }),
  /** sends one e-mail or calls the webhook */
  "deliver-alert": z.object({ deliveryId: z.guid() }),
  /** each night: recomputes the chains of the audit trail */
  "verify-audit": z.object({}),
  /** asks for one record that could not be read again */
  "retry-record": z.object({ failedId: z.guid(), by: person.optional() }),
} as const;

export type TaskName = keyof typeof taskPayloads;
export type PayloadOf<Name extends TaskName> = z.infer<(typeof taskPayloads)[Name]>;
export type PersonOf = z.infer<typeof person>;

const names: ReadonlySet<string> = new Set(Object.keys(taskPayloads));

/** Whether a text names a task that there still is. */
export const isTaskName = (text: string): text is TaskName => names.has(text);
