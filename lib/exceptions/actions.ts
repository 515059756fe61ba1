"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { acceptException, decideAcceptance } from "./acceptance";
import { actOnException, actOnExceptions, commentOnException, undoLast } from "./mutations";
import { reopenException } from "./reopen";
import {
  AcceptAsIs,
  AcceptanceDecision,
  Comment,
  ManyAct,
  OneAct,
  OpenAgain,
  RemoveView,
  SaveView,
  Undo,
} from "./schema";
import { removeView, saveView } from "./views";

/** Gives an exception to somebody, takes it over, passes it back, starts with it, lets it wait. */
export const act = command("exceptions.assign")
  .inputSchema(OneAct)
  .action(async ({ ctx, parsedInput }) => {
    const { id, version, operationId } = await actOnException(ctx.actor, parsedInput, { now: new Date() });
    refresh(id);
    return { version, operationId };
  });

/** The same for many at once: those chosen, or all that a filter means. */
export const actOnMany = command("exceptions.assign")
  .inputSchema(ManyAct)
  .action(async ({ ctx, parsedInput }) => {
    const outcome = await actOnExceptions(ctx.actor, parsedInput, { now: new Date() });
    refreshAll();
    return outcome;
  });

/** Takes back what the person did last. */
export const undo = command("exceptions.assign")
  .inputSchema(Undo)
  .action(async ({ ctx, parsedInput }) => {
    const outcome = await undoLast(ctx.actor, parsedInput, { now: new Date() });
    refreshAll();
    return outcome;
  });

/** Adds a comment to an exception's history; whom it names is told. */
export const comment = command("exceptions.comment")
  .inputSchema(Comment)
  .action(async ({ ctx, parsedInput }) => {
    const { id, mentioned, unknown } = await commentOnException(ctx.actor, parsedInput, { now: new Date() });
    refresh(id);
    return { id, mentioned, unknown };
  });

/** Accepts an exception as it is, with a reason; above the limit it asks a second person. */
export const accept = command("exceptions.accept")
  .inputSchema(AcceptAsIs)
  .action(async ({ ctx, parsedInput }) => {
    const { id, version, outcome } = await acceptException(ctx.actor, parsedInput, { now: new Date() });
    refresh(id);
    return { version, outcome };
  });

/** Opens an accepted exception again, with a reason. */
export const openAgain = command("exceptions.accept")
  .inputSchema(OpenAgain)
  .action(async ({ ctx, parsedInput }) => {
    const { id, version } = await reopenException(ctx.actor, parsedInput, { now: new Date() });
    refresh(id);
    return { version };
  });

/** Approves or rejects what somebody else wants accepted. */
export const decide = command("exceptions.approve")
  .inputSchema(AcceptanceDecision)
  .action(async ({ ctx, parsedInput }) => {
    const { id, approved } = await decideAcceptance(ctx.actor, parsedInput, { now: new Date() });
    refresh(id);
    return { approved };
  });

/** Keeps a filter of the queue under a name of the person's. */
export const keepView = command("exceptions.read")
  .inputSchema(SaveView)
  .action(async ({ ctx, parsedInput }) => {
    await saveView(ctx.actor, parsedInput, { now: new Date() });
    refreshAll();
  });

/** Forgets one of them. */
export const dropView = command("exceptions.read")
  .inputSchema(RemoveView)
  .action(async ({ ctx, parsedInput }) => {
    await removeView(ctx.actor, parsedInput, { now: new Date() });
    refreshAll();
  });

function refresh(id: string): void {
  revalidatePath(`/exceptions/${id}`);
  refreshAll();
}

function refreshAll(): void {
  revalidatePath("/exceptions");
}
