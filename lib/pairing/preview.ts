import "server-only";
import type { Pool, PoolClient } from "pg";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { explainGroup } from "@/lib/causes/explain";
import { ownerPool } from "@/lib/db/pool";
import type { Minor } from "@/lib/domain/money";
import { loadGroups } from "@/lib/matching/groups";
import { asOfEntity, loadEntities } from "@/lib/matching/settings";
import { decidePlace } from "./placement";
import type { DocumentPlace } from "./schema";

/** Something that somebody must act on (or that is known and settled), as it is or would be. Amounts in minor units, SCAYLE − ERP. */
export type Foreseen = Readonly<{
  title: string;
  explanation: string;
  bucket: string;
  currency: string;
  net: Minor;
  tax: Minor;
  gross: Minor;
}>;

/** What a decision would change: the exceptions that would go, those that would come, and those that would stay. */
export type PlacePreview = Readonly<{
  gone: readonly Foreseen[];
  made: readonly Foreseen[];
  kept: readonly Foreseen[];
}>;

/**
 * What putting a document elsewhere would do: it is done, both groups are explained, and all of it is undone.
 * Throws Refusal: "not-allowed", "not-found", "invalid".
 */
export async function previewPlace(
  actor: Actor,
  input: DocumentPlace,
  { now, pool = ownerPool() }: Readonly<{ now: () => Date; pool?: Pool }>,
): Promise<PlacePreview> {
  const { entityId } = input;
  assertMay(actor, "pairing.decide", entityId);
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // A sync that writes the same documents is not waited for longer than a person would.
    await client.query("BEGIN; SET LOCAL lock_timeout = '5s'");
    const before = new Map<string, readonly Foreseen[]>();
    const look = async (keys: readonly string[], into: Map<string, readonly Foreseen[]>) => {
      for (const [key, found] of await foresee(client, entityId, keys, now())) into.set(key, found);
    };
    await look([input.orderKey, ...(input.toOrderKey ? [input.toOrderKey] : [])], before);
    const { orderKeys } = await decidePlace(client, input, { name: actor.name, at: now() });
    const after = new Map<string, readonly Foreseen[]>();
    await look(orderKeys, after);
    return compare([...before.values()].flat(), [...after.values()].flat());
  } finally {
    await client.query("ROLLBACK").catch((fault: Error) => {
      broken = fault;
    });
    client.release(broken);
  }
}

async function foresee(
  client: PoolClient,
  entityId: string,
  orderKeys: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, readonly Foreseen[]>> {
  const [entity] = await loadEntities(client, entityId);
  if (!entity) return new Map();
  const asOf = await asOfEntity(client, entityId, now);
  const groups = await loadGroups(client, entity, asOf, [...new Set(orderKeys)]);
  return new Map(
    groups.map((group) => [
      group.orderKey,
      explainGroup(group)
        .findings.filter(({ cause }) => cause.raises)
        .map(({ cause, claim, parts }) => ({
          title: cause.title,
          explanation: claim.explanation,
          bucket: cause.bucket,
          currency:
            group.lines.find((line) => line.documentKind === claim.subject.documentKind)?.currency ?? "",
          net: parts.reduce((sum, part) => sum + part.amounts.net, 0n),
          tax: parts.reduce((sum, part) => sum + part.amounts.tax, 0n),
          gross: parts.reduce((sum, part) => sum + part.amounts.gross, 0n),
        })),
    ]),
  );
}

function compare(before: readonly Foreseen[], after: readonly Foreseen[]): PlacePreview {
  const key = (one: Foreseen) => `${one.title} ${one.explanation} ${one.gross}`;
  const had = new Set(before.map(key));
  const has = new Set(after.map(key));
  return {
    gone: before.filter((one) => !has.has(key(one))),
    made: after.filter((one) => !had.has(key(one))),
    kept: after.filter((one) => had.has(key(one))),
  };
}
