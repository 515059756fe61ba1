import type pg from "pg";
import { idOf } from "@/lib/domain/identity";
import { type TaskRule, taskRules } from "./schema";

/** One thing that has to be done each month before an entity's close. */
export type Template = Readonly<{
  id: string;
  position: number;
  title: string;
  what: string;
  /** the fact that completes it by itself; null: a person does */
  rule: TaskRule | null;
  ownerTeam: string;
  ownerId: string | null;
  reviewerId: string | null;
  needsReview: boolean;
  /** 1: the first working day after the month's end; −1: the month's last */
  dueDay: number;
  after: readonly string[];
}>;

type Given = Readonly<
  Pick<Template, "title" | "what" | "rule" | "ownerTeam" | "dueDay" | "needsReview"> & {
    name: string;
    after: readonly string[];
  }
>;

// What every peer's checklist begins with, as far as this entity's books are concerned. Entities change it as they like.
const DEFAULTS: readonly Given[] = [
  {
    name: "shipments",
    title: "Shipments of the month's last days are reported",
    what: "The warehouse confirms that everything that left before midnight has a shipment message.",
    rule: null,
    ownerTeam: "operations",
    // Not before the month is over: what leaves on its last evening counts too.
    dueDay: 1,
    needsReview: false,
    after: [],
  },
  {
    name: "feeds",
    title: "Feeds are current to the cut-off",
    what: "Every feed of the financial lane was confirmed up to the cut-off.",
    rule: "feeds-at-cut-off",
    ownerTeam: "operations",
    dueDay: 3,
    needsReview: false,
    after: [],
  },
  {
    name: "proof",
    title: "The proof is green",
    what: "Everything adds up, nothing that was fetched is lost, every record could be read.",
    rule: "proof-green",
    ownerTeam: "operations",
    dueDay: 3,
    needsReview: false,
    after: ["feeds"],
  },
  {
    name: "unexplained",
    title: "Nothing is unexplained",
    what: "Each difference has a cause that is proved by recomputing it.",
    rule: "nothing-unexplained",
    ownerTeam: "finance",
    dueDay: 3,
    needsReview: false,
    after: ["proof"],
  },
  {
    name: "payouts",
    title: "Payouts of the payment providers are matched to the bank",
    what: "Add the providers' statements as evidence.",
    rule: null,
    ownerTeam: "finance",
    dueDay: 4,
    needsReview: true,
    after: [],
  },
  {
    name: "debt",
    title: "Reconciliation debt is below materiality",
    what: "What people must still act on of this month, each without its sign, comes to less than the entity's materiality.",
    rule: "debt-below-materiality",
    ownerTeam: "finance",
    dueDay: 4,
    needsReview: false,
    after: ["unexplained"],
  },
  {
    name: "tax",
    title: "VAT ties",
    what: "The tax of both sides differs by explained causes alone, and no line lacks its code.",
    rule: "tax-ties",
    ownerTeam: "finance",
    dueDay: 4,
    needsReview: false,
    after: ["unexplained"],
  },
  {
    name: "late",
    title: "Late arrivals of closed months are corrected",
    what: "What came to months that are closed is posted in this one, or is none.",
    rule: "late-arrivals-none",
    ownerTeam: "finance",
    dueDay: 5,
    needsReview: false,
    after: [],
  },
  {
    name: "return",
    title: "Figures of the VAT return are handed over",
    what: "Add what was sent to the tax adviser as evidence.",
    rule: null,
    ownerTeam: "finance",
    dueDay: 5,
    needsReview: true,
    after: ["tax"],
  },
];

/** The checklist that an entity has until somebody changes it. */
export const defaultTemplates = (entityId: string): readonly Template[] =>
  DEFAULTS.map(({ name, after, ...rest }, position) => ({
    ...rest,
    id: idOf("close-template", entityId, name),
    position,
    ownerId: null,
    reviewerId: null,
    after: after.map((one) => idOf("close-template", entityId, one)),
  }));

const isRule = (text: string | null): text is TaskRule => taskRules.some((rule) => rule === text);

/** An entity's checklist in its order; the default one where nobody changed it. */
export async function findTemplates(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
): Promise<readonly Template[]> {
  const { rows } = await client.query<Template & { retired: boolean }>(
    `SELECT id, position, title, what, rule, owner_team AS "ownerTeam", owner_id AS "ownerId", reviewer_id AS "reviewerId",
            needs_review AS "needsReview", due_day AS "dueDay", after, retired_at IS NOT NULL AS retired
       FROM close_template WHERE entity_id = $1 ORDER BY position, id`,
    [entityId],
  );
  if (rows.length === 0) return defaultTemplates(entityId);
  return rows
    .filter((row) => !row.retired)
    .map(({ retired: _, ...row }) => ({ ...row, rule: isRule(row.rule) ? row.rule : null }));
}
