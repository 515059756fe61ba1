import type pg from "pg";
import { z } from "zod";
import { addDays, type Day } from "@/lib/domain/day";
import { aliasOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";

/** How many beginnings or endings a connection may have: more is a sign that another field should be read. */
const PATTERNS_MAX = 10;

export const Pattern = z
  .string()
  .trim()
  .min(1, "A beginning or ending has at least one character.")
  .max(20, "A beginning or ending has at most 20 characters.");

/**
 * What references of a connection may have lost or gained: beginnings and endings (`#` is any digit, `@` any letter,
 * all else stands for itself), separators within, zeros in front. Capitals never count.
 */
export const ReferenceRules = z.object({
  prefixes: z.array(Pattern).max(PATTERNS_MAX).default([]),
  suffixes: z.array(Pattern).max(PATTERNS_MAX).default([]),
  /** characters that are left out wherever they stand */
  separators: z
    .string()
    .max(40)
    .regex(/^[^\p{L}\p{N}]*$/u, "Separators are signs, not letters or digits.")
    .default(""),
  leadingZeros: z.boolean().default(false),
});
export type ReferenceRules = z.infer<typeof ReferenceRules>;

/** Whether rules change anything at all. */
export const isEmpty = (rules: ReferenceRules): boolean =>
  rules.prefixes.length === 0 &&
  rules.suffixes.length === 0 &&
  rules.separators === "" &&
  !rules.leadingZeros;

/** The arguments of the SQL function `tieout_form` after the reference: prefixes, suffixes, separators, zeros. */
export type FormArguments = readonly [prefixes: string, suffixes: string, separators: string, zeros: boolean];

/** What `tieout_form` is to be called with to read references by these rules. */
export function formArguments(rules: ReferenceRules): FormArguments {
  const either = (patterns: readonly string[]) => `(?:${patterns.map(expression).join("|")})`;
  return [
    rules.prefixes.length === 0 ? "" : `^${either(rules.prefixes)}`,
    rules.suffixes.length === 0 ? "" : `${either(rules.suffixes)}$`,
    rules.separators,
    rules.leadingZeros,
  ];
}

// Patterns come from people: nothing in them is an operator, so that no pattern can be slow or wrong.
const expression = (pattern: string): string =>
  [...pattern.toLowerCase()]
    .map((sign) =>
      sign === "#" ? "[0-9]" : sign === "@" ? "[[:alpha:]]" : sign.replace(/[^\p{L}\p{N}]/u, "\\$&"),
    )
    .join("");

/** The days from one to another on which the same parts are left out. `key` tells them apart within their connection; "": there is only one such time. */
export type Era = Readonly<{ key: string; from: Day | null; until: Day | null; rules: ReferenceRules }>;

/** A whole reference and the order that it is, as aliases, from day to day. */
export type NamedOrder = Readonly<{ name: string; order: string; from: Day | null; until: Day | null }>;

/** How the references of one connection are read. Eras share no day and follow each other. */
export type Reading = Readonly<{ eras: readonly Era[]; names: readonly NamedOrder[] }>;

/** A row of the mapping of references. */
export type RuleRow = Readonly<{
  part: "beginning" | "ending" | "separators" | "zeros" | "name";
  text: string;
  order: string | null;
  from: Day | null;
  until: Day | null;
}>;

/** What rows of one connection come to: the times in which the same of them hold, and the references that are orders by themselves. */
export function readingOf(rows: readonly RuleRow[]): Reading {
  const parts = rows.filter((row) => row.part !== "name");
  const begins = new Set<Day | null>([null]);
  for (const { from, until } of parts) {
    if (from !== null) begins.add(from);
    if (until !== null) begins.add(addDays(until, 1));
  }
  const starts = [...begins].sort((a, b) => ((a ?? "") < (b ?? "") ? -1 : 1));
  const eras = starts.map((from, index): Era => {
    const next = starts[index + 1];
    const holding = parts.filter(
      (row) => (row.from ?? "") <= (from ?? "") && (row.until === null || row.until >= (from ?? "")),
    );
    return {
      key: starts.length === 1 ? "" : (from ?? "beginning"),
      from,
      until: next == null ? null : addDays(next, -1),
      rules: {
        prefixes: textsOf(holding, "beginning"),
        suffixes: textsOf(holding, "ending"),
        separators: [...new Set(textsOf(holding, "separators").join(""))].join(""),
        leadingZeros: holding.some((row) => row.part === "zeros"),
      },
    };
  });
  return {
    eras: eras.filter((era) => !isEmpty(era.rules)),
    names: rows.flatMap(({ part, text, order, from, until }) =>
      part === "name" && order !== null ? [{ name: text, order: aliasOf(order), from, until }] : [],
    ),
  };
}

const textsOf = (rows: readonly RuleRow[], part: RuleRow["part"]): string[] =>
  rows.filter((row) => row.part === part).map((row) => row.text);

/** Whether something holds on a document's day; a document without one is read as the newest are. */
export const holdsOn = (
  { from, until }: Readonly<{ from: Day | null; until: Day | null }>,
  day: Day | null,
): boolean => (from ?? "") <= (day ?? "9999-12-31") && (day ?? "9999-12-31") <= (until ?? "9999-12-31");

/** What a form begins with: forms of other times never meet. */
export const eraPrefix = ({ key }: Pick<Era, "key">): string => (key === "" ? "" : `${key}|`);

/** What the form of a reference begins with that the mapping gives to an order: a sign that stands in no reference. */
export const NAMED = "\u0001";

/** The form of a reference that the mapping gives to an order. */
const namedForm = (order: string): string => `${NAMED}${order}`;

/** How the references of an entity's ERP connections are read, of those for which anything is said. */
export async function loadReadings(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
): Promise<ReadonlyMap<string, Reading>> {
  const { rows } = await client.query<RuleRow & { connectionId: string }>(
    `SELECT r.connection_id AS "connectionId", r.part, r.text, r.order_reference AS "order", r.valid_from AS "from", r.valid_until AS until
       FROM reference_rule r JOIN connection c ON c.id = r.connection_id AND c.retired_at IS NULL
      WHERE r.entity_id = $1 ORDER BY r.connection_id, r.part, r.text, r.valid_from NULLS FIRST`,
    [entityId],
  );
  const by = new Map<string, RuleRow[]>();
  for (const { connectionId, ...row } of rows) by.set(connectionId, [...(by.get(connectionId) ?? []), row]);
  return new Map([...by].map(([id, own]) => [id, readingOf(own)]));
}

/** References as their connection reads them on their document's day, by id; those of which nothing is left are not in it. */
export async function formsOf(
  client: pg.ClientBase,
  readings: ReadonlyMap<string, Reading>,
  documents: readonly Readonly<{
    id: string;
    connectionId: string;
    reference: string | null;
    postingDay: Day | null;
  }>[],
): Promise<ReadonlyMap<string, string>> {
  const forms = new Map<string, string>();
  const asked = documents.flatMap(({ id, connectionId, reference, postingDay }) => {
    const reading = readings.get(connectionId);
    if (!reading || reference === null) return [];
    const name = aliasOf(reference);
    const named = reading.names.find((one) => one.name === name && holdsOn(one, postingDay));
    if (named) {
      forms.set(id, namedForm(named.order));
      return [];
    }
    const era = reading.eras.find((one) => holdsOn(one, postingDay));
    if (!era) return [];
    const [prefixes, suffixes, separators, zeros] = formArguments(era.rules);
    return [{ id, era: eraPrefix(era), reference: name, prefixes, suffixes, separators, zeros }];
  });
  if (asked.length === 0) return forms;
  const { rows } = await client.query<{ id: string; form: string | null }>(
    `SELECT id, era || tieout_form(reference, prefixes, suffixes, separators, zeros) AS form FROM json_to_recordset($1::json)
       AS a(id text, era text, reference text, prefixes text, suffixes text, separators text, zeros boolean)`,
    [toJson(asked)],
  );
  for (const { id, form } of rows) if (form !== null) forms.set(id, form);
  return forms;
}

/** Writes new names of orders down as each ERP connection reads them, and returns what is new of these. */
export async function keepForms(
  client: pg.ClientBase,
  entityId: string,
  names: readonly Readonly<{ order_key: string; alias: string }>[],
): Promise<readonly Readonly<{ connectionId: string; form: string }>[]> {
  const readings = names.length === 0 ? new Map<string, Reading>() : await loadReadings(client, entityId);
  const kept: Readonly<{ connectionId: string; form: string }>[] = [];
  const keep = async (connectionId: string, sql: string, values: readonly unknown[]) => {
    const { rows } = await client.query<{ form: string }>(
      `INSERT INTO alias_form (order_key, connection_id, form, entity_id)
       SELECT DISTINCT order_key, $3::uuid, form, $4 FROM (
         SELECT n.order_key, ${sql} AS form FROM unnest($1::uuid[], $2::text[]) AS n(order_key, name)) f
        WHERE form IS NOT NULL
       ON CONFLICT DO NOTHING RETURNING form`,
      [names.map((one) => one.order_key), names.map((one) => one.alias), connectionId, entityId, ...values],
    );
    kept.push(...rows.map(({ form }) => ({ connectionId, form })));
  };
  for (const [connectionId, { eras, names: named }] of readings) {
    for (const era of eras)
      await keep(connectionId, "$5 || tieout_form(n.name, $6, $7, $8, $9)", [
        eraPrefix(era),
        ...formArguments(era.rules),
      ]);
    const orders = named.map((one) => one.order);
    if (orders.length > 0)
      await keep(connectionId, "CASE WHEN n.name = ANY($5::text[]) THEN chr(1) || n.name END", [orders]);
  }
  return kept;
}
