import "server-only";
import { z } from "zod";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { isWorkerMissing } from "@/lib/jobs/missing";
import { findWebhooks } from "./data";

const PAGE_SIZE = 50;

const Query = z.object({
  entity: z.string().optional().catch(undefined),
  state: z.enum(["waiting", "done", "kept", "refused", "failed"]).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
});

/** What other systems told us of an entity. */
export async function loadWebhooks(asked: Readonly<Record<string, unknown>>) {
  const query = Query.parse(asked);
  const { actor, entities, entity } = await pageEntities("feeds.read", query.entity);
  const { page, state = null } = query;
  const found = entity ? await findWebhooks(entity.id, { state, page, pageSize: PAGE_SIZE }) : null;
  return {
    entities,
    entity,
    state,
    page,
    pageSize: PAGE_SIZE,
    found,
    workerMissing: await isWorkerMissing(),
    timeZone: entity?.timeZone ?? "UTC",
    mayResync: entity !== null && may(actor, "record.resync", entity.id),
  };
}
