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
import { loadAttempts } from "./attempts";
import { foreseeBatch, MOST_AT_ONCE } from "./batches";
import { contextsOf, type Subject } from "./context";
import { type Cannot, isPlan, type Place, type Plan, type WrittenResolution } from "./contract";
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
import { figuresOf } from "./figures";
import { limitOf, measured, whySecond } from "./limits";
import { isEnded } from "./machine";
import { whyNone } from "./none";
import { opensFor } from "./opens";
import { basisOfPlan, isInstruction, previewOf } from "./preview";
import { resolutionOf, resolutions, resolutionsFor } from "./registry";
import { BatchQuery } from "./schema";
import type { StoredPreview } from "./stored";
import { isUndoable, undoPlanOf } from "./undo";
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
    | Cannot;
}>;

/** What can be done about an exception and what was: for its page and the panel beside the queue. */
export async function loadResolution(about: About) {
  const { actor } = await pageEntities("exceptions.read", undefined);
  const { entityId, cause, state } = about;
  const now = new Date();
  const attempts = await findAttempts(about);
  const current = attempts.find((one) => !isEnded(one.state)) ?? null;
  const isOffered = isOpen(state) && current === null;
  const written = resolutionsFor(cause).flatMap((one) => (one.kind === "written" ? [one] : []));
  const offers = isOffered && written.length > 0 ? await offersOf(actor, about, written) : [];
  const place: Place = { ...about, missing: about.evidence.missing };
  const undone = new Set(
    attempts.flatMap((one) =>
      one.undoesId !== null && (one.state === "proved" || !isEnded(one.state)) ? [one.undoesId] : [],
    ),
  );
  // One that was taken back already, or while another is at work, is not taken back.
  const undoable =
    current === null ? attempts.find((one) => isUndoable(one) && !undone.has(one.id)) : undefined;
  const past = attempts.filter((one) => isEnded(one.state));
  const proved = past.find((one) => one.state === "proved" && one.undoesId === null && !undone.has(one.id));
  return {
    entityId,
    timeZone: about.timeZone,
    now,
    current: current && viewOf(actor, entityId, current),
    past: past.map((one) => ({ ...viewOf(actor, entityId, one), isUndone: undone.has(one.id) })),
    undo:
      undoable && may(actor, "resolutions.make", entityId) ? await undoOf(actor, about, undoable, now) : null,
    offers,
    /** why nothing is sent for it, and what to do instead; null where something can be */
    none: (isOpen(state) || state === "explained") && written.length === 0 ? whyNone(cause) : null,
    others: resolutionsFor(cause).flatMap((one) => {
      if (one.kind !== "kept" || !(isOpen(state) || one.also.includes(state))) return [];
      const href = one.at(place);
      const said = isOpen(state) ? one : (one.afterwards ?? one);
      return href === null || !opensFor(actor, about, href)
        ? []
        : [{ code: one.code, title: said.title, meaning: said.meaning, href }];
    }),
    /** what the order comes to now, where it is put right and no attempt says it */
    standing:
      state === "resolved" && !proved && !isStanding(cause)
        ? await figuresOf(appPool(), { ...about, exceptionId: about.id }, now)
        : null,
    mayMake: may(actor, "resolutions.make", entityId),
    /** what the order's items are called, by SCAYLE's id of the unit */
    itemNames: await itemNamesOf(about.entityId, about.orderKey),
  } as const;
}

/** What the items of an order are called: by their name, else their SKU. */
async function itemNamesOf(entityId: string, orderKey: string): Promise<Readonly<Record<string, string>>> {
  const { rows } = await appPool().query<{ id: string; name: string }>(
    `SELECT one ->> 'id' AS id, concat_ws(' ', nullif(one ->> 'name', ''), one ->> 'sku') AS name
       FROM sales_order o, jsonb_array_elements(o.content -> 'items') AS one WHERE o.order_key = $1 AND o.entity_id = $2`,
    [orderKey, entityId],
  );
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
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
      cancel:
        makes &&
        (attempt.state === "instructed" ||
          (attempt.state === "asked" && isMine) ||
          (attempt.state === "claimed" && attempt.batchState === "stopped")),
      renew: makes && attempt.state === "asked" && attempt.undoesId === null,
      look:
        may(actor, "record.resync", entityId) &&
        (attempt.state === "waiting" || attempt.state === "instructed"),
    },
    isMine,
  } as const;
}

/** What would take back what an attempt posted, as it would be sent; or why it can't be. */
async function undoOf(actor: Actor, about: About, { id, orderKey, code }: AttemptRow, now: Date) {
  const [attempt] = await loadAttempts(appPool(), [{ orderKey, id }]);
  const writers = await writersOf(about.entityId);
  const resolution = resolutionOf(code);
  if (!attempt || writers instanceof Refusal || resolution?.kind !== "written") return null;
  const plan = await undoPlanOf(appPool(), attempt, now);
  if (!isPlan(plan)) return { id, cannot: plan.cannot };
  return {
    id,
    plan,
    preview: previewOf(plan, "…", writers),
    basis: basisOfPlan(code, plan),
    second: await whySecond(appPool(), about.entityId, resolution, measured(about.worths, plan), actor.id),
  };
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
      const cannot = (why: string, heading?: string): Offer => ({
        ...{ code, title, meaning },
        can: { cannot: why, heading },
      });
      if (!context)
        return cannot(
          "It is matched together with other orders, or not found any more as it stands here: nothing can be sent for it alone.",
        );
      if (writers instanceof Refusal) return cannot(writers.message);
      const plan = one.plan(context);
      if (!isPlan(plan)) return cannot(plan.cannot, plan.heading);
      const preview = previewOf(plan, "…", writers);
      const second = await whySecond(pool, about.entityId, one, measured(about.worths, plan), actor.id);
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
      mayMake: may(actor, "resolutions.make", root.entityId),
    },
  } as const;
}

export type RootCauseResolution = Awaited<ReturnType<typeof loadRootCauseResolution>>;

/** What resolving all of a root cause would come to: how many are sent, done by hand, left out, and who decides. Takes its time. */
export async function loadForeseen(offer: Readonly<{ entityId: string; rootCauseId: string; code: string }>) {
  const { actor } = await pageEntities("exceptions.read", undefined);
  const { entityId, rootCauseId, code } = offer;
  const writers = await writersOf(entityId);
  if (writers instanceof Refusal) return { cannot: writers.message } as const;
  const foreseen = await foreseeBatch(
    actor,
    { entityId, code, selection: { by: "root-cause", id: rootCauseId } },
    { now: new Date(), pool: appPool(), writers: async () => writers },
  );
  return { ...foreseen, most: MOST_AT_ONCE } as const;
}

export type ForeseenView = Awaited<ReturnType<typeof loadForeseen>>;

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
