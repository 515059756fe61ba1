import type { Sighting, Watch } from "./contract";
import type { AlertRule } from "./rules";

/** A reason as it was typed, and the sentence's end where it has none of its own. */
const quoted = (reason: string): string =>
  /[.!?…]$/.test(reason.trim()) ? `“${reason.trim()}”` : `“${reason.trim()}”.`;

type Gone = Readonly<{ subject: string; bounds: Readonly<Record<string, number>> | null }>;

/**
 * Of the open alerts of a kind that are not sighted now: those that are no less so than before, and why they close all the same.
 * Either somebody set other bounds since they opened, by whose earlier ones they would stay, or the kind itself says it. Whatever
 * is in neither is over.
 */
export async function notOver(
  { kind, setAt, setBy, reason }: AlertRule,
  view: Watch,
  sightings: readonly Sighting[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const { rows } = await view.pool.query<Gone>(
    `SELECT a.subject, r.before -> 'bounds' AS bounds
       FROM alert a LEFT JOIN LATERAL (
         SELECT before FROM audit_event WHERE chain = a.entity_id AND action = 'alert-rule.set' AND outcome = 'done'
            AND subject = 'alert-rule:' || a.entity_id || '/' || a.kind AND at > a.opened_at ORDER BY seq LIMIT 1) r ON true
      WHERE a.entity_id = $1 AND a.kind = $2 AND a.closed_at IS NULL AND a.subject <> ALL ($3) ORDER BY a.subject`,
    [view.entity.id, kind.kind, sightings.map((one) => one.subject)],
  );
  if (rows.length === 0) return found;
  // Alerts of one age opened by the same bounds: they are looked at by them once.
  const before = new Map<string, Readonly<Record<string, number>>>();
  for (const { bounds } of rows) if (bounds !== null) before.set(JSON.stringify(bounds), bounds);
  for (const [key, bounds] of before) {
    const still = new Set((await kind.watch({ ...view, bounds })).map((one) => one.subject));
    for (const row of rows)
      if (JSON.stringify(row.bounds) === key && still.has(row.subject) && setAt !== null)
        found.set(
          row.subject,
          `It is no longer watched for: the bounds were changed by ${setBy ?? "somebody"}${reason ? `, because: ${quoted(reason)}` : "."} By the bounds before it would still be open.`,
        );
  }
  const rest = rows.map((row) => row.subject).filter((subject) => !found.has(subject));
  if (rest.length > 0 && kind.stays)
    for (const [subject, why] of await kind.stays(view, rest)) found.set(subject, why);
  return found;
}
