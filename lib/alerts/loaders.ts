import "server-only";
import { cache } from "react";
import { entitiesOf, may } from "@/lib/auth/actor";
import { permitting, roles, roleTable } from "@/lib/auth/permissions";
import { currentActor, pageActor, pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { findTeams } from "@/lib/exceptions/one";
import { countAlerts, findChannels, listAlerts, listDeliveries, PAGE_SIZE } from "./data";
import { alertKindOf, alertKinds } from "./registry";
import { findAlertRules } from "./rules";
import { AlertsQuery, MailSettings, WebhookSettings } from "./schema";

const DELIVERIES_SHOWN = 30;

/** How many alerts wait for somebody, of those that the reader may see; null for nobody, and for who may see none. */
export const loadAlertCount = cache(async (): Promise<number | null> => {
  const actor = await currentActor();
  return actor && may(actor, "alerts.read") ? (await countAlerts(actor)).unacknowledged : null;
});

/** The alerts that the reader may see. */
export const loadAlerts = cache(async (asked: Readonly<Record<string, string | undefined>>) => {
  const actor = await pageActor("alerts.read");
  const query = AlertsQuery.parse(asked);
  const [{ alerts, total }, counts, teams] = await Promise.all([
    listAlerts(actor, query),
    countAlerts(actor),
    findTeams(),
  ]);
  return {
    query,
    counts,
    total,
    kinds: alertKinds
      .filter(({ seenWith }) => may(actor, seenWith))
      .map(({ kind, title }) => ({ id: kind, title })),
    teams: teams.map(({ id, name }) => ({ id, title: name })),
    pageSize: PAGE_SIZE,
    alerts: alerts.map((alert) => ({
      ...alert,
      kindTitle: alertKindOf(alert.kind)?.title ?? alert.kind,
      mayOpen: may(actor, alertKindOf(alert.kind)?.opensWith ?? "exceptions.read", alert.entityId),
      mayAcknowledge:
        alert.closedAt === null &&
        alert.acknowledgedAt === null &&
        may(actor, "alerts.acknowledge", alert.entityId),
    })),
    maySet: may(actor, "settings.write"),
  };
});

export type AlertsView = Awaited<ReturnType<typeof loadAlerts>>;

/** What is an alert in an entity, who gets it, and how it is sent. Secrets are not in it. */
export const loadAlertSettings = cache(async (askedEntity: string | undefined) => {
  const { actor, entities, entity } = await pageEntities("settings.read", askedEntity);
  const everywhere = entitiesOf(actor, "settings.write") === "all";
  const [rules, teams, channels, deliveries] = await Promise.all([
    entity ? findAlertRules(appPool(), entity.id) : [],
    findTeams(),
    findChannels(),
    everywhere ? listDeliveries(actor, DELIVERIES_SHOWN) : [],
  ]);
  const [email, webhook] = [channels.get("email"), channels.get("webhook")];
  return {
    entities,
    entity,
    timeZone: entity?.timeZone ?? "UTC",
    rules: rules.map(({ kind, ...rule }) => ({
      ...rule,
      code: kind.kind,
      title: kind.title,
      meaning: kind.meaning,
      // Others would get nothing of it, whatever is chosen.
      roles: permitting(kind.seenWith),
      fields: kind.bounds.map(({ is, ...bound }) => ({ ...bound, value: rule.bounds[bound.name] ?? is })),
    })),
    recipients: [
      { id: "owner", name: "The team that owns the alert", role: null },
      ...teams.map(({ id, name }) => ({ id: `team:${id}`, name: `Team ${name}`, role: null })),
      ...roles.map((role) => ({ id: `role:${role}`, name: `Everybody: ${roleTable[role].title}`, role })),
    ],
    email: email ? { ...email, settings: MailSettings.parse(email.settings) } : null,
    webhook: webhook ? { ...webhook, settings: WebhookSettings.parse(webhook.settings) } : null,
    deliveries,
    myEmail: actor.email,
    may: { set: entity !== null && may(actor, "settings.write", entity.id), everywhere },
  } as const;
});

export type AlertSettingsView = Awaited<ReturnType<typeof loadAlertSettings>>;
