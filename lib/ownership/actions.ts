"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import {
  applyDueToOpen,
  importRules,
  removeCalendarDay,
  removeRule,
  saveCalendarDay,
  saveDueAge,
  saveDueSteps,
  saveHolidayCountry,
  saveRule,
  saveTeam,
} from "./mutations";
import {
  ApplyDue,
  CalendarDay,
  DueAge,
  DueSteps,
  HolidayCountry,
  RemoveDay,
  RemoveRule,
  RulesFile,
  SaveRule,
  SaveTeam,
} from "./schema";

/** Says who owns a cause in a shop, an entity or everywhere. */
export const setOwner = command("settings.write")
  .inputSchema(SaveRule)
  .action(async ({ ctx, parsedInput }) => seen(await saveRule(ctx.actor, parsedInput, { now: new Date() })));

/** Takes such a row away. */
export const removeOwner = command("settings.write")
  .inputSchema(RemoveRule)
  .action(async ({ ctx, parsedInput }) => {
    await removeRule(ctx.actor, parsedInput, { now: new Date() });
    return seen({ id: parsedInput.id });
  });

/** Takes the whole table from a file. */
export const importOwners = command("settings.write")
  .inputSchema(RulesFile)
  .action(async ({ ctx, parsedInput }) =>
    seen(await importRules(ctx.actor, parsedInput, { now: new Date() })),
  );

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
