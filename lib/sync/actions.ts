"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import {
  giveUpRecord,
  releaseFeed,
  requestBackfill,
  requestResume,
  requestStop,
  requestSync,
  retryRecords,
  setFeed,
  settleJob,
} from "./mutations";
import { setCutOff } from "./mutations-cut-off";
import {
  Backfill,
  FeedSettings,
  GiveUpRecord,
  OneRun,
  ReleaseFeed,
  RetryRecords,
  SetCutOff,
  SettleJob,
  SyncNow,
} from "./schema";

const shown = (): void => revalidatePath("/feeds", "layout");

/** Reads what changed at the sources of one feed, or of all of an entity's, in the background; the page sees its runs. */
export const syncNow = command("feeds.sync")
  .inputSchema(SyncNow)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await requestSync(actor, parsedInput);
    shown();
    return { entityId: parsedInput.entityId };
  });

/** Reads some days of a feed again, in the background, beside its interval. */
export const backfillDays = command("feeds.backfill")
  .inputSchema(Backfill)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    const planned = await requestBackfill(actor, parsedInput, new Date());
    shown();
    return planned;
  });

/** Stops a run after the page it is at. */
export const stopRun = command("feeds.sync")
  .inputSchema(OneRun)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await requestStop(actor, parsedInput, new Date());
    shown();
  });

/** Lets a run that was stopped or failed go on. */
export const resumeRun = command("feeds.sync")
  .inputSchema(OneRun)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await requestResume(actor, parsedInput, new Date());
    shown();
  });

/** Sets interval, overlap and promise of a feed. */
export const saveFeed = command("settings.write")
  .inputSchema(FeedSettings)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await setFeed(actor, parsedInput, new Date());
    shown();
  });

/** Sets the cut-off of an entity or of one of its months. */
export const saveCutOff = command("cut-off.set")
  .inputSchema(SetCutOff)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await setCutOff(actor, parsedInput, new Date());
    shown();
    revalidatePath("/close", "layout");
  });

/** Lets a held feed be read by itself again. */
export const letFeedGoOn = command("feeds.sync")
  .inputSchema(ReleaseFeed)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await releaseFeed(actor, parsedInput, new Date());
    shown();
  });

/** Does a job that failed for good again, or sets it aside. */
export const settleFailedJob = command("feeds.sync")
  .inputSchema(SettleJob)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await settleJob(actor, parsedInput, new Date());
    shown();
  });

/** Asks for failed records again, in the background; answers how many. */
export const retryFailed = command("records.retry")
  .inputSchema(RetryRecords)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    const count = await retryRecords(actor, parsedInput, new Date());
    shown();
    return { count };
  });

/** Leaves a failed record as it is, with who said so and why. */
export const giveUpFailed = command("records.retry")
  .inputSchema(GiveUpRecord)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await giveUpRecord(actor, parsedInput, new Date());
    shown();
  });
