import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import type { Effect, EffectRow } from "@/lib/matching/preview";
import { StoredEffect } from "@/lib/matching/stored-effect";
import { besidesSentence, effectSentence } from "@/lib/settings/change/words";
import { beginningsOf } from "./began";
import {
  countRootCauses,
  daysOf,
  findPrediction,
  findRootCause,
  listRootCauses,
  ownerOf,
  PAGE_SIZE,
  type RootCause,
} from "./data";
import { fixOf } from "./fix";
import { RootCauseQuery } from "./schema";
import {
  beforeText,
  beganText,
  contrastText,
  extentText,
  onsetText,
  signatureText,
  suggestionsOf,
} from "./words";

const worded = (root: RootCause) => {
  const cause = causeOf(root.cause);
  return {
    ...root,
    title: cause?.title ?? root.cause,
    meaning: cause?.meaning ?? null,
    attributes: signatureText(root.signature),
    extent: extentText(root),
    fix: fixOf(root.cause, root.signature, cause?.resolution ?? ""),
  };
};

/** The root causes of an entity, those first whose fix is worth most. */
export async function loadRootCauses(params: Record<string, string | string[] | undefined>) {
  const asked = RootCauseQuery.parse(params);
  const { entities, entity } = await pageEntities("exceptions.read", asked.entity);
  if (!entity) return { entities, entity: null } as const;
  const today = dayIn(new Date(), entity.timeZone);
  const [rows, counts] = await Promise.all([
    listRootCauses(entity.id, asked, today),
    countRootCauses(entity.id, asked.cause),
  ]);
  return {
    query: asked,
    entities,
    entity,
    cards: rows.map(worded),
    ...counts,
    causes: counts.causes.map((code) => ({ code, title: causeOf(code)?.title ?? code })),
    pageSize: PAGE_SIZE,
  } as const;
}

export type RootCausesView = Extract<Awaited<ReturnType<typeof loadRootCauses>>, { cards: unknown }>;
export type RootCauseCard = RootCausesView["cards"][number];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** One root cause for its own page, without what takes longer to count (`loadFindings`). */
export const loadRootCause = cache(async (id: string) => {
  const { actor, entities } = await pageEntities("exceptions.read", undefined);
  const now = new Date();
  const zones = new Map(entities.map((one) => [one.id, one.timeZone]));
  const root = UUID.test(id)
    ? await findRootCause([...zones.keys()], id, (entityId) => dayIn(now, zones.get(entityId) ?? "UTC"))
    : null;
  if (!root) return notFound();
  const entity = entities.find((one) => one.id === root.entityId);
  if (!entity) return notFound();
  const [days, owner, prediction] = await Promise.all([
    daysOf(root.entityId, id),
    ownerOf(root.entityId, id),
    findPrediction(appPool(), root.entityId, id),
  ]);
  return {
    root: worded(root),
    entities,
    entity,
    ...daysSince(days, root.findings?.onset?.day ?? root.firstDay),
    owner,
    prediction: prediction && { ...prediction, ...toldOf(prediction.effect) },
    mayPredict: may(actor, "reconcile.run", root.entityId),
    now,
  } as const;
});

/** Its days from the one on which it began, and the few before that: orders that were wrong by themselves. */
const daysSince = (days: Awaited<ReturnType<typeof daysOf>>, onset: string) => ({
  onset,
  days: days.filter((one) => one.day >= onset),
  earlier: days.filter((one) => one.day < onset),
});

export type RootCauseView = Awaited<ReturnType<typeof loadRootCause>>;

/** What tells its groups from the others, as it was counted last, and what changed when it began. */
export const loadFindings = cache(async (id: string) => {
  const { root } = await loadRootCause(id);
  const { findings, findingsAt, findingsOf, openCount } = root;
  const day = findings?.onset?.day ?? root.firstDay;
  const began = await beginningsOf(appPool(), root, day);
  return {
    began: { day, list: began, sentence: beganText(began) },
    /** not counted yet: the clock does it within minutes */
    isWaiting: findingsAt === null && openCount > 0,
    counted: findingsAt && { at: findingsAt, of: findingsOf ?? 0, now: openCount },
    common: openCount > 0 &&
      findings && {
        contrast: contrastText(findings),
        onset: onsetText(findings),
        before: beforeText(findings),
        suggestions: suggestionsOf(findings),
        /** root causes that look like one with this */
        others: (findings.merge?.cards ?? []).filter((other) => other !== root.id),
      },
  };
});

export type FindingsView = Awaited<ReturnType<typeof loadFindings>>;

const StoredPrediction = StoredEffect.extend({ changedGroups: z.number() });

/** The stored effect in figures and sentences; null while there is none. */
function toldOf(stored: unknown) {
  const read = StoredPrediction.safeParse(stored);
  if (!read.success) return { told: null };
  const { changedGroups, ...effect } = read.data;
  const titled = (rows: readonly EffectRow[]) =>
    rows.map((row) => ({ ...row, title: causeOf(row.cause)?.title ?? row.cause }));
  return {
    told: {
      groups: effect.groups,
      matchesLost: effect.matchesLost,
      lost: effect.lost,
      cleared: titled(effect.cleared),
      made: titled(effect.made),
      sentence: effectSentence(effect satisfies Effect),
      besides: besidesSentence({ changedGroups, unusedSettings: false }),
    },
  };
}
