import {
  type BusinessCentralSecret,
  type BusinessCentralSettings,
  businessCentralSecret,
  businessCentralSettings,
} from "./business-central/settings";
import { openBusinessCentral } from "./business-central/source";
import type { Connector, LedgerSource, OrderSource } from "./contract";
import { type ScayleSecret, type ScayleSettings, scayleSecret, scayleSettings } from "./scayle/settings";
import { openScayle } from "./scayle/source";

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
