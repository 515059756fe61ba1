import "server-only";
import { appPool } from "@/lib/db/pool";
import { OPEN_STATES } from "@/lib/matching/root-causes";
import { erpItemOf } from "@/lib/sync/store/remap";
import type { MappingChange } from "./schema";

/** A mapping that what is posted speaks for, with what speaks against it. */
export type Proposal = Readonly<{
  change: MappingChange;
  /** what says so, in words with how many lines, or orders */
  speaking: readonly Readonly<{ what: string; count: number }>[];
  /** what says otherwise, in words with how many and some of its orders or documents; empty where nothing does */
  against: readonly Readonly<{ what: string; count: number; examples: readonly string[] }>[];
  /** orders to look at */
  examples: readonly string[];
}>;

const PROPOSALS_MOST = 50;

/** So many orders or documents are named of what speaks for a proposal, and of each that speaks against it. */
const EXAMPLES_MOST = 3;

/** What else there is under one name, as the statements below give it. */
type Other = Readonly<{ name: string; count: number; examples: readonly string[] | null }>;

/** The same in SQL. */
const otherOf = (name: string, count: string, examples: string): string =>
  `jsonb_agg(jsonb_build_object('name', ${name}, 'count', ${count}, 'examples', ${examples}))`;

/** The first and the last of some references: two that are quickly found among many. */
const twoOf = (reference: string): string =>
  `array_remove(ARRAY[min(${reference}), nullif(max(${reference}), min(${reference}))], NULL)`;

/**
 * Tax codes that nobody confirmed or refused: how many lines of goods to a country at a rate are posted with the code, or
 * without any where the ERP's item master has it for their items; which others are posted there, and what the master says else.
 * As the last reconciliation of everything counted them.
 */
export async function findTaxProposals(entityId: string): Promise<readonly Proposal[]> {
  const { rows } = await appPool().query<
    Readonly<{
      shipTo: string;
      channel: "*";
      rate: string;
      taxCode: string;
      saying: number;
      agreed: number;
      uncoded: number;
      others: readonly Other[] | null;
      elsewhere: readonly Other[] | null;
      masters: readonly Other[] | null;
      examples: readonly string[] | null;
    }>
  >(
    `WITH used AS (SELECT * FROM tax_code_use WHERE entity_id = $1),
     named AS (SELECT DISTINCT u.ship_to, u.rate, u.tax_code, one FROM used u, unnest(u.examples) AS one),
     posted AS (
       SELECT ship_to, rate, tax_code, sum(lines)::int AS lines,
              (SELECT (array_agg(n.one ORDER BY n.one))[1:${EXAMPLES_MOST}] FROM named n
                WHERE (n.ship_to, n.rate, n.tax_code) = (u.ship_to, u.rate, u.tax_code)) AS examples
         FROM used u WHERE tax_code <> '' GROUP BY 1, 2, 3)
     SELECT m.ship_to AS "shipTo", m.channel, trim_scale(m.rate)::text AS rate, m.tax_code AS "taxCode",
            coalesce((SELECT lines FROM posted p WHERE (p.ship_to, p.rate, p.tax_code) = (m.ship_to, m.rate, m.tax_code)), 0) AS saying,
            here.agreed, here.uncoded, here.examples, here.masters,
            (SELECT ${otherOf("x.tax_code", "x.lines", "x.examples")} FROM posted x
              WHERE x.ship_to = m.ship_to AND x.rate = m.rate AND x.tax_code <> m.tax_code) AS others,
            (SELECT ${otherOf("x.ship_to || ' at ' || trim_scale(x.rate * 100) || ' %'", "x.lines", "x.examples")} FROM posted x
              WHERE x.tax_code = m.tax_code AND x.rate <> m.rate) AS elsewhere
       FROM tax_mapping m, LATERAL (
         SELECT coalesce(sum(lines) FILTER (WHERE tax_code = m.tax_code AND master_code = m.tax_code), 0)::int AS agreed,
                coalesce(sum(lines) FILTER (WHERE tax_code = '' AND master_code = m.tax_code), 0)::int AS uncoded,
                ${otherOf("master_code", "lines", "examples")} FILTER (WHERE tax_code = m.tax_code AND master_code NOT IN ('', m.tax_code)) AS masters,
                (array_agg(example ORDER BY example) FILTER (WHERE tax_code = m.tax_code OR (tax_code = '' AND master_code = m.tax_code)
                   AND example IS NOT NULL))[1:${EXAMPLES_MOST}] AS examples
           FROM (SELECT u.*, u.examples[1] AS example FROM used u WHERE u.ship_to = m.ship_to AND u.rate = m.rate) AS u) AS here
      WHERE m.entity_id = $1 AND m.confirmed_at IS NULL AND m.confirmed_by IS NULL
      ORDER BY saying DESC, here.uncoded DESC, 1, 3, 4 LIMIT ${PROPOSALS_MOST}`,
    [entityId],
  );
  return rows.map(
    ({ shipTo, channel, rate, taxCode, saying, agreed, uncoded, others, elsewhere, masters, examples }) => ({
      change: { kind: "tax-code", shipTo, channel, rate, taxCode, right: true },
      speaking: [
        ...(saying > 0 ? [{ what: "posted with it", count: saying }] : []),
        ...(agreed > 0
          ? [{ what: "of these of items that have it in the ERP’s item master", count: agreed }]
          : []),
        ...(uncoded > 0
          ? [
              {
                what: "posted without a code, of items that have it in the ERP’s item master",
                count: uncoded,
              },
            ]
          : []),
      ],
      against: [
        ...counted(others, (code) => `${code} at the same place and rate`),
        ...counted(elsewhere, (place) => `the same code, ${place}`),
        ...counted(masters, (code) => `posted with it, of items that have ${code} in the ERP’s item master`),
      ],
      examples: examples ?? [],
    }),
  );
}

const counted = (others: readonly Other[] | null, what: (name: string) => string): Proposal["against"] =>
  [...(others ?? [])]
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    .map(({ name, count, examples }) => ({ what: what(name), count, examples: examples ?? [] }));

/**
 * ERP items that open exceptions show in the place of one of SCAYLE's products, as the causes proved it, and what else is
 * posted under the item: other products, or itself beside SCAYLE's product of the same name.
 */
export async function findItemProposals(entityId: string): Promise<readonly Proposal[]> {
  const { rows } = await appPool().query<
    Readonly<{
      orderKey: string;
      itemKey: string;
      sku: string;
      saying: number;
      others: readonly Other[] | null;
      itself: number;
      itselfIn: readonly string[] | null;
      examples: readonly string[] | null;
    }>
  >(
    `WITH said AS MATERIALIZED (
       SELECT m ->> 'itemKey' AS item_key, m ->> 'sku' AS sku, count(DISTINCT e.order_key)::int AS orders,
              (array_agg(e.order_key ORDER BY e.order_key))[1] AS order_key,
              (array_agg(DISTINCT e.order_reference) FILTER (WHERE e.order_reference IS NOT NULL))[1:${EXAMPLES_MOST}] AS examples
         FROM exception e, jsonb_array_elements(e.evidence -> 'missing') AS m
        WHERE e.entity_id = $1 AND e.state IN ${OPEN_STATES} AND e.evidence ? 'missing'
          AND m ->> 'kind' = 'item'
        GROUP BY 1, 2),
     asked AS MATERIALIZED (SELECT * FROM said ORDER BY orders DESC, item_key, sku LIMIT ${PROPOSALS_MOST}),
     own AS MATERIALIZED (
       SELECT l.item_key, count(*)::int AS lines, ${twoOf("o.reference")} AS examples
         FROM line l LEFT JOIN sales_order o ON o.order_key = l.order_key
        WHERE l.entity_id = $1 AND l.side = 'erp' AND l.in_books AND l.item_key IN (SELECT item_key FROM asked)
          AND EXISTS (SELECT FROM line s WHERE s.order_key = l.order_key AND s.side = 'scayle' AND s.item_key = l.item_key)
        GROUP BY 1)
     SELECT a.order_key AS "orderKey", a.item_key AS "itemKey", a.sku, a.orders AS saying, a.examples,
            (SELECT ${otherOf("x.sku", "x.orders", "x.examples")} FROM said x WHERE x.item_key = a.item_key AND x.sku <> a.sku) AS others,
            coalesce(own.lines, 0) AS itself, own.examples AS "itselfIn"
       FROM asked a LEFT JOIN own ON own.item_key = a.item_key ORDER BY a.orders DESC, a.item_key, a.sku`,
    [entityId],
  );
  const proposals = rows.map(async (row) => {
    const { orderKey, itemKey, sku, saying, others, itself, itselfIn, examples } = row;
    const item = await erpItemOf(appPool(), entityId, { orderKey, itemKey });
    if (!item) return null;
    const change: MappingChange = { kind: "item", ...item, lineKind: "item", sku };
    const against = [
      ...counted(others, (other) => `it stands in the place of ${other}`),
      ...(itself > 0
        ? [
            {
              what: `the ERP posted it where SCAYLE sold ${itemKey} itself`,
              count: itself,
              examples: itselfIn ?? [],
            },
          ]
        : []),
    ];
    return {
      change,
      speaking: [{ what: "open orders that show it in the place of the product", count: saying }],
      against,
      examples: examples ?? [],
    };
  });
  return (await Promise.all(proposals)).filter((one) => one !== null);
}

/**
 * ERP items whose GTIN, in the ERP's item master, is the SKU of a product that SCAYLE sells, and that no mapping names: how many
 * lines are posted under them, and what else bears the number.
 */
export async function findGtinProposals(entityId: string): Promise<readonly Proposal[]> {
  const { rows } = await appPool().query<
    Readonly<{
      item: string;
      name: string | null;
      gtin: string;
      lines: number;
      examples: readonly string[] | null;
      twins: readonly Other[] | null;
      known: boolean;
      soldIn: readonly string[] | null;
    }>
  >(
    `WITH erp AS (
       SELECT i.item_key, i.name, i.gtin FROM stock_item i JOIN connection c ON c.id = i.connection_id
        WHERE i.entity_id = $1 AND c.side = 'erp' AND c.retired_at IS NULL AND i.gone_at IS NULL AND i.gtin <> '' AND i.gtin <> i.item_key),
     sold AS (
       SELECT i.item_key FROM stock_item i JOIN connection c ON c.id = i.connection_id
        WHERE i.entity_id = $1 AND c.side = 'scayle' AND c.retired_at IS NULL AND i.gone_at IS NULL),
     found AS (
       SELECT erp.* FROM erp JOIN sold ON sold.item_key = erp.gtin
        WHERE NOT EXISTS (SELECT FROM item_mapping m WHERE m.entity_id = $1 AND m.erp_kind = 'item' AND m.erp_item = erp.item_key)
        ORDER BY erp.item_key LIMIT ${PROPOSALS_MOST}),
     -- Those of the same number too, to be named.
     looked AS (SELECT item_key FROM erp WHERE gtin IN (SELECT gtin FROM found)),
     lines AS (
       SELECT l.side, l.item_key, count(*)::int AS lines, ${twoOf("o.reference")} AS examples
         FROM line l LEFT JOIN sales_order o ON o.order_key = l.order_key
        WHERE l.entity_id = $1 AND l.in_books AND l.item_key IN (SELECT item_key FROM looked) GROUP BY 1, 2),
     posted AS (SELECT * FROM lines WHERE side = 'erp')
     SELECT f.item_key AS item, f.name, f.gtin, coalesce(p.lines, 0) AS lines, p.examples,
            (SELECT ${otherOf("x.item_key", "1", "t.examples")} FROM erp x LEFT JOIN posted t USING (item_key)
              WHERE x.gtin = f.gtin AND x.item_key <> f.item_key) AS twins,
            EXISTS (SELECT FROM sold WHERE sold.item_key = f.item_key) AS known,
            (SELECT examples FROM lines s WHERE s.side = 'scayle' AND s.item_key = f.item_key) AS "soldIn"
       FROM found f LEFT JOIN posted p USING (item_key) ORDER BY lines DESC, 1`,
    [entityId],
  );
  return rows.map(({ item, name, gtin, lines, examples, twins, known, soldIn }) => ({
    change: { kind: "item", erpKind: "item", erpItem: item, erpVariant: "", lineKind: "item", sku: gtin },
    speaking: [
      { what: `in the ERP’s item master: GTIN ${gtin}${name === null ? "" : `, ${name}`}`, count: 1 },
      ...(lines > 0 ? [{ what: "posted lines of the item", count: lines }] : []),
    ],
    against: [
      ...counted(twins, (twin) => `ERP item ${twin} with the same GTIN`),
      ...(known ? [{ what: `SCAYLE’s own product ${item}`, count: 1, examples: soldIn ?? [] }] : []),
    ],
    examples: examples ?? [],
  }));
}

/**
 * Documents on their own whose reference is nobody's, and the one order for which the ERP lacks a document of exactly their
 * amount: the reference is that order's. What else has the same amount speaks against it.
 */
export async function findNameProposals(entityId: string): Promise<readonly Proposal[]> {
  const { rows } = await appPool().query<
    Readonly<{
      connectionId: string;
      reference: string;
      number: string;
      order: string;
      otherOrders: number;
      orders: readonly string[] | null;
      otherDocuments: number;
      documents: readonly string[] | null;
    }>
  >(
    `WITH alone AS MATERIALIZED (
       SELECT d.connection_id, d.reference, d.number, e.document_kind AS kind, e.currency, -e.gross AS gross
         FROM exception e JOIN document d ON d.order_key = e.order_key AND d.side = 'erp' AND NOT d.order_known AND d.kind = e.document_kind
        WHERE e.entity_id = $1 AND e.state IN ${OPEN_STATES} AND e.cause = 'sale-missing-in-scayle' AND btrim(coalesce(d.reference, '')) <> ''),
     lacking AS MATERIALIZED (
       SELECT o.reference, e.document_kind AS kind, e.currency, e.gross
         FROM exception e JOIN sales_order o ON o.order_key = e.order_key
        WHERE e.entity_id = $1 AND e.state IN ${OPEN_STATES} AND e.cause IN ('sale-missing-in-erp', 'credit-missing-in-erp')),
     met AS MATERIALIZED (
       SELECT a.connection_id, a.reference, a.number, l.reference AS "order", kind,
              count(*) OVER (PARTITION BY a.connection_id, a.number) - 1 AS orders,
              count(*) OVER (PARTITION BY l.reference, kind) - 1 AS documents
         FROM alone a JOIN lacking l USING (kind, currency, gross)),
     asked AS MATERIALIZED (SELECT * FROM met ORDER BY orders + documents, number, "order" LIMIT ${PROPOSALS_MOST})
     SELECT a.connection_id AS "connectionId", a.reference, a.number, a."order", a.orders::int AS "otherOrders",
            a.documents::int AS "otherDocuments",
            ARRAY(SELECT DISTINCT x."order" FROM met x WHERE x.connection_id = a.connection_id AND x.number = a.number
                     AND x."order" <> a."order" ORDER BY 1 LIMIT ${EXAMPLES_MOST}) AS orders,
            ARRAY(SELECT DISTINCT x.number FROM met x WHERE x."order" = a."order" AND x.kind = a.kind
                     AND x.number <> a.number ORDER BY 1 LIMIT ${EXAMPLES_MOST}) AS documents
       FROM asked a ORDER BY a.orders + a.documents, a.number, a."order"`,
    [entityId],
  );
  return rows.map(({ connectionId, reference, number, order, ...other }) => ({
    change: { kind: "reference", connectionId, part: "name", text: reference, order },
    speaking: [
      {
        what: `document ${number} on its own has exactly the amount that the ERP lacks for the order`,
        count: 1,
      },
    ],
    against: [
      ...(other.otherOrders > 0
        ? [
            {
              what: "other orders that lack a document of this amount",
              count: other.otherOrders,
              examples: other.orders ?? [],
            },
          ]
        : []),
      ...(other.otherDocuments > 0
        ? [
            {
              what: "other documents on their own of this amount",
              count: other.otherDocuments,
              examples: other.documents ?? [],
            },
          ]
        : []),
    ],
    examples: [order],
  }));
}

/**
 * Ways of paying without a row, and the code that most of the posted documents of orders paid so bear; what others bear speaks
 * against it. As the last run that looked at everything counted them.
 */
export async function findPaymentProposals(entityId: string): Promise<readonly Proposal[]> {
  const { rows } = await appPool().query<
    Readonly<{
      connectionId: string;
      paymentKey: string;
      code: string;
      documents: number;
      others: readonly Other[] | null;
      examples: readonly string[] | null;
    }>
  >(
    `WITH used AS (
       SELECT u.connection_id, u.payment_key, u.erp_code, sum(u.documents)::int AS documents, (array_agg(u.examples[1]) FILTER (WHERE cardinality(u.examples) > 0))[1:${EXAMPLES_MOST}] AS examples
         FROM payment_use u JOIN connection c ON c.id = u.connection_id AND c.retired_at IS NULL WHERE u.entity_id = $1 GROUP BY 1, 2, 3)
     SELECT DISTINCT ON (u.connection_id, u.payment_key) u.connection_id AS "connectionId", u.payment_key AS "paymentKey",
            u.erp_code AS code, u.documents, u.examples,
            (SELECT ${otherOf("x.erp_code", "x.documents", "x.examples")} FROM used x WHERE x.connection_id = u.connection_id
                AND x.payment_key = u.payment_key AND x.erp_code <> u.erp_code) AS others
       FROM used u
      WHERE u.erp_code <> '' AND NOT EXISTS (SELECT FROM payment_mapping p WHERE p.connection_id = u.connection_id AND p.payment_key = u.payment_key)
      ORDER BY u.connection_id, u.payment_key, u.documents DESC, u.erp_code`,
    [entityId],
  );
  return rows
    .slice(0, PROPOSALS_MOST)
    .map(({ connectionId, paymentKey, code, documents, others, examples }) => ({
      change: { kind: "payment", connectionId, shopId: "*", paymentKey, erpCode: code },
      speaking: [{ what: "posted documents of orders that were paid so bear it", count: documents }],
      against: counted(others, (other) => (other === "" ? "posted without a code" : `posted with ${other}`)),
      examples: examples ?? [],
    }));
}

/** Whether more speaks against a proposal than for it, or nothing that is posted speaks for it any more. */
export const isWeak = ({
  speaking,
  against,
}: Readonly<Record<"speaking" | "against", Proposal["speaking"]>>): boolean => {
  const sum = (rows: Proposal["speaking"]): number => rows.reduce((all, { count }) => all + count, 0);
  return sum(speaking) === 0 || sum(against) > sum(speaking);
};
