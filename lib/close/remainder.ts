import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { proofTitle } from "./readiness";
import type { Totals } from "./schema";

/** Whether a month may be signed: as it is, with a stated remainder, or not at all. */
export type Signable =
  | Readonly<{ kind: "ties-out" }>
  /** minor units of the entity's currency, each unexplained subject with its own amount, whatever its sign */
  | Readonly<{ kind: "remainder"; minor: Minor }>
  | Readonly<{ kind: "no"; why: string }>;

/**
 * A month that ties out may be signed. Where nothing but unexplained amounts is in the way, it may be signed with them as a
 * stated remainder that is below materiality. Whatever else is broken has to be mended first: its amount is not known.
 */
export function signable(
  totals: readonly Totals[],
  {
    unexplained,
    materiality,
    currency,
  }: Readonly<{ unexplained: Minor; materiality: Minor; currency: string }>,
): Signable {
  if (totals.length === 0) return { kind: "no", why: "Nothing has been reconciled for this month yet." };
  const broken = totals.flatMap(({ proofs, currency: of }) =>
    proofs.filter((proof) => !proof.ok).map((proof) => ({ ...proof, of })),
  );
  if (broken.length === 0 && totals.every((one) => one.tiesOut)) return { kind: "ties-out" };
  const other = broken.find(({ name }) => name !== "nothing-unexplained");
  if (other)
    return {
      kind: "no",
      why: `It does not tie out: ${proofTitle(other.name)}: no (${other.detail ?? "no detail"}).`,
    };
  if (broken.length === 0) return { kind: "no", why: "It does not tie out." };
  const foreign = broken.find(({ of }) => of !== currency);
  if (foreign)
    return {
      kind: "no",
      why: `Amounts in ${foreign.of} are unexplained; a remainder is stated in ${currency} only.`,
    };
  if (unexplained >= materiality)
    return { kind: "no", why: "What is unexplained is not below the amount that may be left (materiality)." };
  return { kind: "remainder", minor: unexplained };
}

/** What is unexplained in a month in the entity's currency: each subject's gross without its sign, in minor units. */
export async function unexplainedOf(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
  currency: string,
): Promise<Minor> {
  const { rows } = await client.query<{ extent: bigint }>(
    `SELECT coalesce(sum(extent), 0)::bigint AS extent FROM (
       SELECT greatest(abs(sum(gross)), abs(sum(net)), abs(sum(tax))) AS extent FROM cause
        WHERE entity_id = $1 AND period = $2 AND currency = $3 AND code = 'unexplained'
        GROUP BY order_key, coalesce(exception_id, id)) one`,
    [entityId, month, currency],
  );
  return rows[0]?.extent ?? 0n;
}
