import type { PoolClient } from "pg";
import { roles, roleTable } from "@/lib/auth/permissions";

/** The roles whose grants let a person see exceptions, and so what is written about them. */
export const readerRoles = roles.filter((role) => roleTable[role].permissions.includes("exceptions.read"));

type Person = Readonly<{ id: string; name: string; email: string }>;

const WORD = /[\p{L}\p{N}]/u;

/** Whom a text names, and what stands after an "@" in it that names nobody. */
export type Mentions = Readonly<{ named: readonly Person[]; unknown: readonly string[] }>;

/**
 * The people whom a comment names: "@" and their name, or what stands before the @ of their email, or their first name where
 * nobody else goes by it. The longest name that fits counts ("@Ann Bee" is not Ann), and it ends where a word ends. Case does
 * not matter. An "@word" that fits nobody is given back as it was written, so that its writer learns that nobody was told.
 */
export function namedIn(text: string, people: readonly Person[]): Mentions {
  const lower = text.toLowerCase();
  const handles = handlesOf(people);
  const named = new Map<string, Person>();
  const unknown = new Set<string>();
  for (let at = lower.indexOf("@"); at >= 0; at = lower.indexOf("@", at + 1)) {
    // An email in the text names nobody.
    if (at > 0 && WORD.test(lower.charAt(at - 1))) continue;
    const fits = handles.filter(
      ({ handle }) => lower.startsWith(handle, at + 1) && !WORD.test(lower.charAt(at + 1 + handle.length)),
    );
    for (const { handle, person } of fits) {
      if (handle.length === fits[0]?.handle.length) named.set(person.id, person);
    }
    const word = fits.length === 0 && /^@[\p{L}\p{N}]+/u.exec(text.slice(at));
    if (word) unknown.add(word[0]);
  }
  return { named: [...named.values()], unknown: [...unknown] };
}

type Handle = Readonly<{ handle: string; person: Person }>;

/** What people go by, the longest first. */
function handlesOf(people: readonly Person[]): readonly Handle[] {
  const whole = people.flatMap((person) => [
    { handle: person.name.toLowerCase(), person },
    { handle: (person.email.split("@")[0] ?? "").toLowerCase(), person },
  ]);
  const first = people.map((person) => ({
    handle: person.name.trim().toLowerCase().split(/\s+/)[0] ?? "",
    person,
  }));
  const isAlone = ({ handle, person }: Handle) =>
    [...whole, ...first].every((other) => other.handle !== handle || other.person.id === person.id);
  return [...whole, ...first.filter(isAlone)]
    .filter(({ handle }) => handle !== "")
    .sort((a, b) => b.handle.length - a.handle.length);
}

/** Whom a comment names among those who may see the exceptions of its entity. */
export async function mentionedIn(client: PoolClient, entityId: string, text: string): Promise<Mentions> {
  if (!text.includes("@")) return { named: [], unknown: [] };
  const { rows } = await client.query<Person>(
    `SELECT u.id, u.name, u.email FROM "user" u WHERE u.disabled_at IS NULL AND EXISTS (
       SELECT FROM "grant" g WHERE g.user_id = u.id AND g.role = ANY($1) AND (g.entity_id IS NULL OR g.entity_id = $2))
      ORDER BY u.id`,
    [readerRoles, entityId],
  );
  return namedIn(text, rows);
}
