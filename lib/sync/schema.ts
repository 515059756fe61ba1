import { z } from "zod";
import { errorClasses } from "./error-classes";

/** What a person asks for when they press "Sync now": one feed, or all feeds of an entity. */
export const SyncNow = z.object({
  entityId: z.string().min(1).max(64),
  feedId: z.string().min(1).max(200).optional(),
});
export type SyncNow = z.infer<typeof SyncNow>;

export const RunId = z.guid();

const days = {
  from: z.iso.date("It is a day, like 2026-10-01."),
  to: z.iso.date("It is a day, like 2026-10-31."),
};

/** The days of a back-fill, as its run holds them. */
export const BackfillScope = z.object(days);

/** Days of one feed that a person wants read again, beside its interval. */
export const Backfill = z
  .object({ entityId: z.string().min(1).max(64), feedId: z.string().min(1).max(200), ...days })
  .refine((asked) => asked.from <= asked.to, { error: "The days end before they begin.", path: ["to"] });
export type Backfill = z.infer<typeof Backfill>;

/** A run that a person stops, or lets go on. */
export const OneRun = z.object({ entityId: z.string().min(1).max(64), runId: z.guid() });
export type OneRun = z.infer<typeof OneRun>;

/** How a feed is to be read. Intervals in minutes. */
export const FeedSettings = z
  .object({
    entityId: z.string().min(1).max(64),
    feedId: z.string().min(1).max(200),
    intervalMinutes: z.coerce.number().int().min(1, "At least 1 minute.").max(1440, "At most a day."),
    overlapMinutes: z.coerce.number().int().min(0, "At least 0.").max(1440, "At most a day."),
    promiseMinutes: z.coerce.number().int().min(1, "At least 1 minute.").max(10_080, "At most a week."),
    reason: z.string().trim().min(3, "Say why, for whoever comes after you.").max(500),
  })
  // Between two readings it is behind by its interval: a shorter promise could never be kept.
  .refine(({ intervalMinutes, promiseMinutes }) => promiseMinutes >= intervalMinutes, {
    error: "It can’t promise to be less behind than its interval: read it more often, or promise less.",
    path: ["promiseMinutes"],
  });
export type FeedSettings = z.infer<typeof FeedSettings>;

/** A feed that is held, and is to be read again. */
export const ReleaseFeed = z.object({
  entityId: z.string().min(1).max(64),
  feedId: z.string().min(1).max(200),
});
export type ReleaseFeed = z.infer<typeof ReleaseFeed>;

/** A job that failed for good, and what becomes of it. */
export const SettleJob = z.object({
  entityId: z.string().min(1).max(64),
  failureId: z.guid(),
  how: z.enum(["again", "set-aside"]),
});
export type SettleJob = z.infer<typeof SettleJob>;

/** Failed records that are to be asked for again. */
export const RetryRecords = z.object({
  entityId: z.string().min(1).max(64),
  ids: z.array(z.guid()).min(1, "Choose at least one record.").max(200, "At most 200 at once."),
});
export type RetryRecords = z.infer<typeof RetryRecords>;

/** A failed record that nobody is to try again, and why. */
export const GiveUpRecord = z.object({
  entityId: z.string().min(1).max(64),
  id: z.guid(),
  why: z.string().trim().min(3, "Say why, for whoever comes after you.").max(500),
});
export type GiveUpRecord = z.infer<typeof GiveUpRecord>;

/** Which failed records are shown; what can't be read of a URL is left out. */
export const FailedFilter = z.object({
  class: z.enum(errorClasses).optional().catch(undefined),
  feed: z.string().max(200).optional().catch(undefined),
  state: z.enum(["waiting", "retrying", "given-up", "gone"]).optional().catch(undefined),
});
export type FailedFilter = z.infer<typeof FailedFilter>;

/** Hours after a month's end at which its books are cut off; no month: of every month; no hours: what was set is given up. */
export const SetCutOff = z.object({
  entityId: z.string().min(1).max(64),
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, "It is a month, like 2026-10.")
    .nullable(),
  hours: z.int("Whole hours.").min(0, "At least 0.").max(744, "At most 744: a month.").nullable(),
  reason: z.string().trim().min(3, "Say why, for whoever comes after you.").max(500),
});
export type SetCutOff = z.infer<typeof SetCutOff>;
