import type pg from "pg";
import { z } from "zod";
import { aliasOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";

/** How many beginnings or endings a connection may have: more is a sign that another field should be read. */
const PATTERNS_MAX = 10;

const Pattern = z
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
    .max(10)
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

/** The connections of an entity that have rules, with them. */
export async function loadRules(
  client: pg.ClientBase,
  entityId: string,
): Promise<ReadonlyMap<string, ReferenceRules>> {
  const { rows } = await client.query<{ id: string; reference_rules: unknown }>(
    `SELECT id, reference_rules FROM connection
      WHERE entity_id = $1 AND side = 'erp' AND reference_rules IS NOT NULL AND retired_at IS NULL ORDER BY id`,
    [entityId],
  );
  return new Map(rows.map((row) => [row.id, ReferenceRules.parse(row.reference_rules)]));
}

/** References as the rules of their connection read them, by id; those without rules, or of which nothing is left, are not in it. */
export async function formsOf(
  client: pg.ClientBase,
  rules: ReadonlyMap<string, ReferenceRules>,
  documents: readonly Readonly<{ id: string; connectionId: string; reference: string | null }>[],
): Promise<ReadonlyMap<string, string>> {
  const asked = documents.flatMap(({ id, connectionId, reference }) => {
    const rule = rules.get(connectionId);
    if (!rule || reference === null) return [];
    const [prefixes, suffixes, separators, zeros] = formArguments(rule);
    return [{ id, reference: aliasOf(reference), prefixes, suffixes, separators, zeros }];
  });
  if (asked.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; form: string | null }>(
    `SELECT id, tieout_form(reference, prefixes, suffixes, separators, zeros) AS form FROM json_to_recordset($1::json)
       AS a(id text, reference text, prefixes text, suffixes text, separators text, zeros boolean)`,
    [toJson(asked)],
  );
  return new Map(rows.flatMap(({ id, form }): [string, string][] => (form === null ? [] : [[id, form]])));
}

/** Writes new names of orders down as the rules of each ERP connection read them, and returns what is new of these. */
export async function keepForms(
  client: pg.ClientBase,
  entityId: string,
  names: readonly Readonly<{ order_key: string; alias: string }>[],
): Promise<readonly Readonly<{ connectionId: string; form: string }>[]> {
  const rules = names.length === 0 ? new Map<string, ReferenceRules>() : await loadRules(client, entityId);
  const kept: Readonly<{ connectionId: string; form: string }>[] = [];
  for (const [connectionId, rule] of rules) {
    const { rows } = await client.query<{ form: string }>(
      `INSERT INTO alias_form (order_key, connection_id, form, entity_id)
       SELECT DISTINCT order_key, $3::uuid, form, $4 FROM (
         SELECT n.order_key, tieout_form(n.name, $5, $6, $7, $8) AS form FROM unnest($1::uuid[], $2::text[]) AS n(order_key, name)) f
        WHERE form IS NOT NULL
       ON CONFLICT DO NOTHING RETURNING form`,
      [
        names.map((one) => one.order_key),
        names.map((one) => one.alias),
        connectionId,
        entityId,
        ...formArguments(rule),
      ],
    );
    kept.push(...rows.map(({ form }) => ({ connectionId, form })));
  }
  return kept;
}
