"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { ownerPool } from "@/lib/db/pool";
import { decideBatch, foreseeBatch, resumeBatch, startBatch, stopBatch } from "./batches";
import {
  cancelResolution,
  decideResolution,
  lookNow,
  planAnew,
  setResolutionLimit,
  startResolution,
  undoResolution,
} from "./mutations";
import {
  FindWays,
  OneAttempt,
  ResolutionDecision,
  SetResolutionLimit,
  StartBatch,
  StartResolution,
  UndoResolution,
} from "./schema";
import { runnerContext } from "./surroundings";
import { waysOf } from "./ways";

/** Sends a resolution of an exception as it was shown; above the limit it asks a second person. */
export const start = command("resolutions.make")
  .inputSchema(StartResolution)
  .action(async ({ ctx, parsedInput }) => {
    const begun = await startResolution(ctx.actor, parsedInput, surroundings());
    shown(parsedInput.exceptionId);
    return begun;
  });

/** Approves or rejects what somebody else wants to send. */
export const decide = command("resolutions.approve")
  .inputSchema(ResolutionDecision)
  .action(async ({ ctx, parsedInput }) => {
    const { exceptionId, approved } = await decideResolution(ctx.actor, parsedInput, { now: new Date() });
    shown(exceptionId);
    return { approved };
  });

/** Has what waits for a second person planned anew. */
export const renew = command("resolutions.make")
  .inputSchema(OneAttempt)
  .action(async ({ ctx, parsedInput }) => {
    const { exceptionId } = await planAnew(ctx.actor, parsedInput, surroundings());
    shown(exceptionId);
  });

/** Withdraws what was not sent. */
export const cancel = command("resolutions.make")
  .inputSchema(OneAttempt)
  .action(async ({ ctx, parsedInput }) => {
    const { exceptionId } = await cancelResolution(ctx.actor, parsedInput, { now: new Date() });
    shown(exceptionId);
  });

/** Has what is waited for looked at now. */
export const look = command("record.resync")
  .inputSchema(OneAttempt)
  .action(async ({ ctx, parsedInput }) => {
    const { exceptionId } = await lookNow(ctx.actor, parsedInput, { now: new Date() });
    shown(exceptionId);
  });

/** Takes back what a resolution posted. */
export const undo = command("resolutions.make")
  .inputSchema(UndoResolution)
  .action(async ({ ctx, parsedInput }) => {
    const begun = await undoResolution(ctx.actor, parsedInput, surroundings());
    shown(begun.exceptionId);
    return { state: begun.state };
  });

/** Sends one resolution for many exceptions; above the limit it asks a second person. */
export const startMany = command("resolutions.make")
  .inputSchema(StartBatch)
  .action(async ({ ctx, parsedInput }) => {
    const begun = await startBatch(ctx.actor, parsedInput, surroundings());
    revalidatePath("/exceptions", "layout");
    return begun;
  });

/** What one resolution for many exceptions would send and is expected to change, before it is begun. It changes nothing. */
export const foresee = command("resolutions.make")
  .inputSchema(StartBatch)
  .action(async ({ ctx, parsedInput }) => foreseeBatch(ctx.actor, parsedInput, surroundings()));

/** How exceptions can be put right, for whoever chooses a way. It changes nothing. */
export const findWays = command("exceptions.read")
  .inputSchema(FindWays)
  .action(async ({ ctx, parsedInput: { entityId, selection } }) =>
    waysOf(ctx.actor, entityId, selection, { now: new Date() }),
  );

/** Approves or rejects many at once. */
export const decideMany = command("resolutions.approve")
  .inputSchema(ResolutionDecision)
  .action(async ({ ctx, parsedInput }) => {
    const { approved } = await decideBatch(ctx.actor, parsedInput, { now: new Date() });
    revalidatePath("/exceptions", "layout");
    return { approved };
  });

/** Stops many after those that are at work. */
export const stopMany = command("resolutions.make")
  .inputSchema(OneAttempt)
  .action(async ({ ctx, parsedInput }) => {
    await stopBatch(ctx.actor, parsedInput, { now: new Date() });
    revalidatePath(`/exceptions/resolutions/${parsedInput.id}`);
  });

/** Lets them go on. */
export const resumeMany = command("resolutions.make")
  .inputSchema(OneAttempt)
  .action(async ({ ctx, parsedInput }) => {
    await resumeBatch(ctx.actor, parsedInput, { now: new Date() });
    revalidatePath(`/exceptions/resolutions/${parsedInput.id}`);
  });

/** Sets up to which amount one person may send a resolution alone. */
export const saveLimit = command("settings.write")
  .inputSchema(SetResolutionLimit)
  .action(async ({ ctx, parsedInput }) => {
    await setResolutionLimit(ctx.actor, parsedInput, { now: new Date() });
    revalidatePath("/settings/resolutions");
  });

function surroundings() {
  const pool = ownerPool();
  const { writers } = runnerContext({ pool, now: () => new Date() });
  return { pool, now: new Date(), writers };
}

function shown(exceptionId: string): void {
  revalidatePath(`/exceptions/${exceptionId}`);
  revalidatePath("/exceptions");
}
