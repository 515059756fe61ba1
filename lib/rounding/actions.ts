"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { confirmRounding, inspectRounding } from "./mutations";
import { Inspection, RoundingChoice } from "./schema";

/** Says how a connection rounds. */
export const confirm = command("rounding.confirm")
  .inputSchema(RoundingChoice)
  .action(async ({ ctx, parsedInput }) => {
    const confirmed = await confirmRounding(ctx.actor, parsedInput, { now: new Date() });
    revalidatePath("/settings/rounding");
    return confirmed;
  });

/** Holds the candidates against a connection's documents once more. */
export const inspect = command("rounding.confirm")
  .inputSchema(Inspection)
  .action(async ({ ctx, parsedInput }) => {
    const inspected = await inspectRounding(ctx.actor, parsedInput, { now: new Date() });
    revalidatePath("/settings/rounding");
    return inspected;
  });
