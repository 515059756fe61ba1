import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { pseudonymise } from "@/lib/audit/pseudonymise";
import { appendAudit } from "@/lib/audit/record";
import { type Role, roles } from "@/lib/auth/permissions";
import { type AddedUser, addUser, PASSWORD_MIN } from "@/lib/auth/users";
import { inTransaction, ownerPool } from "@/lib/db/pool";
import { role } from "./options";
import { printResult, type Shell } from "./shell";

type Options = Readonly<{ role: Role; entity: string; name?: string; password?: string }>;

/** tieout user add, tieout user pseudonymise */
export function addUserCommands(program: Command, shellOf: () => Shell): void {
  const user = program.command("user").description("who may sign in, and what they may do");
  user
    .command("add")
    .description("add a user, or give one that there is another role")
    .argument("<email>", "the address they sign in with")
    .requiredOption("--role <role>", `what they may do: ${roles.join(", ")}`, role)
    .requiredOption("--entity <code>", "where: an entity, or all")
    .option("--name <name>", "what people call them")
    .option(
      "--password <password>",
      `at least ${PASSWORD_MIN} characters; left out: one is made and shown once`,
    )
    .action(async (email: string, options: Options) => {
      const shell = shellOf();
      const password = options.password ?? (await askPassword(shell));
      const at = shell.now();
      const added = await inTransaction(ownerPool(), async (client) => {
        const result = await addUser(client, {
          email,
          name: options.name ?? null,
          role: options.role,
          entityId: options.entity === "all" ? null : options.entity,
          password,
          demo: false,
          at,
        });
        await appendAudit(client, {
          chain: result.entityId ?? "*",
          at,
          actor: shell.actor,
          action: result.created ? "user.add" : "user.grant",
          subject: `user:${result.email}`,
          outcome: "done",
          before: null,
          after: { role: result.role, entity: result.entityId ?? "all" },
        });
        return result;
      });
      printResult(shell, { user: added }, () => words(added));
    });
  user
    .command("pseudonymise")
    .description(
      "take a person's name out of the users, the audit trail and histories; what they did stays, and the chains hold",
    )
    .argument("<email>", "the address they signed in with")
    .requiredOption("--reason <text>", "why, for the trail")
    .action(async (email: string, { reason }: Readonly<{ reason: string }>) => {
      const shell = shellOf();
      const at = shell.now();
      const done = await inTransaction(ownerPool(), async (client) => {
        const result = await pseudonymise(client, email, at);
        await appendAudit(client, {
          chain: "*",
          at,
          actor: shell.actor,
          action: "user.pseudonymise",
          subject: `user:${result.pseudonym}`,
          outcome: "done",
          before: null,
          after: { ...result, reason },
        });
        return result;
      });
      printResult(shell, { user: done }, () => [
        `They are called ${done.pseudonym} now in ${done.events} events of the trail and ${done.moments} of histories, and can't sign in.`,
        ...(done.kept > 0
          ? [`${done.kept} events of before names were sealed keep theirs: their hashes hold it.`]
          : []),
        "Names in texts that people wrote, in sign-offs and in closed months stay: they are evidence.",
      ]);
    });
}

/** Asks where a person sits at a terminal; an empty answer, and no terminal, mean: make one. */
async function askPassword(shell: Shell): Promise<string | null> {
  if (shell.json || !process.stdin.isTTY || !process.stderr.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question("Password (empty: one is made): ", { signal: shell.signal });
    return answer === "" ? null : answer;
  } finally {
    terminal.close();
  }
}

function words(added: AddedUser): readonly string[] {
  const where = added.entityId ?? "all entities";
  return [
    added.created
      ? `${added.email} can sign in now, as ${added.role} of ${where}.`
      : `${added.email} is now ${added.role} of ${where} too.`,
    ...(added.password === null ? [] : [`Password, shown this once: ${added.password}`]),
  ];
}
