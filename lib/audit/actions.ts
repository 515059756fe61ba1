"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { appPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { checkChain } from "./checks";
import { choicesFor } from "./loaders";
import { personOf } from "./record";
import { VerifyChain } from "./schema";

/** Recomputes a chain that the person may read, and keeps what came of it. */
export const verifyNow = command("audit.read")
  .inputSchema(VerifyChain)
  .action(async ({ ctx: { actor }, parsedInput: { chain } }) => {
    const { choices } = await choicesFor(actor);
    if (!choices.some((one) => one.chain === chain))
      throw new Refusal("not-allowed", "You may not read this chain of the audit trail.");
    const state = await checkChain(appPool(), chain, { by: personOf(actor), at: new Date() });
    revalidatePath("/audit");
    return { intact: state.intact, events: state.events.toString() };
  });
