import { planBusinessCentralJournals } from "./business-central/journal";
import {
  type BusinessCentralSecret,
  type BusinessCentralSettings,
  businessCentralSecret,
  businessCentralSettings,
} from "./business-central/settings";
import { openBusinessCentral } from "./business-central/source";
import type { Connector, Io, LedgerSource, OrderSource } from "./contract";
import type { JournalPlan } from "./journal";
import { type ScayleSecret, type ScayleSettings, scayleSecret, scayleSettings } from "./scayle/settings";
import { openScayle } from "./scayle/source";
import { planTrytonJournals } from "./tryton/journal";
import { type TrytonSecret, type TrytonSettings, trytonSecret, trytonSettings } from "./tryton/settings";
import { openTryton } from "./tryton/source";

/** SCAYLE's Admin API: the store's side. */
export const scayleConnector: Connector<ScayleSettings, ScayleSecret, OrderSource> = {
  kind: "scayle",
  title: "SCAYLE Commerce Engine",
  settings: scayleSettings,
  secret: scayleSecret,
  open: openScayle,
};

/** Business Central's API v2.0: an ERP's side. */
export const businessCentralConnector: Connector<
  BusinessCentralSettings,
  BusinessCentralSecret,
  LedgerSource
> = {
  kind: "business-central",
  title: "Microsoft Dynamics 365 Business Central",
  settings: businessCentralSettings,
  secret: businessCentralSecret,
  open: openBusinessCentral,
};

/** Tryton's JSON-RPC: an ERP's side. */
export const trytonConnector: Connector<TrytonSettings, TrytonSecret, LedgerSource> = {
  kind: "tryton",
  title: "Tryton",
  settings: trytonSettings,
  secret: trytonSecret,
  open: openTryton,
};

/** A ledger source as a connection describes it: settings and secret as they are kept. */
type LedgerConnector = Readonly<{
  kind: string;
  title: string;
  /**
   * What a connection with these settings says of journals: whether it posts them, and what it would send.
   * @throws ZodError where the settings are not what this system needs
   */
  journalsOf(settings: unknown): JournalPlan;
  /** @throws ZodError where the settings or the secret are not what this system needs */
  openKept(settings: unknown, secret: unknown, io: Io): LedgerSource;
}>;

const kept = <Settings, Secret>(
  connector: Connector<Settings, Secret, LedgerSource>,
  journals: (settings: Settings) => JournalPlan,
): LedgerConnector => ({
  kind: connector.kind,
  title: connector.title,
  journalsOf: (settings) => journals(connector.settings.parse(settings)),
  openKept: (settings, secret, io) =>
    connector.open(connector.settings.parse(settings), connector.secret.parse(secret), io),
});

/** Every system that can be an ERP's side, by kind. */
export const ledgerConnectors: ReadonlyMap<string, LedgerConnector> = new Map(
  [
    kept(businessCentralConnector, planBusinessCentralJournals),
    kept(trytonConnector, planTrytonJournals),
  ].map((one) => [one.kind, one]),
);
