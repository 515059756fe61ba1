import "server-only";
import { notFound } from "next/navigation";
import { type Actor, may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import type { Worth } from "@/lib/exceptions/limits";
import { isOpen } from "@/lib/exceptions/machine";
import { isStanding } from "@/lib/matching/standing-causes";
import { surroundingsOf } from "@/lib/sync/run";
import { contextsOf, type Subject } from "./context";
import { isPlan, type Place, type Plan, type WrittenResolution } from "./contract";
import {
  type AttemptRow,
  BATCH_PAGE,
  batchesOf,
  countBatch,
  findAttempts,
  findBatch,
  listBatch,
  sampleOf,
} from "./data";
import { limitOf, together, whySecond } from "./limits";
import { isEnded } from "./machine";
import { basisOfPlan, isInstruction, previewOf } from "./preview";
import { resolutionOf, resolutions, resolutionsFor } from "./registry";
import { BatchQuery } from "./schema";
import type { StoredPreview } from "./stored";
import { postedBy } from "./undo";
import { openWriters, type Writers } from "./writers";

/** What an exception is, as its page has it. */
type About = Readonly<{
  id: string;
  entityId: string;
  orderKey: string;
  cause: string;
  state: string;
  period: string;
  timeZone: string;
  rootCauseId: string | null;
  worths: readonly Worth[];
  evidence: Readonly<{ missing: readonly Readonly<{ kind: string }>[] }>;
}>;

/** What is offered: exactly what would be sent, or why nothing can be. */
export type Offer = Readonly<{
  code: string;
  title: string;
  meaning: string;
  can:
    | Readonly<{
        plan: Plan;
        preview: StoredPreview;
        basis: string;
        second: string | null;
        instructs: boolean;
      }>
    | Readonly<{ cannot: string }>;
}>;

/** What can be done about an exception and what was: for its page and the panel beside the queue. */
export async function loadResolution(about: About) {
  const { actor } = await pageEntities("exceptions.read", undefined);
  const { entityId, cause, state } = about;
  const attempts = await findAttempts(about);
  const current = attempts.find((one) => !isEnded(one.state)) ?? null;
  const isOffered = isOpen(state) && current === null && !isStanding(cause);
  const written = resolutionsFor(cause).flatMap((one) => (one.kind === "written" ? [one] : []));
  const offers = isOffered && written.length > 0 ? await offersOf(actor, about, written) : [];
  const place: Place = { ...about, missing: about.evidence.missing };
  return {
    entityId,
    timeZone: about.timeZone,
    now: new Date(),
    current: current && viewOf(actor, entityId, current),
    past: attempts.filter((one) => isEnded(one.state)).map((one) => viewOf(actor, entityId, one)),
    offers,
    others: isOpen(state)
      ? resolutionsFor(cause).flatMap((one) => {
          const href = one.kind === "kept" ? one.at(place) : null;
          return href === null ? [] : [{ code: one.code, title: one.title, meaning: one.meaning, href }];
        })
      : [],
    mayMake: may(actor, "resolutions.make", entityId),
  } as const;
}

export type ResolutionView = Awaited<ReturnType<typeof loadResolution>>;
export type AttemptView = NonNullable<ResolutionView["current"]>;

function viewOf(actor: Actor, entityId: string, attempt: AttemptRow) {
  const isMine = attempt.madeById === actor.id || attempt.editedById === actor.id;
  const makes = may(actor, "resolutions.make", entityId);
  return {
    ...attempt,
    title: `${attempt.undoesId ? "Take back: " : ""}${resolutionOf(attempt.code)?.title ?? attempt.code}`,
    may: {
      decide:
        attempt.state === "asked" &&
        attempt.batchId === null &&
        may(actor, "resolutions.approve", entityId) &&
        !isMine,
      cancel: makes && (attempt.state === "asked" || attempt.state === "instructed"),
      renew: makes && attempt.state === "asked" && attempt.undoesId === null,
      look:
        may(actor, "record.resync", entityId) &&
        (attempt.state === "waiting" || attempt.state === "instructed"),
      undo: makes && postedBy(attempt) !== null,
    },
    isMine,
  } as const;
}

async function offersOf(
  actor: Actor,
  about: About,
  written: readonly WrittenResolution[],
): Promise<readonly Offer[]> {
  const pool = appPool();
  const contexts = await contextsOf(pool, about.entityId, [about], new Date());
  const context = contexts.get(about.id);
  const writers = await writersOf(about.entityId);
  return Promise.all(
    written.map(async (one): Promise<Offer> => {
      const { code, title, meaning } = one;
      const cannot = (why: string): Offer => ({ code, title, meaning, can: { cannot: why } });
      if (!context)
        return cannot(
          "It is matched together with other orders, or not found any more as it stands here: nothing can be sent for it alone.",
        );
      if (writers instanceof Refusal) return cannot(writers.message);
      const plan = one.plan(context);
      if (!isPlan(plan)) return cannot(plan.cannot);
      const preview = previewOf(plan, "…", writers);
      const second = await whySecond(pool, about.entityId, one, about.worths, actor.id);
      return {
        code,
        title,
        meaning,
        can: { plan, preview, basis: basisOfPlan(code, plan), second, instructs: isInstruction(preview) },
      };
    }),
  );
}

/** The connections of an entity, or why they can't be opened. */
async function writersOf(entityId: string): Promise<Writers | Refusal> {
  const { io } = surroundingsOf({ actorName: "preview", now: () => new Date() });
  try {
    return await openWriters(appPool(), entityId, io);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The resolution of a root cause: what would be sent for each, shown by one of them, and what was begun. */
export async function loadRootCauseResolution(
  root: Readonly<{ id: string; entityId: string; cause: string; openCount: number; amounts?: unknown }>,
) {
  const { actor } = await pageEntities("exceptions.read", undefined);
  const batches = await batchesOf(root.entityId, root.id);
  const written = resolutionsFor(root.cause).flatMap((one) => (one.kind === "written" ? [one] : []));
  const [first] = written;
  const sample: Subject | null = first ? await sampleOf(root.entityId, root.id) : null;
  if (!first || !sample) return { batches, offer: null } as const;
  const contexts = await contextsOf(appPool(), root.entityId, [sample], new Date());
  const writers = await writersOf(root.entityId);
  const context = contexts.get(sample.id);
  const plan = context ? first.plan(context) : null;
  const shown =
    plan && isPlan(plan) && !(writers instanceof Refusal)
      ? { plan, preview: previewOf(plan, "…", writers), exceptionId: sample.id }
      : null;
  const { rows } = await appPool().query<{ currency: string; minor: bigint }>(
    `SELECT currency, extent AS minor FROM root_cause_amount WHERE entity_id = $1 AND root_cause_id = $2`,
    [root.entityId, root.id],
  );
  return {
    batches,
    offer: {
      entityId: root.entityId,
      rootCauseId: root.id,
      code: first.code,
      title: first.title,
      meaning: first.meaning,
      count: root.openCount,
      sample: shown,
      instructs: shown !== null && isInstruction(shown.preview),
      second: await whySecond(appPool(), root.entityId, first, together([rows]), actor.id),
      mayMake: may(actor, "resolutions.make", root.entityId),
    },
  } as const;
}

export type RootCauseResolution = Awaited<ReturnType<typeof loadRootCauseResolution>>;

/** One batch for its page: how far it is, and a page of what came of each. */
export async function loadBatch(id: string, params: Record<string, string | string[] | undefined>) {
  const { actor, entities } = await pageEntities("exceptions.read", undefined);
  const batch = UUID.test(id)
    ? await findBatch(
        entities.map((one) => one.id),
        id,
      )
    : null;
  if (!batch) return notFound();
  const query = BatchQuery.parse(params);
  const [counts, attempts] = await Promise.all([countBatch(id), listBatch(id, query)]);
  const makes = may(actor, "resolutions.make", batch.entityId);
  return {
    batch,
    title: resolutionOf(batch.code)?.title ?? batch.code,
    counts,
    attempts,
    query,
    pageSize: BATCH_PAGE,
    isMine: batch.madeById === actor.id,
    may: {
      decide:
        batch.state === "asked" &&
        batch.madeById !== actor.id &&
        may(actor, "resolutions.approve", batch.entityId),
      stop: makes,
    },
  } as const;
}

export type BatchView = Awaited<ReturnType<typeof loadBatch>>;

/** The limits of an entity's resolutions, each in the entity's own currency, for the settings. */
export async function loadResolutionLimits(asked: string | undefined) {
  const { actor, entities, entity } = await pageEntities("settings.read", asked);
  if (!entity) return { entities, entity: null } as const;
  const { rows } = await appPool().query<{ currency: string }>("SELECT currency FROM entity WHERE id = $1", [
    entity.id,
  ]);
  const currency = rows[0]?.currency ?? "EUR";
  const written = resolutions.flatMap((one) => (one.kind === "written" ? [one] : []));
  return {
    entities,
    entity,
    limits: await Promise.all(
      written.map(async ({ code, title, meaning, alwaysSecond }) => ({
        ...(await limitOf(appPool(), entity.id, code, currency)),
        title,
        meaning,
        alwaysSecond,
      })),
    ),
    may: { set: may(actor, "settings.write", entity.id) },
  } as const;
}
