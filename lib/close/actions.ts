"use server";

import { revalidatePath } from "next/cache";
import { after } from "next/server";
import { personOf } from "@/lib/audit/record";
import { commandTo } from "@/lib/auth/command";
import { log } from "@/lib/log";
import { runReconciliation } from "@/lib/matching/reconcile";
import { recountMonth } from "@/lib/sync/run-month-recount";
import { journalsCsv } from "./journal-file";
import { postJournal } from "./journal-posting";
import { askRecall, decideRecall } from "./journal-recall";
import { decideJournal, exportJournals, proposeJournal, setAccounts } from "./journals";
import { askReopening, decideReopening, lockPeriod } from "./locking";
import { requestReconciliation, requestRecount } from "./mutations";
import {
  ActOnTask,
  AddLink,
  AskReopening,
  Decision,
  ExportJournals,
  LockPeriod,
  PeriodOfEntity,
  PostJournal,
  ProposeJournal,
  RecallJournal,
  RemoveEvidence,
  SaveTemplate,
  SetClosePolicy,
  SetJournalAccounts,
  SignPeriod,
  SoftClose,
  WithdrawSignOff,
} from "./schema";
import { setClosePolicy, signPeriod, softClose, withdrawSignOff } from "./signing";
import { actOnTask, addLink, removeEvidence, saveTemplate } from "./tasks";

/** Reconciles a period of an entity once more, in the background; the page sees its run. */
export const reconcileNow = commandTo("period.reconcile", "reconcile.run")
  .inputSchema(PeriodOfEntity)
  .action(async ({ ctx: { actor }, parsedInput: { entityId, period } }) => {
    await requestReconciliation(actor, { entityId, period });
    after(async () => {
      try {
        await runReconciliation(
          { entityId, period },
          { actorName: actor.name, actor: personOf(actor), now: () => new Date() },
        );
      } catch (error) {
        // The run's own row says that it failed; here is why.
        log.defect("A reconciliation started from the console failed", error);
      }
    });
    revalidatePath(`/close/${period}`);
    return { entityId, period };
  });

/** Counts a period again at its sources, in the background, and lets its totals know what they said. */
export const recountNow = commandTo("period.recount", "feeds.sync")
  .inputSchema(PeriodOfEntity)
  .action(async ({ ctx: { actor }, parsedInput: { entityId, period } }) => {
    await requestRecount(actor, { entityId, period });
    after(async () => {
      const context = { actorName: actor.name, actor: personOf(actor), now: () => new Date() };
      try {
        await recountMonth({ entityId, period }, context);
      } catch (error) {
        // The run's own row says that it failed; here is why.
        log.defect("A second count started from the console failed", error);
      }
    });
    revalidatePath(`/close/${period}`, "layout");
    return { entityId, period };
  });

const refresh = (): void => revalidatePath("/close", "layout");

/** Signs the figures of a month: as its preparer, or as a reviewer. */
export const sign = commandTo("period.sign", "close.prepare", "close.review")
  .inputSchema(SignPeriod)
  .action(async ({ ctx, parsedInput }) => {
    const { step, steps } = await signPeriod(ctx.actor, parsedInput, { now: new Date() });
    refresh();
    return { step, steps };
  });

/** Takes a sign-off of one's own back. */
export const withdraw = commandTo("period.withdraw", "close.prepare", "close.review")
  .inputSchema(WithdrawSignOff)
  .action(async ({ ctx, parsedInput }) => {
    await withdrawSignOff(ctx.actor, parsedInput, { now: new Date() });
    refresh();
  });

/** Closes a month. */
export const lock = commandTo("period.lock", "close.lock")
  .inputSchema(LockPeriod)
  .action(async ({ ctx, parsedInput }) => {
    const { lockNo, lines } = await lockPeriod(ctx.actor, parsedInput, { now: new Date() });
    refresh();
    return { lockNo, lines: Number(lines) };
  });

/** Warns of changes to a month that is about to be closed, or gives that up. */
export const warn = commandTo("period.soft-close", "close.prepare")
  .inputSchema(SoftClose)
  .action(async ({ ctx, parsedInput }) => {
    await softClose(ctx.actor, parsedInput, { now: new Date() });
    refresh();
  });

/** Asks that a closed month, or one of its orders, is opened. */
export const askToReopen = commandTo("period.ask-reopening", "close.reopen")
  .inputSchema(AskReopening)
  .action(async ({ ctx, parsedInput }) => {
    await askReopening(ctx.actor, parsedInput, { now: new Date() });
    refresh();
  });

/** Decides on that. */
export const decideOnReopening = commandTo("period.decide-reopening", "close.review")
  .inputSchema(Decision)
  .action(async ({ ctx, parsedInput }) => {
    const { outcome } = await decideReopening(ctx.actor, parsedInput, { now: new Date() });
    refresh();
    return { outcome };
  });

/** Sets how the months of an entity are signed. */
export const saveClosePolicy = commandTo("close-policy.set", "close.policy")
  .inputSchema(SetClosePolicy)
  .action(async ({ ctx, parsedInput }) => {
    await setClosePolicy(ctx.actor, parsedInput, { now: new Date() });
    refresh();
  });

/** Marks a task of the checklist as done or reviewed, or takes that back. */
export const markTask = commandTo("close-task.mark", "close.tasks")
  .inputSchema(ActOnTask)
  .action(async ({ ctx, parsedInput }) => {
    await actOnTask(ctx.actor, parsedInput, { now: new Date() });
    refresh();
  });

/** Adds a link as evidence of a task. */
export const linkEvidence = commandTo("close-task.add-evidence", "close.tasks")
  .inputSchema(AddLink)
  .action(async ({ ctx, parsedInput }) => {
    await addLink(ctx.actor, parsedInput, { now: new Date() });
    refresh();
  });

/** Takes evidence off the list. */
export const dropEvidence = commandTo("close-task.remove-evidence", "close.tasks")
  .inputSchema(RemoveEvidence)
  .action(async ({ ctx, parsedInput }) => {
    await removeEvidence(ctx.actor, parsedInput, { now: new Date() });
    refresh();
  });

/** Adds, changes or removes a task of the checklist of every month. */
export const setTemplate = commandTo("close-template.set", "close.templates")
  .inputSchema(SaveTemplate)
  .action(async ({ ctx, parsedInput }) => {
    await saveTemplate(ctx.actor, parsedInput, { now: new Date() });
    refresh();
  });

/** Proposes what is left to be corrected of a month as a journal. Amounts come as integer texts in minor units. */
export const propose = commandTo("journal.propose", "journals.propose")
  .inputSchema(ProposeJournal)
  .action(async ({ ctx, parsedInput }) => {
    const { number } = await proposeJournal(ctx.actor, parsedInput, { now: new Date() });
    refresh();
    return { number };
  });

/** Decides on a journal that somebody else proposed. */
export const decideOnJournal = commandTo("journal.decide", "journals.approve")
  .inputSchema(Decision)
  .action(async ({ ctx, parsedInput }) => {
    const outcome = await decideJournal(ctx.actor, parsedInput, { now: new Date() });
    refresh();
    return outcome;
  });

/** Has an approved journal posted in the ERP. */
export const postInErp = commandTo("journal.post", "journals.propose")
  .inputSchema(PostJournal)
  .action(async ({ ctx, parsedInput }) => {
    const { numbers } = await postJournal(ctx.actor, parsedInput, { now: new Date() });
    refresh();
    return { numbers: [...numbers] };
  });

/** Takes approved journals of a month as a file, once or again: from then on they are not posted from here. */
export const takeJournalFile = commandTo("journal.export", "journals.propose")
  .inputSchema(ExportJournals)
  .action(async ({ ctx, parsedInput: { entityId, period, again } }) => {
    const journals = await exportJournals(ctx.actor, { entityId, month: period, again }, { now: new Date() });
    refresh();
    return {
      count: journals.length,
      name: `journals-${entityId.replace(/[^\w-]/g, "_")}-${period}.csv`,
      csv: journalsCsv(journals),
    };
  });

/** States that the ERP did not take in a journal that was handed over as a file. */
export const recall = commandTo("journal.ask-recall", "journals.propose")
  .inputSchema(RecallJournal)
  .action(async ({ ctx, parsedInput }) => {
    await askRecall(ctx.actor, parsedInput, { now: new Date() });
    refresh();
  });

/** Decides on that. */
export const decideOnRecall = commandTo("journal.decide-recall", "journals.approve")
  .inputSchema(Decision)
  .action(async ({ ctx, parsedInput }) => {
    const { approved } = await decideRecall(ctx.actor, parsedInput, { now: new Date() });
    refresh();
    return { approved };
  });

/** Sets the accounts that corrections are booked to. */
export const saveJournalAccounts = commandTo("journal-accounts.set", "settings.write")
  .inputSchema(SetJournalAccounts)
  .action(async ({ ctx, parsedInput }) => {
    const { unknown } = await setAccounts(ctx.actor, parsedInput, { now: new Date() });
    refresh();
    return { unknown: [...unknown] };
  });
