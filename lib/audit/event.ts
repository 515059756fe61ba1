import { hashOf } from "@/lib/domain/identity";
import { type JsonValue, toJson, toPlain } from "@/lib/domain/json";

/** Who did it: a signed-in person, somebody at the command line, or a job of the machine. */
export type AuditActor = Readonly<{ kind: "person" | "command-line" | "machine"; id: string; name: string }>;

/** The chain of one entity (its code), or "*" for what concerns no single one. */
export type Chain = string;

/** What happened, before it gets its place in a chain. Amounts may be bigint; secrets are struck out. */
export type AuditEvent = Readonly<{
  chain: Chain;
  at: Date;
  actor: AuditActor;
  /** "exception.assign", "record.resync", "run.reconcile" … */
  action: string;
  /** What it was done to: an id that people can look up. */
  subject: string;
  outcome: "done" | "refused";
  before: unknown;
  after: unknown;
}>;

/** An event as the table holds it. */
export type AuditRow = Readonly<{
  chain: Chain;
  seq: bigint;
  at: Date;
  actorKind: string;
  actorId: string;
  actorName: string;
  action: string;
  subject: string;
  outcome: string;
  before: JsonValue;
  after: JsonValue;
  prevHash: string;
  hash: string;
  /** what of the name the hash covers; null: the name itself, in events of before there was a seal */
  nameSeal: string | null;
}>;

/** What of a name the trail's hashes cover: without the salt nobody can tell the name by it. */
export const sealOf = (salt: string, name: string): string => hashOf(`${salt}\u001f${name}`);

/** The hash before the first event of a chain. */
export const GENESIS = "0".repeat(64);

/** SHA-256 over the previous hash and all that the event says, in the one codec's spelling. */
export function hashOfRow({
  prevHash,
  hash: _,
  nameSeal,
  ...said
}: Omit<AuditRow, "hash"> & { hash?: string }): string {
  if (nameSeal === null) return hashOf(prevHash + toJson(said));
  const { actorName: __, ...nameless } = said;
  return hashOf(prevHash + toJson({ ...nameless, nameSeal }));
}

/** Gives an event its place behind `last` (null: it is the first of its chain); `salt` seals the actor's name. */
export function chained(
  event: AuditEvent,
  last: Readonly<{ seq: bigint; hash: string }> | null,
  salt: string,
): AuditRow {
  const row = {
    chain: event.chain,
    seq: (last?.seq ?? 0n) + 1n,
    at: event.at,
    actorKind: event.actor.kind,
    actorId: storable(event.actor.id),
    actorName: storable(event.actor.name),
    action: event.action,
    subject: storable(event.subject),
    outcome: event.outcome,
    before: withoutSecrets(toPlain(event.before)),
    after: withoutSecrets(toPlain(event.after)),
    prevHash: last?.hash ?? GENESIS,
    nameSeal: sealOf(salt, storable(event.actor.name)),
  };
  return { ...row, hash: hashOfRow(row) };
}

const SECRET =
  /pass(word|phrase)|secret|token(?!Version)|authorization|api[-_]?key|cookie|credential|private[-_]?key/i;

/** Strikes out members that are named like secrets, at any depth, and characters that jsonb cannot hold. */
export function withoutSecrets(value: JsonValue): JsonValue {
  if (typeof value === "string") return storable(value);
  // A number that is not finite is null in JSON; the hash must see what the table will hold.
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      storable(name),
      SECRET.test(name) ? "[removed]" : withoutSecrets(member),
    ]),
  );
}

/** PostgreSQL holds neither NUL nor half a surrogate pair; what the hash covers must be what the table holds. */
const storable = (text: string): string => text.replaceAll("\u0000", "�").replace(/\p{Surrogate}/gu, "�");
