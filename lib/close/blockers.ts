import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import type { ChecklistView } from "./checklist";
import { IS_OPEN } from "./debt";
import type { Readiness } from "./readiness";
import type { TaskRule } from "./schema";
import type { SigningView } from "./signing-view";

/** What is in the way of the close, or what comes next: who has it, and where it is done. */
export type Blocker = Readonly<{
  text: string;
  /** who has to act: people and teams */
  owner: string;
  href: string;
  /** whether nobody can sign while it is so; else it is work that comes before, or after */
  blocks: boolean;
}>;

/** Who has what is open of a cause in a month. */
export type Owner = Readonly<{ cause: string; name: string; count: number }>;

/** Who has what is open of a month, by cause: whom it is assigned to, else the team, the most first. */
export async function findOwners(pool: pg.Pool, entityId: string, month: Month): Promise<readonly Owner[]> {
  const { rows } = await pool.query<Owner>(
    `SELECT e.cause, coalesce(u.name, t.name, e.owner_team) AS name, count(*)::int AS count
       FROM exception e LEFT JOIN "user" u ON u.id = e.assignee_id LEFT JOIN team t ON t.id = e.owner_team
      WHERE e.entity_id = $1 AND ${IS_OPEN} AND (e.period = $2 OR e.amounts @> $3::jsonb)
      GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2`,
    [entityId, month, JSON.stringify([{ period: month }])],
  );
  return rows;
}

/** "Finance (3), Mara K. (1)" */
function ownersOf(owners: readonly Owner[], cause: string, otherwise: string): string {
  const mine = owners.filter((one) => one.cause === cause);
  if (mine.length === 0) return otherwise;
  const [first] = mine;
  return mine.length === 1 && first ? first.name : mine.map((one) => `${one.name} (${one.count})`).join(", ");
}

type Given = Readonly<{
  /** the address of the month's page, with its entity */
  address: string;
  /** of the month's exceptions of a cause */
  hrefOf: (cause: string) => string;
  /** of its nothing-lost proof, and of the feeds */
  proofHref: string;
  feedsHref: string;
  readiness: Readiness;
  owners: readonly Owner[];
  /** the feeds that were not confirmed up to the cut-off */
  feedsBehind: number;
  signing: Pick<
    SigningView,
    "period" | "policy" | "standing" | "signable" | "moving" | "ended" | "signOffs"
  > | null;
  checklist: Pick<ChecklistView, "tasks">;
}>;

/**
 * What is in the way of closing a month, in the order in which it is cleared: the calendar and the feeds, what was not matched,
 * what could not be read, proofs, what is unexplained; then the checklist; then the signatures and the lock.
 */
export function blockersOf(given: Given): readonly Blocker[] {
  const { address, signing, checklist, feedsBehind } = given;
  if (signing?.period.state === "closed") return [];
  const clock: Blocker[] = [];
  const block = (text: string, owner: string, href: string) =>
    clock.push({ text, owner, href, blocks: true });
  if (signing && !signing.ended) block("The month has not ended yet", "The calendar", address);
  if (feedsBehind > 0)
    block(
      feedsBehind === 1
        ? "1 feed is not confirmed up to the cut-off"
        : `${feedsBehind} feeds are not confirmed up to the cut-off`,
      "Operations",
      given.feedsHref,
    );
  if (signing?.moving)
    block("Orders of this month changed since it was last reconciled", "Anybody who may reconcile", address);
  return [
    // A feed that is late keeps nobody from signing; that is for the checklist to say.
    ...clock.map((one) => (one.owner === "Operations" ? { ...one, blocks: false } : one)),
    ...figures(given),
    ...checklist.tasks
      .filter((task) => !task.complete && !isSaid(task.template.rule, given))
      .map((task) => ({
        text: task.fact ? `${task.template.title}: ${task.fact.says}` : task.template.title,
        owner: task.done?.doneAt ? `${task.reviewer ?? "anybody else"} (to review)` : task.owner,
        href: `${address}#checklist`,
        blocks: false,
      })),
    ...(signing ? signatures(signing, `${address}#sign-off`) : []),
  ];
}

/** Whether what keeps an automatic task from being complete stands above already. */
const isSaid = (rule: TaskRule | null, { feedsBehind, readiness }: Given): boolean =>
  rule === "feeds-at-cut-off"
    ? feedsBehind > 0
    : (rule === "proof-green" || rule === "nothing-unexplained") && readiness.blocks.length > 0;

/** What readiness says of the figures, unread records first: what they hold may explain the rest. */
function figures({ readiness, owners, hrefOf, proofHref, signing, address }: Given): readonly Blocker[] {
  const places = ["record-failed", null, "unexplained"];
  // What is unexplained and below materiality may be signed as a stated remainder.
  const isRemainder = signing?.signable.kind === "remainder";
  return [...readiness.blocks]
    .sort((a, b) => places.indexOf(a.cause) - places.indexOf(b.cause))
    .map(({ text, cause }) =>
      cause === null
        ? { text, owner: "Finance", href: proofHref, blocks: true }
        : {
            text:
              cause === "unexplained" && isRemainder
                ? `${text}: below materiality, it may be signed as a stated remainder`
                : text,
            owner: ownersOf(owners, cause, cause === "record-failed" ? "Operations" : "Finance"),
            href: hrefOf(cause) || address,
            blocks: !(cause === "unexplained" && isRemainder),
          },
    );
}

function signatures(
  { standing, policy, signOffs, period }: NonNullable<Given["signing"]>,
  href: string,
): readonly Blocker[] {
  const suspended = signOffs.some(
    (one) => one.round === period.round && one.suspendedAt !== null && one.withdrawnAt === null,
  );
  const again = suspended && standing.length === 0 ? " again: its figures moved" : "";
  const missing = policy.reviewers - Math.max(0, standing.length - 1);
  return [
    ...(standing.length === 0
      ? [{ text: `The preparer signs${again}`, owner: "A preparer of finance", href, blocks: false }]
      : []),
    ...(missing > 0
      ? [
          {
            text: `${missing === 1 ? "A reviewer signs" : `${missing} reviewers sign`}${again === "" ? "" : " again"}`,
            owner: missing === 1 ? "A reviewer of finance" : `${missing} reviewers of finance`,
            href,
            blocks: false,
          },
        ]
      : []),
    { text: "The month is closed", owner: "A reviewer of finance", href, blocks: false },
  ];
}
