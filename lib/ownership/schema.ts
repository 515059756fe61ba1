import { z } from "zod";

const EntityCode = z.string().min(1).max(64);
/** Empty in a form is "all". */
const orAll = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((text) => (text === "" ? null : text))
    .nullable();
const TeamId = z
  .string()
  .trim()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "Up to 32 small letters, digits and hyphens.");

/** Who owns a cause: in a shop, in an entity, or (both left out) everywhere. */
export const OwnershipRule = z.object({
  entityId: orAll(64),
  shopId: orAll(128),
  cause: z.string().min(1).max(64),
  team: TeamId,
});
export type OwnershipRule = z.infer<typeof OwnershipRule>;

/** Asks for one. `moveOpen`: open exceptions that nobody has and nobody gave away go to the new team, too. */
export const SaveRule = OwnershipRule.extend({ moveOpen: z.boolean() });
export type SaveRule = z.infer<typeof SaveRule>;

export const RemoveRule = z.object({ id: z.guid() });
export type RemoveRule = z.infer<typeof RemoveRule>;

/** The whole table as a file: cause, entity, shop, team. What the file leaves out stays. */
export const RulesFile = z.object({
  text: z.string().min(1, "Choose a file.").max(1_000_000, "A table of at most a million characters."),
  moveOpen: z.boolean().default(false),
});
export type RulesFile = z.input<typeof RulesFile>;

/** A row that shall hold (team null: that shall go), with the team that stood there when it was previewed (null: no row did). */
export const OwnerChange = OwnershipRule.extend({ team: TeamId.nullable(), before: z.string().nullable() });
export type OwnerChange = z.infer<typeof OwnerChange>;

/** What changes do to open exceptions that may go along. */
export const OwnersEffect = z.object({
  /** by team and currency; `extent`: how much money they are about, in minor units as a text */
  moves: z
    .array(
      z.object({
        from: z.string(),
        to: z.string(),
        currency: z.string(),
        count: z.number().int(),
        extent: z.string(),
      }),
    )
    .readonly(),
  /** stay: somebody has them, or gave them to a team */
  held: z.number().int(),
  /** stay: a row nearer to them decides */
  nearer: z.number().int(),
  /** are with that team already */
  same: z.number().int(),
});
export type OwnersEffect = z.infer<typeof OwnersEffect>;

/** The request that an address names. */
export const RequestId = z.guid().optional();

/** What is decided on a request, and on which version of it. */
export const OwnersDecision = z
  .object({
    id: z.guid(),
    version: z.number().int().positive(),
    decision: z.enum(["approve", "reject", "withdraw"]),
    why: z.string().trim().max(1000, "At most 1,000 characters.").default(""),
  })
  .refine(({ decision, why }) => decision !== "reject" || why.length >= 3, {
    path: ["why"],
    message: "Say why not, for whoever asked.",
  });
export type OwnersDecision = z.infer<typeof OwnersDecision>;

export const SaveTeam = z.object({
  id: TeamId,
  name: z.string().trim().min(1, "Give it a name.").max(60, "At most 60 characters."),
  leadId: z.union([z.guid(), z.null()]),
  memberIds: z.array(z.guid()).max(500),
  /** a team that is not there yet is wanted, or one that is */
  isNew: z.boolean(),
});
export type SaveTeam = z.infer<typeof SaveTeam>;

const Step = z.object({
  /** major units, without decimals */
  from: z.string().regex(/^\d{1,12}$/, "A whole amount, like 1000."),
  days: z.number().int().min(1, "At least one working day.").max(260, "At most 260 working days."),
});

/** How long exceptions may take: steps of one currency, or of every currency without its own; none: the defaults again. */
export const DueSteps = z.object({
  entityId: EntityCode,
  currency: z.string().regex(/^([A-Z]{3}|\*)$/, "A currency has three capital letters, like EUR."),
  steps: z.array(Step).max(12),
  /** exceptions that are open get the date that they would have by it, unless a person set one */
  applyToOpen: z.boolean().default(false),
});
export type DueSteps = z.input<typeof DueSteps>;

/** From how many days of age on something is due as the next larger step when it is found; null: age does not count. */
export const DueAge = z.object({
  entityId: EntityCode,
  days: z.union([
    z.number().int("Whole days.").min(1, "At least one day.").max(3_650, "At most 3,650 days."),
    z.null(),
  ]),
  applyToOpen: z.boolean().default(false),
});
export type DueAge = z.input<typeof DueAge>;

/** Gives the open exceptions of an entity the dates that its rules and calendar make now. */
export const ApplyDue = z.object({ entityId: EntityCode });
export type ApplyDue = z.infer<typeof ApplyDue>;

const Country = z
  .string()
  .regex(
    /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/,
    "A country has two capital letters, like AT; a region more, like DE-BY.",
  );

/** Whose holidays an entity keeps; null: what its time zone suggests; "-": none but its own days. */
export const HolidayCountry = z.object({
  entityId: EntityCode,
  country: z.union([Country, z.literal("-"), z.null()]),
});
export type HolidayCountry = z.infer<typeof HolidayCountry>;

/** A holiday, or a day that is worked although it is one: of the entity, or of a country for all entities that keep its days. */
export const CalendarDay = z.object({
  entityId: EntityCode,
  /** null: of the entity alone */
  country: z.union([Country, z.null()]),
  day: z.iso.date("Choose a day."),
  working: z.boolean(),
  name: z.string().trim().min(1, "Give it a name.").max(80, "At most 80 characters."),
});
export type CalendarDay = z.infer<typeof CalendarDay>;

export const RemoveDay = z.object({ entityId: EntityCode, id: z.guid() });
export type RemoveDay = z.infer<typeof RemoveDay>;
