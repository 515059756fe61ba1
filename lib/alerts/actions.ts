"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import {
  acknowledgeAlerts,
  saveAlertRule,
  saveMailServer,
  saveWebhookTarget,
  sendAgain,
  sendTest,
} from "./mutations";
import { Acknowledge, SaveMail, SaveRule, SaveWebhook, SendAgain, SendTest } from "./schema";

function shown(): void {
  revalidatePath("/alerts");
  revalidatePath("/settings/alerts");
  revalidatePath("/manual");
}

/** Says that the person looks after alerts; answers how many, and how many were over or had somebody by then. */
export const acknowledge = command("alerts.acknowledge")
  .inputSchema(Acknowledge)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    const acknowledged = await acknowledgeAlerts(actor, parsedInput, { now: new Date() });
    shown();
    return acknowledged;
  });

/** Sets the bounds of a kind of alert in an entity, and who gets it. */
export const setAlertRule = command("settings.write")
  .inputSchema(SaveRule)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await saveAlertRule(actor, parsedInput, { now: new Date() });
    shown();
  });

/** Saves the mail server. */
export const setMailServer = command("settings.write")
  .inputSchema(SaveMail)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await saveMailServer(actor, parsedInput, { now: new Date() });
    shown();
  });

/** Saves where the webhook goes; answers a key that was made, once. */
export const setWebhook = command("settings.write")
  .inputSchema(SaveWebhook)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    const made = await saveWebhookTarget(actor, parsedInput, { now: new Date() });
    shown();
    return made;
  });

/** Sends a test, which the list of deliveries tells the outcome of. */
export const testChannel = command("settings.write")
  .inputSchema(SendTest)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await sendTest(actor, parsedInput, { now: new Date() });
    shown();
  });

/** Sends again what could not be sent. */
export const deliverAgain = command("settings.write")
  .inputSchema(SendAgain)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await sendAgain(actor, parsedInput, { now: new Date() });
    shown();
  });
