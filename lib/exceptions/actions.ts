"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { assignException, commentOnException } from "./mutations";
import { Assignment, Comment } from "./schema";

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

function refresh(id: string): void {
  revalidatePath(`/exceptions/${id}`);
  revalidatePath("/exceptions");
}
