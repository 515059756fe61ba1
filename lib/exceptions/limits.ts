import type { ClientBase, Pool } from "pg";
import { exponentOf, formatAmount, largest, type Minor } from "@/lib/domain/money";
import { Evidence, PeriodAmounts } from "./schema";

/** Where nobody set a limit, this many major units of any currency. */
const DEFAULT_LIMIT_MAJOR = 100n;

/** Up to which amount one person may accept alone, in minor units of its currency; `setById` null: nobody set it. */
export type Limit = Readonly<{
  currency: string;
  minor: Minor;
  setById: string | null;
  setBy: string | null;
}>;

/** What an exception is about in one currency, as its acceptance is measured: minor units without sign; null is unknown. */
export type Worth = Readonly<{ currency: string; minor: Minor | null }>;

/** The limit of an entity in a currency. */
export async function limitOf(client: ClientBase | Pool, entityId: string, currency: string): Promise<Limit> {
  const { rows } = await client.query<Limit>(
    `SELECT currency, minor, set_by_id AS "setById", set_by AS "setBy" FROM acceptance_limit
      WHERE entity_id = $1 AND currency = $2`,
    [entityId, currency],
  );
  return rows[0] ?? defaultLimit(currency);
}

/** The limit where nobody set one. */
export const defaultLimit = (currency: string): Limit => ({
  currency,
  minor: DEFAULT_LIMIT_MAJOR * 10n ** BigInt(exponentOf(currency)),
  setById: null,
  setBy: null,
});

/**
 * What an exception is worth, by currency: the largest of its net, tax and gross, of one month or of all together. Without
 * amounts of its own what its evidence says; unknown where that says nothing.
 */
export function worthsOf(
  exception: Readonly<{ cause: string; currency: string; amounts: unknown; evidence: unknown }>,
  isStanding: boolean,
): readonly Worth[] {
  if (isStanding) {
    const { worth } = Evidence.parse(exception.evidence ?? {});
    return [{ currency: exception.currency, minor: worth }];
  }
  const parts = PeriodAmounts.parse(exception.amounts);
  const currencies = [
    ...new Set([exception.currency, ...parts.map((part) => part.currency ?? exception.currency)]),
  ];
  return currencies.map((currency) => {
    const mine = parts.filter((part) => (part.currency ?? exception.currency) === currency);
    const sizes = (["net", "tax", "gross"] as const).flatMap((field) => [
      ...mine.map((part) => part[field]),
      mine.reduce((sum, part) => sum + part[field], 0n),
    ]);
    return { currency, minor: largest(sizes) };
  });
}

/**
 * Why a second person has to approve what this actor accepts, in a sentence; null: nobody has to. A limit that the actor set
 * holds for everybody else: nobody gives themselves leave.
 */
export async function whySecond(
  client: ClientBase | Pool,
  entityId: string,
  worths: readonly Worth[],
  actorId: string,
): Promise<string | null> {
  for (const { currency, minor } of worths) {
    if (minor === null) return "How much money it is about is not known: a second person approves.";
    const limit = await limitOf(client, entityId, currency);
    const words = `${formatAmount(limit.minor, currency)} ${currency}`;
    if (minor > limit.minor) return `It is about more than ${words}: a second person approves.`;
    if (minor > 0n && limit.setById === actorId)
      return `The limit of ${words} was set by you: a second person approves.`;
  }
  return null;
}
