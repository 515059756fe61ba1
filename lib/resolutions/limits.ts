import type pg from "pg";
import { exponentOf, formatAmount, type Minor } from "@/lib/domain/money";
import type { Worth } from "@/lib/exceptions/limits";
import type { Plan, PlannedWrite } from "./contract";

/** Where nobody set a limit, this many major units of any currency. */
const DEFAULT_LIMIT_MAJOR = 250n;

/** Up to which amount one person may send a resolution alone; `setById` null: nobody set it. */
export type ResolutionLimit = Readonly<{
  code: string;
  currency: string;
  minor: Minor;
  setById: string | null;
  setBy: string | null;
}>;

/** The limit of an entity for a resolution in a currency. */
export async function limitOf(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  code: string,
  currency: string,
): Promise<ResolutionLimit> {
  const { rows } = await client.query<ResolutionLimit>(
    `SELECT code, currency, minor, set_by_id AS "setById", set_by AS "setBy" FROM resolution_limit
      WHERE entity_id = $1 AND code = $2 AND currency = $3`,
    [entityId, code, currency],
  );
  return rows[0] ?? { ...defaultLimit(currency), code };
}

/** The limit where nobody set one. */
export const defaultLimit = (currency: string): Omit<ResolutionLimit, "code"> => ({
  currency,
  minor: DEFAULT_LIMIT_MAJOR * 10n ** BigInt(exponentOf(currency)),
  setById: null,
  setBy: null,
});

/**
 * Why a second person has to approve what this actor wants to send, in a sentence; null: nobody has to. A limit that the
 * actor set holds for everybody else: nobody gives themselves leave. Many at once are measured together.
 */
export async function whySecond(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  resolution: Readonly<{ code: string; alwaysSecond: boolean }>,
  worths: readonly Worth[],
  actorId: string,
): Promise<string | null> {
  if (resolution.alwaysSecond) return "A second person always approves this.";
  for (const { currency, minor } of worths) {
    if (minor === null) return "How much money it is about is not known: a second person approves.";
    const limit = await limitOf(client, entityId, resolution.code, currency);
    const words = `${formatAmount(limit.minor, currency)} ${currency}`;
    if (minor > limit.minor)
      return `It moves ${formatAmount(minor, currency)} ${currency}, more than the limit of ${words}: a second person approves.`;
    if (minor > 0n && limit.setById === actorId)
      return `The limit of ${words} was set by you: a second person approves.`;
  }
  return null;
}

/**
 * What a plan is measured by, in each currency: the difference that it is about, or the largest document that it posts or
 * takes back, whichever is more. To move a cent it may post an invoice of thousands.
 */
export function measured(worths: readonly Worth[], plan: Pick<Plan, "writes">): readonly Worth[] {
  const most = new Map(worths.map(({ currency, minor }) => [currency, minor]));
  for (const worth of plan.writes.map(documentOf)) {
    if (worth === null) continue;
    const before = most.get(worth.currency);
    if (before === null) continue;
    if (worth.minor === null || before === undefined || worth.minor > before)
      most.set(worth.currency, worth.minor);
  }
  return [...most].map(([currency, minor]) => ({ currency, minor }));
}

/** What a write posts, takes back or refunds; null where it is no document. */
function documentOf({ write, ...planned }: PlannedWrite): Worth | null {
  switch (write.kind) {
    case "post-document": {
      const { currency, lines } = write.document;
      return { currency, minor: lines.reduce((sum, line) => sum + line.gross, 0n) };
    }
    case "reverse-document":
      return ("amount" in planned ? planned.amount : undefined) ?? null;
    case "refund":
      return { currency: write.currency, minor: write.amount };
    // What is told of goods is no document: it is measured by what its items were sold for, and a stock level by nothing.
    default:
      return null;
  }
}

/** What several exceptions are worth together, by currency; unknown where one is. */
export function together(all: readonly (readonly Worth[])[]): readonly Worth[] {
  const sums = new Map<string, Minor | null>();
  for (const { currency, minor } of all.flat()) {
    const before = sums.get(currency);
    sums.set(currency, minor === null || before === null ? null : (before ?? 0n) + minor);
  }
  return [...sums].map(([currency, minor]) => ({ currency, minor }));
}
