import { type Command, Option } from "commander";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction, ownerPool } from "@/lib/db/pool";
import { createEndpoint, type EndpointKind, rotateEndpoint, type Shown } from "@/lib/webhooks/endpoints";
import { OVERLAP_HOURS, SECRET_HEADER } from "@/lib/webhooks/secrets";
import { printResult, type Shell, table } from "./shell";

/** tieout webhook add | rotate | list */
export function addWebhook(program: Command, shellOf: () => Shell): void {
  const webhook = program
    .command("webhook")
    .description("where other systems may tell us that something changed");
  webhook
    .command("add")
    .description("make an endpoint for a connection; its secrets are shown this once")
    .requiredOption("--connection <id>", "the connection's id: see tieout webhook list")
    .addOption(
      new Option("--kind <kind>", "scayle (Basic auth and a secret header) or standard (Standard Webhooks)")
        .choices(["scayle", "standard"])
        .default("scayle"),
    )
    .action(async ({ connection, kind }: Readonly<{ connection: string; kind: EndpointKind }>) => {
      const shell = shellOf();
      const made = await kept(shell, "webhook.endpoint.create", (client) =>
        createEndpoint(client, connection, kind, { name: shell.actorName, at: shell.now() }),
      );
      printResult(shell, made, () => shown(made));
    });
  webhook
    .command("rotate")
    .description(`give an endpoint a new secret; the one before is taken for another ${OVERLAP_HOURS} hours`)
    .argument("<endpoint>")
    .action(async (id: string) => {
      const shell = shellOf();
      const made = await kept(shell, "webhook.endpoint.rotate", (client) =>
        rotateEndpoint(client, id, shell.now()),
      );
      printResult(shell, made, () => shown(made));
    });
  webhook
    .command("list")
    .description("the connections in use with their endpoints")
    .action(async () => {
      const { rows } = await ownerPool().query<Record<string, string | null>>(
        `SELECT c.id AS connection, c.entity_id AS entity, c.name, e.id AS endpoint, e.kind,
                (SELECT to_char(max(received_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM webhook_event w WHERE w.endpoint_id = e.id) AS "lastEvent"
           FROM connection c LEFT JOIN webhook_endpoint e ON e.connection_id = c.id AND e.retired_at IS NULL
          WHERE c.retired_at IS NULL ORDER BY c.entity_id, c.name, e.id`,
      );
      printResult(shellOf(), rows, () =>
        table(
          ["connection", "entity", "name", "endpoint", "kind", "last event"],
          rows.map((row) => Object.values(row).map((value) => value ?? "none")),
        ),
      );
    });
}

type Made = Shown & Readonly<{ entityId: string }>;

const kept = (
  shell: Shell,
  action: string,
  make: (client: Parameters<Parameters<typeof inTransaction>[1]>[0]) => Promise<Made>,
): Promise<Made> =>
  inTransaction(ownerPool(), async (client) => {
    const made = await make(client);
    await appendAudit(client, {
      chain: made.entityId,
      at: shell.now(),
      actor: shell.actor,
      action,
      subject: `webhook:${made.id}`,
      outcome: "done",
      before: null,
      // Never a secret.
      after: { kind: made.kind },
    });
    return made;
  });

function shown({ id, kind, secrets }: Made): readonly string[] {
  const lines =
    kind === "scayle"
      ? [
          "In SCAYLE, subscribe the order and payment events with",
          "  address   <this console>/api/webhooks/scayle",
          `  user      ${secrets["user"] ?? ""}`,
          `  password  ${secrets["password"] ?? ""}`,
          `  header    ${SECRET_HEADER}: ${secrets["header"] ?? ""}`,
        ]
      : [
          "Sign messages as standardwebhooks.com has it, and send them to",
          `  address   <this console>/api/webhooks/inbound/${id}`,
          `  key       ${secrets["key"] ?? ""}`,
        ];
  return [...lines, "These secrets are not shown again."];
}
