"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { appPool } from "@/lib/db/pool";
import { decideRule, endRule, previewRule, proposeRule, setLimit } from "./mutations";
import { LimitChange, RuleDecision, RuleEnd, RulePreview, RuleProposal } from "./schema";

/** What a rule would accept of all that is open now; stores nothing. */
export const foreseeRule = command("acceptance-rules.propose")
  .inputSchema(RulePreview)
  .action(({ ctx, parsedInput }) => previewRule(ctx.actor, parsedInput, appPool(), new Date()));

/** Proposes that such exceptions are always accepted. */
export const propose = command("acceptance-rules.propose")
  .inputSchema(RuleProposal)
  .action(async ({ ctx, parsedInput }) =>
    seen(await proposeRule(ctx.actor, parsedInput, { now: new Date() })),
  );

/** Approves or rejects a rule that somebody else made. */
export const decideOnRule = command("acceptance-rules.approve")
  .inputSchema(RuleDecision)
  .action(async ({ ctx, parsedInput }) =>
    seen(await decideRule(ctx.actor, parsedInput, { now: new Date() })),
  );

/** Ends a rule. */
export const end = command("acceptance-rules.propose")
  .inputSchema(RuleEnd)
  .action(async ({ ctx, parsedInput }) => seen(await endRule(ctx.actor, parsedInput, { now: new Date() })));

/** Sets up to which amount one person may accept alone. */
export const saveLimit = command("settings.write")
  .inputSchema(LimitChange)
  .action(async ({ ctx, parsedInput }) => {
    await setLimit(ctx.actor, parsedInput, { now: new Date() });
    return seen({ currency: parsedInput.currency });
  });

function seen<Outcome>(outcome: Outcome): Outcome {
  revalidatePath("/settings/acceptance-rules");
  revalidatePath("/exceptions", "layout");
  return outcome;
}
