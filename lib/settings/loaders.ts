import "server-only";
import { cache } from "react";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { findSettings } from "./data";

/** The settings of every entity that the actor may see them of. */
export const loadSettings = cache(async () => {
  const { entities } = await pageEntities("settings.read", undefined);
  const settings = await findSettings(entities.map((entity) => entity.id));
  const zones = Object.fromEntries(entities.map((entity) => [entity.id, entity.timeZone]));
  return {
    ...settings,
    ownership: settings.ownership.map((rule) => ({
      ...rule,
      title: causeOf(rule.cause)?.title ?? rule.cause,
    })),
    zoneOf: (entityId: string) => zones[entityId] ?? "UTC",
  };
});

export type SettingsView = Awaited<ReturnType<typeof loadSettings>>;
