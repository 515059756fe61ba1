"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { resyncOrder } from "./resync";
import { Resync } from "./schema";

/** Reads one order again from both systems, reconciles it and says what changed. */
export const resync = command("record.resync")
  .inputSchema(Resync)
  .action(async ({ ctx, parsedInput }) => {
    const resynced = await resyncOrder(ctx.actor, parsedInput, () => new Date());
    revalidatePath(`/orders/${parsedInput.orderKey}`);
    revalidatePath("/exceptions", "layout");
    return resynced;
  });
