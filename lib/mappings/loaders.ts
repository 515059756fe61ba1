import "server-only";
import { type Actor, may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { toJson } from "@/lib/domain/json";
import type { EffectRow } from "@/lib/matching/preview";
import { findLedgers } from "@/lib/pairing/data";
import { itemSubject } from "@/lib/settings/change/apply";
import { needsSecondPerson } from "@/lib/settings/change/make";
import { besidesSentence, effectSentence, unknownSentence } from "@/lib/settings/change/words";
import { paymentSubject, referenceSubject } from "./apply";
import {
  approversOf,
  countWaiting,
  findForFile,
  findItemMappings,
  findPaymentChoices,
  findPayments,
  findReferences,
  findRequest,
  findRequests,
  findRowHistory,
  findShops,
  findTaxMappings,
  type RequestRow,
  ROWS_A_PAGE,
} from "./data";
import { fileColumns, writeMappingFile } from "./file";
import type { Foreseen } from "./foreseen";
import {
  findGtinProposals,
  findItemProposals,
  findNameProposals,
  findPaymentProposals,
  findTaxProposals,
  isWeak,
} from "./proposals";
import { type MappingQuery, type MappingTable, placeOf, referenceText } from "./schema";
import { findOwnRequests } from "./waiting";
import { type ConnectionNames, changeWords, referenceWords, shopWords } from "./words";

/** So long it is told what somebody decided, in milliseconds: two weeks. */
const DECIDED_SHOWN = 14 * 86_400_000;

/** One view of an entity's mappings: a table, the rules of references, what is proposed, or what was asked for. */
export async function loadMappings(asked: string | undefined, query: MappingQuery) {
  const { actor, entities, entity } = await pageEntities("settings.read", asked);
  if (!entity) return { entities, entity: null } as const;
  const connections = await findLedgers([entity.id]);
  // Which ERP is meant goes without saying where there is one.
  const names = new Map(connections.length > 1 ? connections.map(({ id, name }) => [id, name]) : []);
  const mayAsk = may(actor, "settings.write", entity.id);
  const [secondPerson, waiting, own, shown] = await Promise.all([
    needsSecondPerson(appPool(), entity.id),
    countWaiting(entity.id),
    findOwnRequests(entity.id, actor.id, new Date(Date.now() - DECIDED_SHOWN)),
    shownOf(actor, entity.id, query, names),
  ]);
  return {
    entities,
    entity,
    secondPerson,
    /** whom who looks at it can ask; null for who can ask for nothing */
    approvers: secondPerson && mayAsk ? await approversOf(entity.id, [actor.id]) : null,
    waiting,
    own: own.map((one) => ({ ...one, words: changeWords(one.first, names) })),
    connections,
    shown,
    pageSize: ROWS_A_PAGE,
    edit: query.edit,
    may: {
      ask: mayAsk,
      seeTrail: may(actor, "audit.read", entity.id),
    },
  } as const;
}

export type MappingsView = Extract<Awaited<ReturnType<typeof loadMappings>>, { shown: unknown }>;

async function shownOf(
  actor: Actor,
  entityId: string,
  { tab, q, page, request, row }: MappingQuery,
  names: ConnectionNames,
) {
  const historyOf = async (subject: string | null) =>
    subject !== null && may(actor, "audit.read", entityId) ? findRowHistory(entityId, subject) : null;
  switch (tab) {
    case "tax-codes": {
      const found = await findTaxMappings(entityId, q, page);
      const one = found.rows.find(({ id }) => id === row);
      const subject = one ? `tax-code ${one.shipTo} ${one.channel} ${one.rate} ${one.taxCode}` : null;
      return {
        tab,
        ...found,
        page,
        open: one?.id ?? null,
        history: await historyOf(subject),
        columns: fileColumns(tab),
      } as const;
    }
    case "items": {
      const found = await findItemMappings(entityId, q, page);
      const one = found.rows.find(({ id }) => id === row);
      const subject = one
        ? itemSubject({ ...one, erpKind: one.erpKind === "account" ? "account" : "item" })
        : null;
      return {
        tab,
        ...found,
        page,
        open: one?.id ?? null,
        history: await historyOf(subject),
        columns: fileColumns(tab),
      } as const;
    }
    case "references": {
      const found = await findReferences(entityId, q, page);
      const one = found.rows.find(({ id }) => id === row);
      const subject = one ? referenceSubject(one.connection, one.part, referenceText(one)) : null;
      return {
        tab,
        total: found.total,
        rows: found.rows.map((each) => ({ ...each, what: referenceWords(each.part, each.text) })),
        page,
        open: one?.id ?? null,
        history: await historyOf(subject),
        columns: fileColumns(tab),
      } as const;
    }
    case "payments": {
      const [found, choices, shops] = await Promise.all([
        findPayments(entityId, q, page),
        findPaymentChoices(entityId),
        findShops(entityId),
      ]);
      const one = found.rows.find(({ id }) => id === row);
      const subject = one ? paymentSubject(one.connection, one.shopId, one.paymentKey) : null;
      return {
        tab,
        total: found.total,
        rows: found.rows.map((each) => ({
          ...each,
          what: `${each.paymentKey}, ${shopWords(each.shopId)}`,
          shop: shops.find(({ id }) => id === each.shopId)?.name ?? shopWords(each.shopId),
        })),
        choices,
        shops,
        page,
        open: one?.id ?? null,
        history: await historyOf(subject),
        columns: fileColumns(tab),
      } as const;
    }
    case "proposals": {
      const [taxes, items, gtins, references, payments] = await Promise.all([
        findTaxProposals(entityId),
        findItemProposals(entityId),
        findGtinProposals(entityId),
        findNameProposals(entityId),
        findPaymentProposals(entityId),
      ]);
      // What open orders prove says more than a number in the master.
      const proved = new Set(items.map((one) => placeOf(one.change)));
      const others = gtins.filter((one) => !proved.has(placeOf(one.change)));
      const worded = [...taxes, ...items, ...others, ...references, ...payments].map((one) => ({
        ...one,
        words: changeWords(one.change, names),
        isWeak: isWeak(one),
      }));
      return { tab, proposals: worded } as const;
    }
    case "requests": {
      const [found, one] = await Promise.all([
        findRequests(entityId, page),
        request === undefined ? null : findRequest(entityId, request),
      ]);
      return {
        tab,
        total: found.total,
        page,
        rows: await Promise.all(found.rows.map((stored) => requestView(actor, entityId, stored, names))),
        request: one && (await requestView(actor, entityId, one, names)),
        /** who can approve the one, whoever looks at it; null where it waits for nobody else */
        approvers:
          one?.state === "asked" && (await needsSecondPerson(appPool(), entityId))
            ? await approversOf(entityId, [one.madeById, one.editedById])
            : null,
      } as const;
    }
    default:
      throw new Error(`no such view: ${tab satisfies never}`);
  }
}

async function requestView(actor: Actor, entityId: string, stored: RequestRow, names: ConnectionNames) {
  const { foreseen, actual, changes, madeById, editedById, ...rest } = stored;
  const alone = !(await needsSecondPerson(appPool(), entityId)) && may(actor, "settings.write", entityId);
  const isMine = madeById === actor.id;
  const approves = may(actor, "mappings.approve", entityId);
  const isOpen = rest.state === "asked";
  return {
    ...rest,
    entityId,
    changes: changes.map((change) => ({ change, words: changeWords(change, names) })),
    effect: foreseen && rest.movesFigures ? toldOf(foreseen) : null,
    references: foreseen?.references ?? null,
    payments: foreseen?.payments ?? null,
    actual: actual && {
      ...toldOf({ effect: actual.effect, changedGroups: 0, unusedSettings: false, unknownCodes: [] }),
      isAsPreviewed: foreseen !== null && isSameEffect(foreseen.effect, actual.effect),
      others: actual.together - 1,
    },
    /** why the actor may not approve it; null where they may */
    barred: alone
      ? null
      : isMine
        ? "You asked for this change: somebody else has to approve it."
        : editedById === actor.id
          ? "You edited this request last: somebody else has to approve it."
          : approves
            ? null
            : "You may not approve changes of mappings.",
    may: {
      reject: isOpen && !isMine && approves,
      withdraw: isOpen && isMine,
      edit: isOpen && may(actor, "settings.write", entityId),
    },
  } as const;
}

export type RequestView = Awaited<ReturnType<typeof requestView>>;

/** Whether two effects say the same; how many orders each went through is not part of that. */
const isSameEffect = (one: Foreseen["effect"], other: Foreseen["effect"]): boolean =>
  toJson({ ...one, groups: 0 }) === toJson({ ...other, groups: 0 });

/** A stored effect in figures and sentences. */
function toldOf({ effect, changedGroups, unusedSettings, unknownCodes }: Foreseen) {
  const titled = (rows: readonly EffectRow[]) =>
    rows.map((row) => ({ ...row, title: causeOf(row.cause)?.title ?? row.cause }));
  return {
    groups: effect.groups,
    matchesWon: effect.matchesWon,
    explained: effect.explained,
    matchesLost: effect.matchesLost,
    lost: effect.lost,
    cleared: titled(effect.cleared),
    made: titled(effect.made),
    sentence: effectSentence(effect),
    besides: besidesSentence({ changedGroups, unusedSettings }),
    unknown: unknownSentence(unknownCodes),
  };
}

/** A table of an entity as a CSV file, and what it is called. */
export async function loadMappingFile(
  asked: string | undefined,
  table: MappingTable,
): Promise<Readonly<{ name: string; text: string }> | null> {
  const { entity } = await pageEntities("settings.read", asked);
  if (!entity) return null;
  const text = writeMappingFile(table, await findForFile(entity.id, table));
  return { name: `${table}-${entity.id}.csv`, text };
}
