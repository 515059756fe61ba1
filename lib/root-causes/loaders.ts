import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { StoredEffect } from "@/lib/matching/stored-effect";
import { besidesSentence } from "@/lib/settings/change/words";
import { beginningsOf } from "./began";
import { SUPPORT_MIN } from "./contrast";
import {
  countRootCauses,
  daysOf,
  findBatchEffect,
  findDonePredictions,
  findPrediction,
  findRootCause,
  findShopNames,
  listRootCauses,
  ownerOf,
  PAGE_SIZE,
  type RootCause,
} from "./data";
import { fixOf, isMostlyFine } from "./fix";
import { FixEffect } from "./fix-effect";
import { RootCauseQuery } from "./schema";
import { type ShopNames, shopNamedIn, shopsNamedIn } from "./shop-names";
import {
  beforeText,
  beganText,
  contrastText,
  extentText,
  fixSentence,
  onsetText,
  severalText,
  signatureText,
  sinceOf,
  suggestionsOf,
} from "./words";

const worded = (root: RootCause, shops: ShopNames) => {
  const cause = causeOf(root.cause);
  const signature = shopNamedIn(root.signature, shops);
  return {
    ...root,
    title: cause?.title ?? root.cause,
    meaning: cause?.meaning ?? null,
    attributes: signatureText(signature),
    extent: extentText(root),
    since: sinceOf(root),
    fix: fixOf(root.cause, signature, cause?.resolution ?? "", isMostlyFine(root.findings)),
  };
};

/** The root causes of an entity, those first whose fix is worth most. */
export async function loadRootCauses(params: Record<string, string | string[] | undefined>) {
  const asked = RootCauseQuery.parse(params);
  const { entities, entity } = await pageEntities("exceptions.read", asked.entity);
  if (!entity) return { entities, entity: null } as const;
  const today = dayIn(new Date(), entity.timeZone);
  const [rows, counts, shops] = await Promise.all([
    listRootCauses(entity.id, asked, today),
    countRootCauses(entity.id, asked.cause, asked.least),
    findShopNames(entity.id),
  ]);
  const predictions = await findDonePredictions(
    entity.id,
    rows.map((root) => root.id),
  );
  return {
    query: asked,
    entities,
    entity,
    cards: rows.map((root) => {
      const done = predictions.get(root.id);
      const told = done ? toldOf(done.effect).told : null;
      const words = worded(root, shops);
      return {
        ...words,
        predicted:
          done && told && words.fix.computable
            ? {
                sentence: told.sentence,
                matchesLost: told.matchesLost,
                byHand: told.mode === "by-hand",
                at: done.finishedAt,
                isCurrent: done.isCurrent,
                openCount: done.openCount,
              }
            : null,
      };
    }),
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
  const [days, owner, prediction, shops] = await Promise.all([
    daysOf(root.entityId, id),
    ownerOf(root.entityId, id),
    findPrediction(appPool(), root.entityId, id),
    findShopNames(root.entityId),
  ]);
  return {
    root: worded(root, shops),
    shops,
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
  const { root, shops } = await loadRootCause(id);
  const { findings, findingsAt, findingsOf, openCount } = root;
  const day = findings?.onset?.day ?? root.firstDay;
  const began = await beginningsOf(appPool(), root, day);
  const read = findings && shopsNamedIn(findings, shops);
  return {
    began: { day, isTold: isBeginningTold(findings), list: began, sentence: beganText(began) },
    /** not counted yet: the clock does it within minutes */
    isWaiting: findingsAt === null && openCount > 0,
    counted: findingsAt && { at: findingsAt, of: findingsOf ?? 0, now: openCount },
    common: openCount > 0 &&
      read && {
        contrast: contrastText(read),
        several: severalText(read, findingsOf ?? 0),
        onset: onsetText(read),
        before: beforeText(read),
        suggestions: suggestionsOf(read),
        /** root causes that look like one with this */
        others: (read.merge?.cards ?? []).filter((other) => other !== root.id),
      },
  };
});

/** Whether the figures tell the day on which it began: enough groups were right before it. Else it is the first affected day. */
const isBeginningTold = (findings: RootCause["findings"]): boolean =>
  Boolean(findings?.onset) || (findings?.before ?? 0) >= SUPPORT_MIN;

export type FindingsView = Awaited<ReturnType<typeof loadFindings>>;

/** A line of what a fix does: how many exceptions, and what they are about (minor units). */
export type FixRow = Readonly<{
  key: string;
  place: number;
  what: string;
  /** a part of the line above it */
  isPart: boolean;
  /** null: of no exceptions, but of the totals */
  count: number | null;
  signed: boolean;
  sums: readonly Readonly<{ currency: string; minor: bigint }>[];
  some: readonly Readonly<{ id: string; reference: string | null }>[];
  examples: readonly string[];
}>;

/** What a fix does, in a sentence and line by line. */
export type FixTold = Readonly<{ sentence: string; rows: readonly FixRow[]; matchesLost: number }>;

const SHOWN = 5;

/** One of each order: two exceptions of the same order are told apart by no reference. */
const distinct = <One extends Readonly<{ reference: string | null }>>(some: readonly One[]): readonly One[] =>
  some.filter(
    ({ reference }, index) =>
      reference === null || some.findIndex((one) => one.reference === reference) === index,
  );

const titleOf = (cause: string): string => causeOf(cause)?.title ?? cause;

function fixTold(
  fix: FixEffect,
  { matchesLost, explained }: Readonly<{ matchesLost: number; explained: number }>,
): FixTold {
  const rows: FixRow[] = [];
  const add = (row: Partial<FixRow> & Pick<FixRow, "key" | "what" | "count">): void => {
    rows.push({
      place: rows.length + ORDER.indexOf(row.key.split(" ")[0] ?? "") * 100,
      isPart: false,
      signed: false,
      sums: [],
      some: [],
      examples: [],
      ...row,
    });
  };
  const sumsOf = (some: readonly Readonly<{ currency: string; extent: bigint }>[]) => {
    const sums = new Map<string, bigint>();
    for (const one of some) sums.set(one.currency, (sums.get(one.currency) ?? 0n) + one.extent);
    return [...sums].map(([currency, minor]) => ({ currency, minor }));
  };
  const counted = (some: readonly Readonly<{ count: number }>[]) =>
    some.reduce((all, one) => all + one.count, 0);
  const left = fix.left.flatMap((one) => one.sums);
  add({ key: "cleared", what: "Cleared", count: counted(fix.cleared), sums: sumsOf(fix.cleared) });
  add({ key: "left", what: "Left to people", count: counted(fix.left), sums: sumsOf(left) });
  for (const { reason, count, sums, some } of fix.left)
    add({
      key: `left ${reason}`,
      what: reason,
      isPart: true,
      count,
      sums: sumsOf(sums),
      some: distinct(some).slice(0, SHOWN),
    });
  for (const { cause, count, ...sum } of fix.others)
    add({
      key: `others ${cause} ${sum.currency}`,
      what: `Of other root causes, cleared along with them: ${titleOf(cause)}`,
      count,
      sums: sumsOf([sum]),
    });
  for (const { cause, count, ...sum } of fix.carried)
    add({
      key: `carried ${cause} ${sum.currency}`,
      what: `Of other root causes, found again in the new documents: ${titleOf(cause)}`,
      count,
      sums: sumsOf([sum]),
    });
  add({ key: "made", what: "New", count: counted(fix.made), sums: sumsOf(fix.made) });
  for (const { cause, count, some, ...sum } of fix.made)
    add({
      key: `made ${cause} ${sum.currency}`,
      what: titleOf(cause),
      isPart: true,
      count,
      sums: sumsOf([sum]),
      examples: some
        .slice(0, 2)
        .map(({ reference, explanation }) => `${reference ?? ""} ${explanation}`.trim()),
    });
  add({ key: "lost", what: "Matches lost", count: matchesLost });
  if (explained > 0)
    add({
      key: "explained",
      what: "Matches that then differ by a proved cent of rounding",
      count: explained,
    });
  for (const field of ["net", "tax", "gross"] as const)
    add({
      key: `moved ${field}`,
      what: `SCAYLE − ERP moves by, ${field}`,
      count: null,
      signed: true,
      sums: fix.moved
        .filter((one) => one[field] !== 0n)
        .map((one) => ({ currency: one.currency, minor: one[field] })),
    });
  return { rows, matchesLost, sentence: fixSentence(fix, matchesLost) };
}

/** The lines in the order in which they are told. */
const ORDER = ["cleared", "left", "others", "carried", "made", "lost", "explained", "moved"];

const StoredPrediction = StoredEffect.extend({
  changedGroups: z.number(),
  fix: FixEffect.extend({ mode: z.enum(["sent", "by-hand"]), sent: z.number() }),
});

/** The stored effect in figures and sentences; null while there is none, or where it was kept before it was told one by one. */
function toldOf(stored: unknown) {
  const read = StoredPrediction.safeParse(stored);
  if (!read.success) return { told: null };
  const { changedGroups, fix, ...effect } = read.data;
  return {
    told: {
      ...fixTold(fix, effect),
      mode: fix.mode,
      groups: effect.groups,
      lost: effect.lost,
      besides: besidesSentence({ changedGroups, unusedSettings: false }),
    },
  };
}

/** What a batch of resolutions was predicted to do, and did so far; each null where it is not known. */
export const loadBatchEffect = cache(async (batchId: string) => {
  const { entities } = await pageEntities("exceptions.read", undefined);
  const found = UUID.test(batchId)
    ? await findBatchEffect(
        entities.map((one) => one.id),
        batchId,
      )
    : null;
  if (!found) return null;
  const actual = StoredActual.safeParse(found.actual);
  return {
    predicted: toldOf(found.predicted).told,
    actual: actual.success ? fixTold(actual.data, actual.data) : null,
    actualAt: found.actualAt,
  };
});

const StoredActual = FixEffect.extend({ matchesLost: z.number(), explained: z.number() });
