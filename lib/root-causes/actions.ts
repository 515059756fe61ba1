"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { askForPrediction } from "./predict";
import { PredictionRequest } from "./schema";

/** Has computed in the background what the fix of a root cause would do; the page sees how far it is. */
export const predictFix = command("reconcile.run")
  .inputSchema(PredictionRequest)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    const asked = await askForPrediction(actor, parsedInput, { now: new Date() });
    revalidatePath(`/exceptions/causes/${parsedInput.rootCauseId}`);
    return asked;
  });
