import type pg from "pg";
import type { Reading } from "@/lib/connectors/contract";
import { idOf, orderKeyOf } from "@/lib/domain/identity";
import type { ErrorClass } from "../error-classes";
import { NOTHING_STORED, type StoreContext, type Stored } from "./context";
import { keepPageControls } from "./controls";
import { keepFailed } from "./failed-records";
import { keepPayloads, versionsOf } from "./readings";
import { markDirty } from "./rows";

/** Keeps a record that was read and could not be written: its payload, what it said as it came, and why. */
export async function keepUnwritable(
  client: pg.ClientBase,
  context: StoreContext,
  resource: string,
  reading: Reading<unknown>,
  { errorClass, reason }: Readonly<{ errorClass: ErrorClass; reason: string }>,
): Promise<Stored> {
  const versions = versionsOf(context, resource, [reading]);
  await keepPayloads(client, context, resource, versions);
  await keepPageControls(client, context, resource, versions);
  const failed = versions.map((version) => ({
    version: { ...version, reason, errorClass },
    orderKey:
      resource === "orders"
        ? orderKeyOf(context.connectionId, version.sourceId)
        : idOf("unwritten", context.connectionId, resource, version.sourceId),
  }));
  return kept(client, context, resource, failed);
}

/** A record of an order that could not be fetched, while others could. */
export type Unfetched = Readonly<{
  orderKey: string;
  sourceId: string;
  reference?: string | null;
  reason: string;
  errorClass: ErrorClass;
  /** whether its source has it no more */
  gone?: boolean;
}>;

/** Keeps records that could not be fetched. They come without a payload: one that is held of them stays. */
export const keepUnfetched = (
  client: pg.ClientBase,
  context: StoreContext,
  resource: string,
  records: readonly Unfetched[],
): Promise<Stored> =>
  kept(
    client,
    context,
    resource,
    records.map(({ orderKey, ...version }) => ({
      version: { ...version, reference: version.reference ?? null, payload: {} },
      orderKey,
    })),
  );

async function kept(
  client: pg.ClientBase,
  context: StoreContext,
  resource: string,
  failed: Parameters<typeof keepFailed>[3],
): Promise<Stored> {
  const orderKeys = await keepFailed(client, context, resource, failed);
  await markDirty(client, context.entityId, orderKeys, context.at);
  return { ...NOTHING_STORED, found: failed.length, failed: failed.length, orderKeys };
}
