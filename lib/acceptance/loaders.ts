import "server-only";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causeOf, causes } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { addDays, dayIn } from "@/lib/domain/day";
import { defaultLimit } from "@/lib/exceptions/limits";
import { countAsked, effectOfRule, findLimits, findRuleChoices, findRules } from "./data";

/** The rules by which exceptions of an entity are always accepted, and up to what one person may accept alone. */
export async function loadAcceptanceRules(asked: string | undefined) {
  const { actor, entities, entity } = await pageEntities("settings.read", asked);
  if (!entity) return { entities, entity: null } as const;
  const now = new Date();
  const today = dayIn(now, entity.timeZone);
  const [rules, limits, choices, waiting] = await Promise.all([
    findRules(entity.id),
    findLimits(entity.id),
    findRuleChoices(entity.id),
    countAsked(entity.id),
  ]);
  const currencies = [...new Set([entity.currency, ...choices.currencies])];
  return {
    entities,
    entity,
    today,
    nextYear: addDays(today, 365),
    rules: await Promise.all(
      rules.map(async (rule) => ({
        ...rule,
        title: causeOf(rule.cause)?.title ?? rule.cause,
        isExpired: rule.state === "active" && rule.expiresOn < today,
        isMine: rule.madeById === actor.id,
        // Whoever decides sees what it would do now, not what it would have done when it was made.
        effect: rule.state === "asked" ? await effectOfRule(appPool(), entity.id, rule) : null,
      })),
    ),
    limits: currencies.map((currency) => {
      const set = limits.find((one) => one.currency === currency);
      return {
        id: currency,
        currency,
        minor: (set ?? defaultLimit(currency)).minor,
        setBy: set?.setBy ?? null,
      };
    }),
    choices: {
      ...choices,
      currencies,
      causes: causes
        .filter((cause) => cause.raises && cause.acceptance === "rule")
        .map(({ code, title }) => ({ code, title })),
    },
    waiting,
    may: {
      propose: may(actor, "acceptance-rules.propose", entity.id),
      approve: may(actor, "acceptance-rules.approve", entity.id),
      setLimits: may(actor, "settings.write", entity.id),
      seeExceptions: may(actor, "exceptions.read", entity.id),
    },
  } as const;
}

export type AcceptanceRulesView = Extract<
  Awaited<ReturnType<typeof loadAcceptanceRules>>,
  { rules: unknown }
>;
