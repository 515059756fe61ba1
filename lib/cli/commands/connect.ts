import { type Command, Option } from "commander";
import { createHttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { ownerPool } from "@/lib/db/pool";
import { environment } from "@/lib/env";
import { type Connected, connectEntity } from "@/lib/settings/connect";
import { candidatesFrom } from "@/lib/settings/connections";
import { currency, hours, timeZone } from "./options";
import { printResult, type Shell } from "./shell";

type Options = Readonly<{
  entity: string;
  currency: string;
  timezone: string;
  name?: string;
  acceptProposals?: boolean;
  recognition?: string;
  shippingRefund?: string;
  postingLag?: number;
}>;

const VARIABLES = `
What to connect is in the environment (or .env):
  SCAYLE_BASE_URL, SCAYLE_ACCESS_TOKEN, SCAYLE_SHOPS=nl/nl,nl/be
  BC_BASE_URL, BC_TOKEN_URL, BC_CLIENT_ID, BC_CLIENT_SECRET, BC_COMPANY_ID
  or TRYTON_BASE_URL, TRYTON_DATABASE, TRYTON_USER, TRYTON_PASSWORD (and TRYTON_COMPANY_ID)
To post and refund through them as well (each where it applies):
  SCAYLE_REFUND_PATH, SCAYLE_LINE_VALUES_PATH=/shops/{shopKey}/countries/{countryCode}/orders/{orderId}/…
  SCAYLE_FULFILMENT=yes, for shipments, cancellations, returns and reference keys
  BC_CUSTOMER_NUMBER (BC_PRICES_INCLUDE_TAX=yes|no, BC_ROUNDING_ACCOUNT) or TRYTON_PARTY_CODE (TRYTON_ROUNDING_ACCOUNT)
With none of them, the entity lives on files: tieout import.`;

/** tieout connect */
export function addConnect(program: Command, shellOf: () => Shell): void {
  program
    .command("connect")
    .description("make or update an entity and its connections, test them, and retire the sandbox")
    .requiredOption("--entity <code>", "what you call the legal entity, like SHOP-NL")
    .requiredOption("--currency <code>", "the currency of its books", currency)
    .requiredOption("--timezone <zone>", "the time zone of its days, like Europe/Amsterdam", timeZone)
    .option("--name <name>", "its full name")
    .option(
      "--accept-proposals",
      "take proposed rounding policies as confirmed, and ask for proposed tax codes: a second person approves those",
    )
    .addOption(
      new Option(
        "--recognition <moment>",
        "when an item counts as sold (else as before, or shipped)",
      ).choices(["shipped", "invoiced", "confirmed"]),
    )
    .addOption(
      new Option(
        "--shipping-refund <policy>",
        "whether shipping is refunded when a whole order is withdrawn (else as before, or whole-order)",
      ).choices(["whole-order", "never"]),
    )
    .option("--posting-lag <hours>", "how long the ERP normally needs to post (else as before, or 72)", hours)
    .addHelpText("after", VARIABLES)
    .action(async (options: Options) => {
      const shell = shellOf();
      const candidates = candidatesFrom(environment(), options.currency);
      const http = createHttpClient({ fetch, now: shell.now, sleep, random: Math.random });
      const connected = await connectEntity(
        {
          code: options.entity,
          name: options.name ?? null,
          currency: options.currency,
          timeZone: options.timezone,
          acceptProposals: options.acceptProposals ?? false,
          sandbox: false,
          ...(options.recognition === undefined ? {} : { saleRecognition: options.recognition }),
          ...(options.shippingRefund === undefined ? {} : { shippingRefund: options.shippingRefund }),
          ...(options.postingLag === undefined ? {} : { postingLagHours: options.postingLag }),
        },
        candidates,
        { pool: ownerPool(), io: { http, signal: shell.signal }, actor: shell.actor, at: shell.now() },
      );
      printResult(shell, connected, () => words(connected));
    });
}

function words(connected: Connected): readonly string[] {
  const { entity, created, connections } = connected;
  return [
    connections.length === 0
      ? `${entity} is ${created ? "made" : "updated"}, without a connection: its books come by files (tieout import).`
      : `${entity} is ${created ? "made and " : ""}connected to ${connections.join(" and ")}.`,
    ...connected.sees.map((line) => `  ${line}`),
    ...connected.problems.map((line) => `  But: ${line}`),
    ...(connected.retiredSandbox
      ? ["The sandbox is retired, and its demo users can't sign in any more."]
      : []),
    connections.length === 0 ? "" : "Next: tieout sync, then tieout reconcile",
  ].filter((line) => line !== "");
}
