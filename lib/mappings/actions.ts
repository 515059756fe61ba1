"use server";

import { revalidatePath } from "next/cache";
import { command } from "@/lib/auth/command";
import { askForRow, importMappings } from "./import";
import { askForMappings, decideRequest, editRequest, setSecondPerson } from "./requests";
import {
  MappingAsk,
  MappingDecision,
  MappingEdit,
  MappingFile,
  MappingRow,
  SecondPersonSetting,
} from "./schema";

/** Asks that mappings are changed, with the effect of that on all orders. */
export const askForChange = command("settings.write")
  .inputSchema(MappingAsk)
  .action(async ({ ctx, parsedInput }) => seen(await askForMappings(ctx.actor, parsedInput)));

/** The same with the rows of a file: all of them, or a report of what is wrong with it. */
export const importFile = command("settings.write")
  .inputSchema(MappingFile)
  .action(async ({ ctx, parsedInput }) => seen(await importMappings(ctx.actor, parsedInput)));

/** The same with one row of references or payments, as a form holds it. */
export const askForOneRow = command("settings.write")
  .inputSchema(MappingRow)
  .action(async ({ ctx, parsedInput }) => seen(await askForRow(ctx.actor, parsedInput)));

/** Leaves rows of a request out. */
export const leaveOut = command("settings.write")
  .inputSchema(MappingEdit)
  .action(async ({ ctx, parsedInput }) => seen(await editRequest(ctx.actor, parsedInput)));

/** Approves, rejects or withdraws a request. */
export const decideOnMappings = command("mappings.approve", "settings.write")
  .inputSchema(MappingDecision)
  .action(async ({ ctx, parsedInput }) => {
    try {
      return await decideRequest(ctx.actor, parsedInput);
    } finally {
      // A refusal may have previewed it anew.
      seen(null);
    }
  });

/** Says whether a second person approves changes of mappings. */
export const chooseSecondPerson = command("settings.write")
  .inputSchema(SecondPersonSetting)
  .action(async ({ ctx, parsedInput }) => seen(await setSecondPerson(ctx.actor, parsedInput)));

function seen<Outcome>(outcome: Outcome): Outcome {
  revalidatePath("/settings", "layout");
  revalidatePath("/exceptions", "layout");
  return outcome;
}
