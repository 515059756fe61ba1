import {
  type BusinessCentralSecret,
  type BusinessCentralSettings,
  businessCentralSecret,
  businessCentralSettings,
} from "./business-central/settings";
import { openBusinessCentral } from "./business-central/source";
import type { Connector, Io, LedgerSource, OrderSource } from "./contract";
import { type ScayleSecret, type ScayleSettings, scayleSecret, scayleSettings } from "./scayle/settings";
import { openScayle } from "./scayle/source";
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
  /** why no journal can be posted through it, for people */
  journals: string;
  /** @throws ZodError where the settings or the secret are not what this system needs */
  openKept(settings: unknown, secret: unknown, io: Io): LedgerSource;
}>;

const kept = <Settings, Secret>(
  connector: Connector<Settings, Secret, LedgerSource>,
  journals: string,
): LedgerConnector => ({
  kind: connector.kind,
  title: connector.title,
  journals,
  openKept: (settings, secret, io) =>
    connector.open(connector.settings.parse(settings), connector.secret.parse(secret), io),
});

/** Every system that can be an ERP's side, by kind. */
export const ledgerConnectors: ReadonlyMap<string, LedgerConnector> = new Map(
  [
    kept(
      businessCentralConnector,
      "Sales invoices and credit memos can be posted through this connection, journals can't: what Business Central does with lines of a general journal that come through its API was not verified.",
    ),
    kept(
      trytonConnector,
      "Invoices and credit notes can be posted through this connection, journals (account moves) can't: no path for them was verified.",
    ),
  ].map((one) => [one.kind, one]),
);
