"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import {
  applyDueToOpen,
  removeCalendarDay,
  saveCalendarDay,
  saveDueAge,
  saveDueSteps,
  saveHolidayCountry,
  saveTeam,
} from "./mutations";
import { askForFile, askForRule, askToRemove, decideOwners } from "./requests";
import {
  ApplyDue,
  CalendarDay,
  DueAge,
  DueSteps,
  HolidayCountry,
  OwnersDecision,
  RemoveDay,
  RemoveRule,
  RulesFile,
  SaveRule,
  SaveTeam,
} from "./schema";

/** Asks that a team owns a cause in a shop, an entity or everywhere; previews what that does. */
export const askForOwner = command("settings.write")
  .inputSchema(SaveRule)
  .action(async ({ ctx, parsedInput }) =>
    seen(await askForRule(ctx.actor, parsedInput, { now: new Date() })),
  );

/** Asks that such a row is taken away. */
export const askForRemoval = command("settings.write")
  .inputSchema(RemoveRule)
  .action(async ({ ctx, parsedInput }) =>
    seen(await askToRemove(ctx.actor, parsedInput, { now: new Date() })),
  );

/** Asks for the whole table of a file. */
export const askForImport = command("settings.write")
  .inputSchema(RulesFile)
  .action(async ({ ctx, parsedInput }) =>
    seen(await askForFile(ctx.actor, parsedInput, { now: new Date() })),
  );

/** Approves, rejects or withdraws such a request. */
export const decideOnOwners = command("mappings.approve", "settings.write")
  .inputSchema(OwnersDecision)
  .action(async ({ ctx, parsedInput }) => {
    try {
      return await decideOwners(ctx.actor, parsedInput, { now: new Date() });
    } finally {
      // A refusal may have previewed it anew.
      seen(null);
    }
  });

/** Makes or changes a team. */
export const setTeam = command("settings.write")
  .inputSchema(SaveTeam)
  .action(async ({ ctx, parsedInput }) => {
    await saveTeam(ctx.actor, parsedInput, { now: new Date() });
    return seen({ id: parsedInput.id });
  });

/** Sets how long exceptions may take. */
export const setDueSteps = command("settings.write")
  .inputSchema(DueSteps)
  .action(async ({ ctx, parsedInput }) => {
    return seen(await saveDueSteps(ctx.actor, parsedInput, { now: new Date() }));
  });

/** Sets from which age on exceptions are due sooner. */
export const setDueAge = command("settings.write")
  .inputSchema(DueAge)
  .action(async ({ ctx, parsedInput }) =>
    seen(await saveDueAge(ctx.actor, parsedInput, { now: new Date() })),
  );

/** Applies how long exceptions may take to those that are open. */
export const applyDueDates = command("settings.write")
  .inputSchema(ApplyDue)
  .action(async ({ ctx, parsedInput }) =>
    seen(await applyDueToOpen(ctx.actor, parsedInput, { now: new Date() })),
  );

/** Says whose holidays an entity keeps. */
export const setHolidayCountry = command("settings.write")
  .inputSchema(HolidayCountry)
  .action(async ({ ctx, parsedInput }) => {
    await saveHolidayCountry(ctx.actor, parsedInput, { now: new Date() });
    return seen({ country: parsedInput.country });
  });

/** Enters a holiday or a working day. */
export const setCalendarDay = command("settings.write")
  .inputSchema(CalendarDay)
  .action(async ({ ctx, parsedInput }) => {
    await saveCalendarDay(ctx.actor, parsedInput, { now: new Date() });
    return seen({ day: parsedInput.day });
  });

/** Takes an entered day away. */
export const removeDay = command("settings.write")
  .inputSchema(RemoveDay)
  .action(async ({ ctx, parsedInput }) => {
    await removeCalendarDay(ctx.actor, parsedInput, { now: new Date() });
    return seen({ id: parsedInput.id });
  });

function seen<Outcome>(outcome: Outcome): Outcome {
  revalidatePath("/settings", "layout");
  revalidatePath("/exceptions", "layout");
  return outcome;
}
