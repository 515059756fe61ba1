"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { requestResyncs, resumeResyncs, stopResyncs } from "./mutations";
import { answerQuestion, askQuestion } from "./questions";
import { resyncOrder, resyncSourceRecord } from "./resync";
import { revealCustomer } from "./reveal";
import { Answer, Ask, OneResync, Resync, ResyncMany, ResyncRecord, Reveal } from "./schema";

/** Reads one order again from both systems, reconciles it and says what changed. */
export const resync = command("record.resync")
  .inputSchema(Resync)
  .action(async ({ ctx, parsedInput }) => {
    const resynced = await resyncOrder(ctx.actor, parsedInput, () => new Date());
    revalidatePath(`/orders/${parsedInput.orderKey}`);
    revalidatePath("/exceptions", "layout");
    return resynced;
  });

/** The same for a record as its source names it. */
export const resyncRecord = command("record.resync")
  .inputSchema(ResyncRecord)
  .action(async ({ ctx, parsedInput }) => {
    const resynced = await resyncSourceRecord(ctx.actor, parsedInput, () => new Date());
    revalidatePath("/exceptions", "layout");
    return resynced;
  });

/** Has many orders read again, in the background; answers where that is seen. */
export const resyncMany = command("record.resync")
  .inputSchema(ResyncMany)
  .action(({ ctx: { actor }, parsedInput }) => requestResyncs(actor, parsedInput, { now: new Date() }));

/** Stops that after the orders it is at. */
export const stopResync = command("record.resync")
  .inputSchema(OneResync)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await stopResyncs(actor, parsedInput, { now: new Date() });
    revalidatePath(`/orders/resync/${parsedInput.runId}`);
  });

/** Lets it go on with the orders that wait. */
export const resumeResync = command("record.resync")
  .inputSchema(OneResync)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await resumeResyncs(actor, parsedInput, { now: new Date() });
    revalidatePath(`/orders/resync/${parsedInput.runId}`);
  });

/** Asks finance or operations about an order. */
export const ask = command("questions.ask")
  .inputSchema(Ask)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    const asked = await askQuestion(actor, parsedInput, { now: new Date() });
    revalidatePath(`/orders/${parsedInput.orderKey}`);
    return asked;
  });

/** Answers such a question. */
export const answer = command("exceptions.assign")
  .inputSchema(Answer)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await answerQuestion(actor, parsedInput, { now: new Date() });
    revalidatePath("/exceptions", "layout");
  });

/** Shows an order's customer in full, for as long as the page stays open. */
export const reveal = command("customers.reveal")
  .inputSchema(Reveal)
  .action(({ ctx: { actor }, parsedInput }) => revealCustomer(actor, parsedInput, { now: new Date() }));
