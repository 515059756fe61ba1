"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { acceptException, assignException, commentOnException } from "./mutations";
import { AcceptAsIs, Assignment, Comment } from "./schema";

/** Gives an exception to a person, a team or nobody. */
export const assign = command("exceptions.assign")
  .inputSchema(Assignment)
  .action(async ({ ctx, parsedInput }) => {
    const assigned = await assignException(ctx.actor, parsedInput, { now: new Date() });
    refresh(assigned.id);
    return { version: assigned.version };
  });

/** Adds a comment to an exception's history. */
export const comment = command("exceptions.comment")
  .inputSchema(Comment)
  .action(async ({ ctx, parsedInput }) => {
    const commented = await commentOnException(ctx.actor, parsedInput, { now: new Date() });
    refresh(commented.id);
    return { id: commented.id };
  });

/** Accepts an exception as it is, with a reason. */
export const accept = command("exceptions.accept")
  .inputSchema(AcceptAsIs)
  .action(async ({ ctx, parsedInput }) => {
    const accepted = await acceptException(ctx.actor, parsedInput, { now: new Date() });
    refresh(accepted.id);
    return { version: accepted.version };
  });

function refresh(id: string): void {
  revalidatePath(`/exceptions/${id}`);
  revalidatePath("/exceptions");
}
