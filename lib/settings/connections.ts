import type { Io, Sight } from "@/lib/connectors/contract";
import { businessCentralConnector, scayleConnector, trytonConnector } from "@/lib/connectors/registry";
import { Refusal } from "@/lib/domain/faults";
import type { Environment } from "@/lib/env";
import type { ConnectionSetup } from "./setup";

/** A connection that has not been kept yet, and how to find out whether it works. */
export type Candidate = Readonly<{ setup: ConnectionSetup; test(io: Io): Promise<Sight> }>;

export type ScayleInput = Readonly<{
  baseUrl: string;
  accessToken: string;
  companyId?: string;
  shops: readonly Readonly<{ shop: string; name: string }>[];
  /** what the tenant may be told, as the connector's settings have it */
  write?: Readonly<Record<string, unknown>>;
}>;

export type BusinessCentralInput = Readonly<{
  baseUrl: string;
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  companyId: string;
  localCurrency: string;
  /** how it is posted in, as the connector's settings have it */
  write?: Readonly<Record<string, unknown>>;
}>;

export type TrytonInput = Readonly<{
  baseUrl: string;
  database: string;
  user: string;
  password: string;
  companyId?: string;
  /** how it is posted in, as the connector's settings have it */
  write?: Readonly<Record<string, unknown>>;
}>;

/** SCAYLE with feeds of orders and status per shop, and one each for invoice lists and stock. Throws Refusal "invalid" for settings that can't work. */
export function scayleCandidate(input: ScayleInput): Candidate {
  const settings = parsed("SCAYLE", scayleConnector.settings, {
    baseUrl: input.baseUrl,
    shops: input.shops.map((one) => one.shop),
    ...(input.companyId === undefined ? {} : { companyId: input.companyId }),
    ...(input.write === undefined ? {} : { write: input.write }),
  });
  const secret = parsed("SCAYLE", scayleConnector.secret, { accessToken: input.accessToken });
  const names = new Map(input.shops.map((one) => [one.shop.trim().toLowerCase(), one.name]));
  const shops = [...new Set(settings.shops)];
  return {
    setup: {
      kind: scayleConnector.kind,
      side: "scayle",
      name: "SCAYLE",
      settings,
      secret,
      capabilities: {},
      shops: shops.map((shop) => ({ shop, name: names.get(shop) ?? shop })),
      feeds: [
        ...shops.flatMap((shop) =>
          (["orders", "status"] as const).map((resource) => ({
            suffix: `scayle/${resource}/${shop.replace("/", "-")}`,
            resource,
            shop,
          })),
        ),
        { suffix: "scayle/invoices", resource: "invoices", shop: null },
        { suffix: "scayle/stock", resource: "stock", shop: null },
      ],
    },
    test: (io) => scayleConnector.open(settings, secret, io).test(),
  };
}

/** Business Central with a feed of documents and one of stock. Throws Refusal "invalid" for settings that can't work. */
export function businessCentralCandidate(input: BusinessCentralInput): Candidate {
  const { clientSecret, ...rest } = input;
  const settings = parsed("Business Central", businessCentralConnector.settings, rest);
  const secret = parsed("Business Central", businessCentralConnector.secret, { clientSecret });
  return {
    setup: {
      kind: businessCentralConnector.kind,
      side: "erp",
      name: "Business Central",
      settings,
      secret,
      capabilities: {},
      shops: [],
      feeds: [
        { suffix: "business-central/documents", resource: "ledger-documents", shop: null },
        { suffix: "business-central/stock", resource: "stock", shop: null },
      ],
    },
    test: (io) => businessCentralConnector.open(settings, secret, io).test(),
  };
}

/** Tryton with one feed of documents. Throws Refusal "invalid" for settings that can't work. */
export function trytonCandidate(input: TrytonInput): Candidate {
  const { password, ...rest } = input;
  const settings = parsed("Tryton", trytonConnector.settings, rest);
  const secret = parsed("Tryton", trytonConnector.secret, { password });
  return {
    setup: {
      kind: trytonConnector.kind,
      side: "erp",
      name: "Tryton",
      settings,
      secret,
      capabilities: {},
      shops: [],
      feeds: [{ suffix: "tryton/documents", resource: "ledger-documents", shop: null }],
    },
    test: (io) => trytonConnector.open(settings, secret, io).test(),
  };
}

type Schema<Output> = Readonly<{
  safeParse(value: unknown):
    | Readonly<{ success: true; data: Output }>
    | Readonly<{
        success: false;
        error: Readonly<{ issues: readonly Readonly<{ path: PropertyKey[]; message: string }>[] }>;
      }>;
}>;

function parsed<Output>(system: string, schema: Schema<Output>, value: unknown): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`);
  throw new Refusal("invalid", `The settings of ${system} can't be used: ${faults.join("; ")}.`);
}

const SCAYLE_NAMES = ["SCAYLE_BASE_URL", "SCAYLE_ACCESS_TOKEN", "SCAYLE_SHOPS"] as const;
const BC_NAMES = [
  "BC_BASE_URL",
  "BC_TOKEN_URL",
  "BC_CLIENT_ID",
  "BC_CLIENT_SECRET",
  "BC_COMPANY_ID",
] as const;
const TRYTON_NAMES = ["TRYTON_BASE_URL", "TRYTON_DATABASE", "TRYTON_USER", "TRYTON_PASSWORD"] as const;

/**
 * The connections that the environment describes: SCAYLE, an ERP (Business Central or Tryton), both or none (an entity of files).
 * Throws Refusal "invalid" naming the variables that are missing where one system is described in part.
 */
export function candidatesFrom(environment: Environment, currency: string): readonly Candidate[] {
  const scayle = valuesOf("SCAYLE", environment, SCAYLE_NAMES);
  const erp = valuesOf("Business Central", environment, BC_NAMES);
  const tryton = valuesOf("Tryton", environment, TRYTON_NAMES);
  if (erp && tryton) {
    throw new Refusal("invalid", "Business Central and Tryton are both described; an entity has one ERP.");
  }
  return [
    ...(scayle
      ? [
          scayleCandidate({
            baseUrl: scayle.SCAYLE_BASE_URL,
            accessToken: scayle.SCAYLE_ACCESS_TOKEN,
            shops: scayle.SCAYLE_SHOPS.split(/[\s,;]+/)
              .filter((shop) => shop !== "")
              .map((shop) => ({ shop: shop.toLowerCase(), name: shop })),
            ...writeOf({
              refundPath: environment.SCAYLE_REFUND_PATH,
              lineValuesPath: environment.SCAYLE_LINE_VALUES_PATH,
              fulfilment: environment.SCAYLE_FULFILMENT && environment.SCAYLE_FULFILMENT === "yes",
            }),
          }),
        ]
      : []),
    ...(erp
      ? [
          businessCentralCandidate({
            baseUrl: erp.BC_BASE_URL,
            tokenUrl: erp.BC_TOKEN_URL,
            clientId: erp.BC_CLIENT_ID,
            clientSecret: erp.BC_CLIENT_SECRET,
            companyId: erp.BC_COMPANY_ID,
            localCurrency: currency,
            ...writeOf({
              customerNumber: environment.BC_CUSTOMER_NUMBER,
              pricesIncludeTax:
                environment.BC_PRICES_INCLUDE_TAX && environment.BC_PRICES_INCLUDE_TAX === "yes",
              accounts: environment.BC_ROUNDING_ACCOUNT && { rounding: environment.BC_ROUNDING_ACCOUNT },
            }),
          }),
        ]
      : []),
    ...(tryton
      ? [
          trytonCandidate({
            baseUrl: tryton.TRYTON_BASE_URL,
            database: tryton.TRYTON_DATABASE,
            user: tryton.TRYTON_USER,
            password: tryton.TRYTON_PASSWORD,
            ...(environment.TRYTON_COMPANY_ID && { companyId: environment.TRYTON_COMPANY_ID }),
            ...writeOf({
              partyCode: environment.TRYTON_PARTY_CODE,
              accounts: environment.TRYTON_ROUNDING_ACCOUNT && {
                rounding: environment.TRYTON_ROUNDING_ACCOUNT,
              },
            }),
          }),
        ]
      : []),
  ];
}

/** What is set of the settings for writing; nothing where none is, and the connection is only read. */
function writeOf(
  given: Readonly<Record<string, unknown>>,
): Readonly<{ write?: Readonly<Record<string, unknown>> }> {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return set.length === 0 ? {} : { write: Object.fromEntries(set) };
}

function valuesOf<Name extends keyof Environment>(
  system: string,
  environment: Environment,
  names: readonly Name[],
): Readonly<Record<Name, string>> | null {
  const missing = names.filter((name) => environment[name] === undefined);
  if (missing.length === names.length) return null;
  if (missing.length > 0) {
    throw new Refusal("invalid", `To connect ${system}, set ${missing.join(", ")} too.`);
  }
  return Object.fromEntries(names.map((name) => [name, String(environment[name])])) as Record<Name, string>;
}
