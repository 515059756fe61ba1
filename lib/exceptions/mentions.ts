import type { PoolClient } from "pg";
import { roles, roleTable } from "@/lib/auth/permissions";

/** The roles whose grants let a person see exceptions, and so what is written about them. */
export const readerRoles = roles.filter((role) => roleTable[role].permissions.includes("exceptions.read"));

type Person = Readonly<{ id: string; name: string; email: string }>;

const WORD = /[\p{L}\p{N}]/u;

/**
 * The people whom a comment names: "@" and their name, or what stands before the @ of their email. The longest name that
 * fits counts ("@Ann Bee" is not Ann), and it ends where a word ends. Case does not matter.
 */
export function namedIn(text: string, people: readonly Person[]): readonly Person[] {
  const lower = text.toLowerCase();
  const handles = people
    .flatMap((person) => [
      { handle: person.name.toLowerCase(), person },
      { handle: (person.email.split("@")[0] ?? "").toLowerCase(), person },
    ])
    .filter(({ handle }) => handle !== "")
    .sort((a, b) => b.handle.length - a.handle.length);
  const found = new Map<string, Person>();
  for (let at = lower.indexOf("@"); at >= 0; at = lower.indexOf("@", at + 1)) {
    // An email in the text names nobody.
    if (at > 0 && WORD.test(lower.charAt(at - 1))) continue;
    const fits = handles.filter(
      ({ handle }) => lower.startsWith(handle, at + 1) && !WORD.test(lower.charAt(at + 1 + handle.length)),
    );
    for (const { handle, person } of fits) {
      if (handle.length === fits[0]?.handle.length) found.set(person.id, person);
    }
  }
  return [...found.values()];
}

/** The people named in a comment who may see the exceptions of its entity. */
export async function mentionedIn(
  client: PoolClient,
  entityId: string,
  text: string,
): Promise<readonly Person[]> {
  if (!text.includes("@")) return [];
  const { rows } = await client.query<Person>(
    `SELECT u.id, u.name, u.email FROM "user" u WHERE u.disabled_at IS NULL AND EXISTS (
       SELECT FROM "grant" g WHERE g.user_id = u.id AND g.role = ANY($1) AND (g.entity_id IS NULL OR g.entity_id = $2))
      ORDER BY u.id`,
    [readerRoles, entityId],
  );
  return namedIn(text, rows);
}
