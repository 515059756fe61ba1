import { STANDING } from "../standing-causes";
import { counted, type Invariant } from "./contract";

/** Causes that belong to no pair: they speak of a record or an order as a whole. */
const WITHOUT_PAIR = ["record-failed", "order-unreadable"];

export const causeInvariants: readonly Invariant[] = [
  {
    name: "causes-add-up",
    holds: "in every group, period and currency, SCAYLE minus the causes is the ERP, in net, tax and gross",
    breached: (count) => `${counted(count, "group", "groups")} not explained to the cent`,
    sql: (within) => `
      SELECT order_key, period, 'off by net ' || sum(net) || ', tax ' || sum(tax) || ', gross ' || sum(gross) || ' ' || currency || ' minor units' AS detail
        FROM (SELECT p.order_key, p.period, p.currency, p.scayle_net - p.erp_net AS net, p.scayle_tax - p.erp_tax AS tax,
                     p.scayle_gross - p.erp_gross AS gross
                FROM pair p WHERE p.entity_id = $1 AND ${within("p")} AND p.bucket <> 'excluded'
              UNION ALL
              SELECT c.order_key, c.period, c.currency, -c.net, -c.tax, -c.gross FROM cause c
               WHERE c.entity_id = $1 AND ${within("c")} AND c.bucket <> 'excluded') sides
       GROUP BY order_key, period, currency HAVING sum(net) <> 0 OR sum(tax) <> 0 OR sum(gross) <> 0`,
  },
  {
    name: "causes-of-pairs",
    holds: "every cause stands on a pair that is there",
    breached: (count) => `${counted(count, "cause", "causes")} without their pair`,
    sql: (within) => `
      SELECT c.order_key, c.period, c.code || ' without a pair' AS detail FROM cause c
       WHERE c.entity_id = $1 AND ${within("c")}
         AND ((c.pair_id IS NULL AND c.code NOT IN (${WITHOUT_PAIR.map((code) => `'${code}'`).join(", ")}))
              OR (c.pair_id IS NOT NULL AND NOT EXISTS (SELECT FROM pair p WHERE p.order_key = c.order_key AND p.id = c.pair_id)))`,
  },
  {
    name: "causes-raise",
    holds: "every cause that raises an exception has it",
    breached: (count) => `${counted(count, "cause", "causes")} without their exception`,
    sql: (within) => `
      SELECT c.order_key, c.period, c.code || ' without its exception' AS detail FROM cause c
       WHERE c.entity_id = $1 AND ${within("c")} AND c.exception_id IS NOT NULL
         AND NOT EXISTS (SELECT FROM exception e WHERE e.order_key = c.order_key AND e.id = c.exception_id)`,
  },
  {
    name: "exceptions-have-causes",
    holds: "every open exception has a cause in the books",
    breached: (count) => `${counted(count, "open exception", "open exceptions")} without a cause`,
    sql: (within) => `
      SELECT e.order_key, e.period, concat_ws(' ', e.cause, 'of', coalesce(e.order_reference, e.document_number)) AS detail
        FROM exception e
       WHERE e.entity_id = $1 AND ${within("e")} AND e.state NOT IN ('resolved') AND e.cause NOT IN ${STANDING}
         AND NOT EXISTS (SELECT FROM cause c WHERE c.order_key = e.order_key AND c.exception_id = e.id)`,
  },
];
