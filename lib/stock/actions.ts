"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { setStockPolicy } from "./mutations";
import { SetStockPolicy } from "./schema";

/** Sets how an entity's stock is compared. */
export const saveStockPolicy = command("settings.write")
  .inputSchema(SetStockPolicy)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    await setStockPolicy(actor, parsedInput, { now: new Date() });
    revalidatePath("/feeds/stock");
  });
