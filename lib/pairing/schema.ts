import { z } from "zod";

// Ids are hashes of natural keys: 128 bits that look like a uuid, without its version bits.
const Key = z.guid();
/** The entity that an input names: held against the grants, never trusted. */
const EntityCode = z.string().min(1).max(64);

/** Where an ERP document, found under `orderKey`, shall be: with an order, or (null) on its own. */
export const DocumentPlace = z.object({
  entityId: EntityCode,
  orderKey: Key,
  documentId: Key,
  toOrderKey: Key.nullable(),
  note: z.string().trim().max(1000, "A note has at most 1,000 characters.").optional(),
});
export type DocumentPlace = z.infer<typeof DocumentPlace>;

/** A decision that shall no longer hold. */
export const DecisionUndo = z.object({ entityId: EntityCode, id: Key });
export type DecisionUndo = z.infer<typeof DecisionUndo>;

/** How many lines can be put into one pair by hand: an order's, not a month's. */
const LINES_MAX = 500;

/** Lines of one group that belong together although their items differ, or ERP lines that belong to no other line. */
export const LinePairing = z.object({
  entityId: EntityCode,
  orderKey: Key,
  kind: z.enum(["together", "apart"]),
  lineIds: z
    .array(Key)
    .min(1, "Choose lines first.")
    .max(LINES_MAX, `At most ${LINES_MAX} lines belong to one pair.`),
});
export type LinePairing = z.infer<typeof LinePairing>;

/** A pair made by hand that shall no longer hold. */
export const LinePairingUndo = z.object({ entityId: EntityCode, orderKey: Key, pairId: Key });
export type LinePairingUndo = z.infer<typeof LinePairingUndo>;

/** What an order to link to is looked up by: a name, or (none) what the document on its own suggests. */
export const OrderLookup = z.object({
  entityId: EntityCode,
  orderKey: Key,
  documentId: Key,
  text: z.string().trim().max(200, "A reference has at most 200 characters."),
});
export type OrderLookup = z.infer<typeof OrderLookup>;

/** An ERP connection whose references are to be read by rules. */
export const RulesOf = z.object({ entityId: EntityCode, connectionId: z.guid() });
export type RulesOf = z.infer<typeof RulesOf>;
