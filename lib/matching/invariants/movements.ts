import { FIGURES, PLACE } from "../tally";
import { counted, type Invariant } from "./contract";

const sums = FIGURES.map((name) => `sum(${name})::bigint AS ${name}`).join(", ");
const values = (alias: string): string => FIGURES.map((name) => `coalesce(${alias}.${name}, 0)`).join(", ");
const NAMES = PLACE.slice(1).join(", ");

/**
 * What matching kept of how totals moved comes to the totals. It is no matter of single groups: the whole entity is looked
 * at, whatever `within` says.
 */
export const movementInvariant: Invariant = {
  name: "movements-add-up",
  holds: "the movements that were kept of every total add up to it",
  breached: (count) => `${counted(count, "total", "totals")} not the sum of its movements`,
  sql: () => `
    SELECT '00000000-0000-0000-0000-000000000000'::uuid AS order_key, period,
           concat_ws(' ', kind, key, currency) || ': its movements come to ' || coalesce(e.scayle_gross + e.gross, 0) || ' and ' || coalesce(e.erp_gross, 0)
             || ', it is ' || coalesce(t.scayle_gross + t.gross, 0) || ' and ' || coalesce(t.erp_gross, 0) || ' minor units' AS detail
      FROM (SELECT ${NAMES}, ${sums} FROM tally WHERE entity_id = $1 GROUP BY ${NAMES}) t
      FULL JOIN (SELECT ${NAMES}, ${sums} FROM tally_event WHERE entity_id = $1 GROUP BY ${NAMES}) e USING (${NAMES})
     WHERE (${values("t")}) IS DISTINCT FROM (${values("e")})`,
};
