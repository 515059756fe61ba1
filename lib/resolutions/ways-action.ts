"use server";

import { z } from "zod";
import { command } from "@/lib/auth/command";
import { ResolutionSelection } from "./schema";
import { waysOf } from "./ways";

/** How exceptions can be put right, for whoever chooses a way. It changes nothing. */
export const findWays = command("exceptions.read")
  .inputSchema(z.object({ entityId: z.string().min(1).max(64), selection: ResolutionSelection }))
  .action(async ({ ctx, parsedInput: { entityId, selection } }) =>
    waysOf(ctx.actor, entityId, selection, { now: new Date() }),
  );
