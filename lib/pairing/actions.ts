"use server";

import { revalidatePath } from "next/cache";
import { assertMay } from "@/lib/auth/actor";
import { command } from "@/lib/auth/command";
import { findPlaceable, findTargets, suggestTargets } from "./data";
import { pairByHand, placeDocument, undoPair, undoPlacement } from "./mutations";
import { previewPlace } from "./preview";
import { lookForRules } from "./rules-look";
import { DecisionUndo, DocumentPlace, LinePairing, LinePairingUndo, OrderLookup, RulesOf } from "./schema";

const context = { now: () => new Date() };

/** Orders that a document might be linked to: by name, or by what the ERP lacks. */
export const lookUpOrders = command("pairing.decide")
  .inputSchema(OrderLookup)
  .action(async ({ ctx, parsedInput: { entityId, orderKey, documentId, text } }) => {
    assertMay(ctx.actor, "pairing.decide", entityId);
    if (text !== "") return findTargets(entityId, text);
    const documents = await findPlaceable([entityId], orderKey);
    const document = documents.find((one) => one.id === documentId);
    return document ? suggestTargets(entityId, document) : [];
  });

/** What putting a document elsewhere would do; nothing is kept. */
export const foresee = command("pairing.decide")
  .inputSchema(DocumentPlace)
  .action(({ ctx, parsedInput }) => previewPlace(ctx.actor, parsedInput, context));

/** Puts an ERP document with an order, or on its own. */
export const place = command("pairing.decide")
  .inputSchema(DocumentPlace)
  .action(async ({ ctx, parsedInput }) => seen(await placeDocument(ctx.actor, parsedInput, context)));

/** Takes back what was decided of a document. */
export const undoPlace = command("pairing.decide")
  .inputSchema(DecisionUndo)
  .action(async ({ ctx, parsedInput }) => seen(await undoPlacement(ctx.actor, parsedInput, context)));

/** Pairs lines by hand, or takes ERP lines out of their pair. */
export const pair = command("pairing.decide")
  .inputSchema(LinePairing)
  .action(async ({ ctx, parsedInput }) => seen(await pairByHand(ctx.actor, parsedInput, context)));

/** Takes a pair made by hand back. */
export const unpair = command("pairing.decide")
  .inputSchema(LinePairingUndo)
  .action(async ({ ctx, parsedInput }) => seen(await undoPair(ctx.actor, parsedInput, context)));

/** What of references might be left out so that what stands alone finds its order, with what that would do. */
export const proposeReferenceRules = command("settings.write")
  .inputSchema(RulesOf)
  .action(({ ctx, parsedInput }) => lookForRules(ctx.actor, parsedInput));

function seen<Outcome extends Readonly<{ orderKey: string }>>(outcome: Outcome): Outcome {
  revalidatePath("/orders", "layout");
  revalidatePath("/exceptions", "layout");
  revalidatePath("/settings", "layout");
  return outcome;
}
