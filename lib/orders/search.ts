import "server-only";
import { appPool } from "@/lib/db/pool";
import { slipsBetween } from "@/lib/domain/distance";
import { aliasOf } from "@/lib/domain/identity";
import {
  bareOf,
  compactOf,
  nameWords,
  pairOf,
  phoneTerm,
  slipsOf,
  swapsOf,
  withoutLabels,
} from "@/lib/domain/lookup";
import { maskedName, personalOf } from "./masks";

/** How many orders a search shows. */
const HITS_MAX = 30;

/** By what an order was found. */
export type FoundBy =
  | "order"
  | "document"
  /** the reference that an ERP document states, which no known order goes by */
  | "reference"
  | "tracking"
  | "invoice"
  | "email"
  | "phone"
  | "name";

/** How close what was typed is to it: the same, its beginning or end, or spelled like it. */
export type Closeness = "exact" | "part" | "alike";

export type OrderHit = Readonly<{
  orderKey: string;
  entityId: string;
  /** null: an ERP document that points at no known order */
  reference: string | null;
  document: string | null;
  shop: string | null;
  status: string | null;
  shippingStatus: string | null;
  placedAt: Date | null;
  openExceptions: number;
  by: FoundBy;
  closeness: Closeness;
  /** the number by which it was found, where that is not its own; never a person's data */
  stated: string | null;
  /** first letters alone; null: nobody is known, or they were erased */
  customer: string | null;
}>;

type Found = Readonly<{ order_key: string; by: FoundBy; stated: string | null }>;

export type OrdersFound = Readonly<{
  /** the newest of those found, at most HITS_MAX */
  hits: readonly OrderHit[];
  /** how many were found among what was looked at */
  found: number;
  /** there is more that was not looked at: which are the newest is not known */
  isCut: boolean;
}>;

/** What was found alone and goes by what was typed; what is only similar may be another customer's: it is shown, not opened. */
export const soleHit = <Hit extends Pick<OrderHit, "closeness">>(hits: readonly Hit[]): Hit | null => {
  const [only] = hits;
  return only && hits.length === 1 && only.closeness !== "alike" ? only : null;
};

/** The orders that `findOrders` shows. */
export const searchOrders = async (
  entityIds: readonly string[],
  text: string,
  openStates: readonly string[],
): Promise<readonly OrderHit[]> => (await findOrders(entityIds, text, openStates)).hits;

/**
 * Orders within the scope by any name or number that they, their documents or parcels go by (an ERP document also by the
 * reference that it states), or by their customer's name,
 * e-mail address or telephone number. What is named exactly comes alone; else what is named in part (numbers without their
 * prefix, words that are being typed); only where that finds nothing, what is one slip away or spelled alike. Words that only
 * say what a number is ("Order no. …") are left out where they are part of none.
 */
export async function findOrders(
  entityIds: readonly string[],
  text: string,
  openStates: readonly string[],
): Promise<OrdersFound> {
  const asked = text.trim();
  const bare = withoutLabels(asked);
  const stages = [
    ["exact", exactly, asked],
    ["part", inPart, asked],
    ...(bare === asked
      ? []
      : ([
          ["exact", exactly, bare],
          ["part", inPart, bare],
        ] as const)),
    ["alike", alike, bare],
  ] as const;
  if (asked !== "")
    for (const [closeness, find, what] of stages) {
      const found = await find(entityIds, what);
      if (found.length > 0) return hitsOf(entityIds, found, { closeness, asked: bare }, openStates);
    }
  return { hits: [], found: 0, isCut: false };
}

/** More than these of one kind are not looked at: who finds so many types on. */
const EACH_MAX = 100;
/** Nor the orders of more customers of one name. */
const SAME_NAME_MAX = 50;

/**
 * Orders by their names, the ERP's documents and other numbers of theirs, in one of two forms: letters and digits alone, or
 * the digits at the end. `is` is the condition on that form; $1 are the entities.
 */
function byNumber(
  form: "compact" | "bare",
  is: string,
  { highestFirst = false, kinds = ["tracking", "invoice"] as readonly string[], withReferences = true } = {},
): readonly string[] {
  const reference = form === "compact" ? "lookup_compact(reference)" : "lookup_bare(btrim(reference))";
  // Parcels' and invoices' numbers are held in the first form.
  const term = form === "compact" ? "term" : "lookup_bare(term)";
  // Numbers are given out upwards: where there are too many, the highest are the likeliest. In the order of the index.
  const by = (what: string) => (highestFirst ? `ORDER BY ${what} USING ~>~` : "");
  return [
    `(SELECT order_key, 'order' AS by, NULL AS stated FROM order_alias
       WHERE lookup_${form}(alias) ${is} AND entity_id = ANY($1) ${by(`lookup_${form}(alias)`)} LIMIT ${EACH_MAX})`,
    `(SELECT order_key, 'document', number FROM document
       WHERE side = 'erp' AND lookup_${form}(number) ${is} AND entity_id = ANY($1) ${by(`lookup_${form}(number)`)} LIMIT ${EACH_MAX})`,
    `(SELECT order_key, kind, stated FROM order_term
       WHERE ${term} ${is} AND kind IN (${kinds.map((kind) => `'${kind}'`).join(", ")}) AND entity_id = ANY($1) ${by(term)} LIMIT ${EACH_MAX})`,
    ...(withReferences
      ? [
          `(SELECT order_key, 'reference', reference FROM document
             WHERE side = 'erp' AND NOT order_known AND ${reference} ${is} AND entity_id = ANY($1) ${by(reference)} LIMIT ${EACH_MAX})`,
        ]
      : []),
  ];
}

async function exactly(entityIds: readonly string[], asked: string): Promise<readonly Found[]> {
  const compact = compactOf(asked);
  const { rows } = await appPool().query<Found>(
    `(SELECT order_key, 'order' AS by, NULL AS stated FROM order_alias WHERE entity_id = ANY($1) AND alias = $2 LIMIT ${EACH_MAX})
     UNION ALL
     (SELECT order_key, 'document', number FROM document WHERE entity_id = ANY($1) AND side = 'erp' AND number = $3 LIMIT ${EACH_MAX})
     UNION ALL
     (SELECT order_key, 'order', NULL FROM failed_record
       WHERE entity_id = ANY($1) AND resolved_at IS NULL AND resource = 'orders'
         AND (lower(btrim(reference)) = $2 OR lower(source_id) = $2) LIMIT ${EACH_MAX})
     UNION ALL
     (SELECT order_key, 'reference', reference FROM document
       WHERE entity_id = ANY($1) AND side = 'erp' AND lower(btrim(reference)) = $2 LIMIT ${EACH_MAX})
     UNION ALL ${byNumber("compact", "= $4").join(" UNION ALL ")}
     UNION ALL ${ofCustomers("email", "t.term = lower($3)")}`,
    [[...entityIds], aliasOf(asked), asked, compact === "" ? null : compact],
  );
  return rows;
}

/** Orders of the customers that a condition on customer_term t means; `beside` is what it is joined to. */
const ofCustomers = (
  kind: "email" | "phone" | "name",
  condition: string,
  most = EACH_MAX,
  beside = "",
): string =>
  `(SELECT o.order_key, '${kind}' AS by, NULL AS stated
      FROM (SELECT DISTINCT connection_id, customer_key FROM (
              SELECT t.connection_id, t.customer_key FROM ${beside} customer_term t WHERE t.kind = '${kind}' AND ${condition} LIMIT ${most}) x) c
      JOIN sales_order o ON o.connection_id = c.connection_id AND o.customer_key = c.customer_key
     WHERE o.entity_id = ANY($1) ORDER BY coalesce(o.placed_at, o.confirmed_at) DESC NULLS LAST LIMIT ${EACH_MAX})`;

const DIGITS_MIN = 3;
const PART_MIN = 3;
const PHONE_MIN = 6;

async function inPart(entityIds: readonly string[], asked: string): Promise<readonly Found[]> {
  const compact = compactOf(asked);
  const parts: string[] = [];
  const values: unknown[] = [[...entityIds]];
  const bind = (value: unknown): string => {
    values.push(value);
    return `$${values.length}`;
  };
  const isNumber = !asked.includes("@");
  if (/^\d+$/.test(compact) && bareOf(compact).length >= DIGITS_MIN) {
    parts.push(...byNumber("bare", `= ${bind(bareOf(compact))}`));
  }
  if (isNumber && compact.length >= PART_MIN) {
    const begins = bind(`${compact}%`);
    parts.push(
      ...byNumber("compact", `LIKE ${begins}`, { highestFirst: true }),
      `(SELECT order_key, 'order', NULL FROM failed_record
         WHERE entity_id = ANY($1) AND resolved_at IS NULL AND resource = 'orders'
           AND lookup_compact(coalesce(reference, source_id)) LIKE ${begins} LIMIT ${EACH_MAX})`,
    );
  }
  const phones = phonesOf(asked);
  if (phones.length > 0) {
    const condition = phones.map((one) => `t.term LIKE ${bind(`${one}%`)}`).join(" OR ");
    parts.push(ofCustomers("phone", `(${condition})`));
  }
  if (/[@._-]/.test(asked) && asked.length >= PART_MIN) {
    parts.push(ofCustomers("email", `t.term LIKE ${bind(`${escaped(asked.toLowerCase())}%`)}`));
  }
  const names = asked.includes("@") ? [] : await namesBeginning(nameWords(asked));
  if (names.length > 0) {
    const called = bind(names);
    // An initial is another word of theirs that begins with it: "A. Weber" is no Bernd Weber.
    const initials = initialsOf(asked).map(
      (letter) =>
        `EXISTS (SELECT FROM customer_term i WHERE i.connection_id = t.connection_id AND i.customer_key = t.customer_key
                    AND i.kind = 'name' AND i.term LIKE ${bind(`${letter}%`)} AND i.term NOT LIKE '% %' AND i.term <> ALL(${called}::text[]))`,
    );
    parts.push(
      ofCustomers("name", [`t.term = ANY(${called}::text[])`, ...initials].join(" AND "), SAME_NAME_MAX),
    );
  }
  if (parts.length === 0) return [];
  const { rows } = await appPool().query<Found>(parts.join(" UNION ALL "), values);
  return rows;
}

/** Letters that stand alone in a name, as words begin with them. */
const initialsOf = (name: string): readonly string[] =>
  name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => /^\p{L}$/u.test(word));

const escaped = (text: string): string => text.replace(/[\\%_]/g, (sign) => `\\${sign}`);

/** What a telephone number may end with, whatever prefix was typed: with it, and without 0, 00, or a country's code. */
function phonesOf(asked: string): readonly string[] {
  if (!/^[+\d][\d\s/().-]*$/.test(asked)) return [];
  const digits = asked.replace(/\D/g, "");
  const national = digits.replace(/^0+/, "");
  const lengths = asked.startsWith("+") || digits.startsWith("00") ? [0, 1, 2, 3] : [0];
  return [...new Set([digits, ...lengths.map((length) => national.slice(length))])]
    .filter((one) => one.length >= PHONE_MIN)
    .map(phoneTerm);
}

const WORDS_ALIKE = 12;

/** Names that the words may be: whole words, and words that begin with the last one, which is still being typed. */
async function namesBeginning(words: readonly string[]): Promise<readonly string[]> {
  const last = words.at(-1);
  if (last === undefined) return [];
  const { rows } = await appPool().query<{ word: string }>(
    "SELECT word FROM customer_word WHERE word LIKE $1 ORDER BY length(word), word LIMIT $2",
    [`${escaped(last)}%`, WORDS_ALIKE],
  );
  const ends = rows.map((row) => row.word);
  return combined([...words.slice(0, -1).map((word) => [word]), ends]);
}

/** Names whose words are those that were typed, are one slip away from them, or share many of their letters. */
async function namesAlike(words: readonly string[]): Promise<readonly string[]> {
  if (words.length === 0) return [];
  const near = words.map((word) => [word, ...slipsOf(word), ...swapsOf(word)]);
  // `%` asks the index for what shares so many of its three-letter pieces; the best of each word are tried with each other.
  const [slips, sharing] = await Promise.all([
    appPool().query<{ word: string }>("SELECT word FROM customer_word WHERE word = ANY($1)", [near.flat()]),
    appPool().query<{ asked: string; word: string }>(
      `SELECT a.asked, w.word FROM unnest($1::text[]) AS a(asked)
         JOIN LATERAL (SELECT word FROM customer_word WHERE word % a.asked
                        ORDER BY similarity(word, a.asked) DESC, word LIMIT $2) w ON true`,
      [[...words], WORDS_ALIKE],
    ),
  ]);
  const held = new Set(slips.rows.map((row) => row.word));
  const choices = words.map((word, index) => {
    const close = (near[index] ?? []).filter((one) => held.has(one));
    const alike = sharing.rows.filter((row) => row.asked === word).map((row) => row.word);
    return [...new Set([...close, ...alike])].slice(0, WORDS_ALIKE);
  });
  return combined(choices);
}

/** Every pair of the first two words' choices (a name is held as its words and their pairs), or the only word's choices. */
function combined(choices: readonly (readonly string[])[]): readonly string[] {
  const [first, second] = [choices[0] ?? [], choices[1]];
  // Of three words and more the first and the last: what stands between them is often left out.
  const other = choices.length > 2 ? (choices.at(-1) ?? []) : second;
  if (other === undefined) return first;
  return [...new Set(first.flatMap((a) => other.map((b) => pairOf(a, b))))];
}

async function alike(entityIds: readonly string[], asked: string): Promise<readonly Found[]> {
  const values: unknown[] = [[...entityIds]];
  const bind = (value: unknown): string => {
    values.push(value);
    return `$${values.length}`;
  };
  const parts: string[] = [];
  const compact = compactOf(asked);
  if (asked.includes("@")) {
    parts.push(ofCustomers("email", `t.term = ANY(${bind(slipsOf(asked.toLowerCase(), "@._-+"))}::text[])`));
  } else if (/\d/.test(asked)) {
    // Most invoices are not known: the one beside it would be somebody else's. Nor is it known what a stray reference should say.
    const numbers = bind(await numberSlips(compact));
    parts.push(
      ...byNumber("compact", `= ANY(${numbers}::text[])`, { kinds: ["tracking"], withReferences: false }),
    );
    const bare = bareOf(compact);
    if (/^\d+$/.test(compact) && bare.length >= 5) {
      const bareSlips = bind(slipsOf(bare));
      parts.push(
        `(SELECT order_key, 'order', NULL FROM order_alias WHERE lookup_bare(alias) = ANY(${bareSlips}::text[]) AND entity_id = ANY($1) LIMIT ${EACH_MAX})`,
      );
    }
    const phone = phoneSlips(asked);
    if (phone.length > 0) {
      // One probe of the index each: ":" is what comes after the digits.
      parts.push(
        ofCustomers(
          "phone",
          "t.term ~>=~ p.begins AND t.term ~<~ (p.begins || ':')",
          EACH_MAX,
          `unnest(${bind(phone)}::text[]) AS p(begins) CROSS JOIN`,
        ),
      );
    }
  } else {
    const names = await namesAlike(nameWords(asked));
    if (names.length > 0)
      parts.push(ofCustomers("name", `t.term = ANY(${bind(names)}::text[])`, SAME_NAME_MAX));
  }
  if (parts.length === 0) return [];
  const { rows } = await appPool().query<Found>(parts.join(" UNION ALL "), values);
  return rows;
}

/**
 * What is one slip away from a number. Where no number begins with its letters it is of another kind, unless they are the
 * slip: the digits of an invoice that nobody knows lead to no order whose own are nearly the same.
 */
async function numberSlips(compact: string): Promise<readonly string[]> {
  const slips = slipsOf(compact);
  const letters = /^[a-z]+/.exec(compact)?.[0];
  if (letters === undefined) return slips;
  const { rows } = await appPool().query<{ known: boolean }>(
    `SELECT EXISTS (SELECT FROM order_alias WHERE lookup_compact(alias) LIKE $1)
         OR EXISTS (SELECT FROM document WHERE side = 'erp' AND lookup_compact(number) LIKE $1)
         OR EXISTS (SELECT FROM order_term WHERE term LIKE $1 AND kind = 'tracking') AS known`,
    [`${letters}%`],
  );
  if (rows[0]?.known) return slips;
  const digits = compact.replace(/\D/g, "");
  return slips.filter((slip) => slip.replace(/\D/g, "") === digits);
}

const PHONE_ALIKE_MIN = 9;

/** Ends of telephone numbers one slip away; nothing for what is as short as an order's number and has no prefix. */
function phoneSlips(asked: string): readonly string[] {
  const [longest] = phonesOf(asked);
  if (longest === undefined) return [];
  const digits = asked.replace(/\D/g, "");
  const isForeign = asked.startsWith("+") || digits.startsWith("00");
  // Without the country's code, which most leave out.
  const national = digits.replace(/^0+/, "").slice(isForeign ? 2 : 0);
  return national.length < PHONE_ALIKE_MIN ? [] : slipsOf(phoneTerm(national));
}

async function hitsOf(
  entityIds: readonly string[],
  found: readonly Found[],
  { closeness, asked }: Readonly<{ closeness: Closeness; asked: string }>,
  openStates: readonly string[],
): Promise<OrdersFound> {
  // An order that goes by several of its names is shown once, by the one that says most.
  const first = new Map<string, Found>();
  for (const one of found) if (!first.has(one.order_key)) first.set(one.order_key, one);
  const { rows } = await appPool().query<
    Omit<OrderHit, "by" | "closeness" | "stated" | "customer"> & { personal: unknown }
  >(
    `WITH named AS (SELECT DISTINCT unnest($2::uuid[]) AS order_key)
     SELECT named.order_key AS "orderKey", coalesce(o.entity_id, d.entity_id, f.entity_id) AS "entityId",
       coalesce(o.reference, CASE WHEN d.number IS NULL THEN coalesce(f.reference, f.source_id) END) AS reference,
       CASE WHEN o.order_key IS NULL THEN d.number END AS document,
       s.name AS shop, coalesce(o.order_status, o.status) AS status, o.shipping_status AS "shippingStatus",
       coalesce(o.placed_at, o.confirmed_at) AS "placedAt", p.data AS personal,
       (SELECT count(*)::int FROM exception e
        WHERE e.order_key = named.order_key AND e.state = ANY($3)) AS "openExceptions"
     FROM named
       LEFT JOIN sales_order o ON o.order_key = named.order_key
       LEFT JOIN LATERAL (SELECT entity_id, number, shop_id FROM document x
         WHERE x.order_key = named.order_key ORDER BY x.id LIMIT 1) d ON true
       LEFT JOIN LATERAL (SELECT entity_id, reference, source_id FROM failed_record x
         WHERE x.order_key = named.order_key AND x.resolved_at IS NULL ORDER BY x.id LIMIT 1) f ON true
       LEFT JOIN shop s ON s.id = coalesce(o.shop_id, d.shop_id)
       LEFT JOIN customer_data p ON p.connection_id = o.connection_id AND p.customer_key = o.customer_key
     WHERE coalesce(o.entity_id, d.entity_id, f.entity_id) = ANY($1)
     ORDER BY "placedAt" DESC NULLS LAST, o.reference, named.order_key LIMIT $4`,
    [[...entityIds], [...first.keys()], [...openStates], closeness === "alike" ? ALIKE_MAX : HITS_MAX],
  );
  const isCut = (
    ["order", "document", "reference", "tracking", "invoice", "email", "phone", "name"] as const
  ).some((by) => found.filter((one) => one.by === by).length >= (by === "name" ? SAME_NAME_MAX : EACH_MAX));
  const shown = closeness === "alike" ? closestFirst(rows, first, asked) : rows;
  const hits = shown.slice(0, HITS_MAX).map(({ personal, ...row }) => {
    const how = first.get(row.orderKey);
    return {
      ...row,
      document: row.document ?? (how?.by === "document" ? how.stated : null),
      by: how?.by ?? "order",
      stated: how?.stated ?? null,
      closeness,
      customer: maskedName(personal),
    };
  });
  return { hits, found: first.size, isCut };
}

/** Of so many that are similar the closest are shown. */
const ALIKE_MAX = 300;

/** What was found as similar, the closest to what was typed first, then the newest, in which order it came. */
function closestFirst<
  Row extends Readonly<{ orderKey: string; reference: string | null; personal: unknown }>,
>(rows: readonly Row[], found: ReadonlyMap<string, Found>, asked: string): readonly Row[] {
  const words = nameWords(asked);
  const number = compactOf(asked);
  const slips = (row: Row): number => {
    const how = found.get(row.orderKey);
    if (how?.by === "name") {
      const theirs = nameWords(personalOf(row.personal)?.name ?? "");
      return words.reduce((sum, word) => sum + Math.min(...theirs.map((one) => slipsBetween(word, one))), 0);
    }
    // An address or a telephone number is found by one slip alone.
    if (how?.by === "email" || how?.by === "phone") return 1;
    return slipsBetween(number, compactOf(how?.stated ?? row.reference ?? ""));
  };
  return rows
    .map((row) => ({ row, slips: slips(row) }))
    .sort((a, b) => (a.slips < b.slips ? -1 : a.slips > b.slips ? 1 : 0))
    .map(({ row }) => row);
}
