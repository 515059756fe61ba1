import "server-only";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { dayIn, type Month } from "@/lib/domain/day";
import { policyInFull } from "@/lib/domain/tax/policy";
import { type ConnectionRounding, choicesFor, findMonthRounding, findMonths, findRounding } from "./data";
import {
  candidateOf,
  choiceWords,
  endWords,
  madeByWords,
  rivalWords,
  settingWords,
  shareWords,
} from "./words";

/** How the systems of an entity round, in words, and what a month's rounding leaves; null where no entity is connected. */
export const loadRounding = cache(async (asked: string | undefined, askedMonth: string | undefined) => {
  const { actor, entities, entity } = await pageEntities("settings.read", asked);
  if (!entity) return { entities, entity, page: null };
  const [connections, months] = await Promise.all([findRounding(entity.id), findMonths(entity.id)]);
  // The newest month is still being filled: the one before it says more.
  const month = months.find((one) => one === askedMonth) ?? months[1] ?? months[0] ?? null;
  const figures = month && (await findMonthRounding(entity.id, month, connections));
  const dayOf = (at: Date | null) => at && dayIn(at, entity.timeZone);
  return {
    entities,
    entity,
    page: {
      mayConfirm: may(actor, "rounding.confirm", entity.id),
      connections: connections.map((one) => ({
        ...connectionInWords(one),
        confirmedOn: dayOf(one.confirmedAt),
      })),
      headers: headersOf(connections),
      months,
      month: month && figures ? monthInWords(month, figures) : null,
    },
  };
});

export type RoundingView = NonNullable<Awaited<ReturnType<typeof loadRounding>>["page"]>;

function connectionInWords(connection: ConnectionRounding) {
  const { id, side, name, kind, policy, evidence, evidenceAt, confirmedBy, seen } = connection;
  const shown = policy ?? evidence?.candidates[0]?.policy ?? null;
  const mine = evidence && shown && candidateOf(evidence, shown);
  return {
    id,
    side,
    name,
    confirmedBy,
    evidenceAt,
    seen,
    hasPolicy: policy !== null,
    policyWords: policy ? policyInFull(policy) : "not known",
    share: evidence && mine ? shareWords(mine.reproduced, evidence.documents) : "not looked at yet",
    rival: evidence ? rivalWords(evidence) : "–",
    unknown: evidence?.unknown ?? 0,
    untaxed: evidence?.untaxed ?? 0,
    missed: evidence && mine ? evidence.documents - mine.reproduced : 0,
    examples: mine?.examples ?? [],
    choices: choicesFor(kind, policy).map((one, index) => ({
      key: String(index),
      policy: one,
      label: choiceWords(one, evidence),
      current: shown !== null && policyInFull(one) === policyInFull(shown),
    })),
  };
}

/** Which of SCAYLE's calculators made the orders' totals, per shop. */
const headersOf = (connections: readonly ConnectionRounding[]) =>
  connections.flatMap(({ id, evidence }) =>
    (evidence?.headers ?? []).map((one) => ({ ...one, id: `${id} ${one.shop}` })),
  );

function monthInWords(month: Month, { made, residues }: Awaited<ReturnType<typeof findMonthRounding>>) {
  return {
    month,
    made: made.map((one) => ({
      ...one,
      id: `${one.shop} ${one.currency} ${one.policies}`,
      madeBy: madeByWords(one.policies),
    })),
    residues: residues
      .filter((one) => one.compared > 0)
      .map((one) => ({
        ...one,
        id: `${one.shop} ${one.currency}`,
        end: endWords(one),
        settings: one.settings.map((setting) => ({
          ...setting,
          id: `${setting.scayle} ${setting.erp}`,
          words: settingWords(setting),
        })),
      })),
  };
}
