import type { Command } from "commander";
import { ownerPool } from "@/lib/db/pool";
import { connectSandbox, type SandboxStatus, sandboxStatus } from "@/lib/settings/sandbox";
import { address } from "./options";
import { printResult, type Shell } from "./shell";

/** tieout sandbox connect | status */
export function addSandbox(program: Command, shellOf: () => Shell): void {
  const sandbox = program.command("sandbox").description("the simulated world that a first start shows");
  sandbox
    .command("connect")
    .description("connect its entities at an address, with its demo users; refused where real books exist")
    .requiredOption("--url <address>", "where it listens", address)
    .action(async ({ url }: Readonly<{ url: string }>) => {
      const shell = shellOf();
      const status = await connectSandbox(url, { pool: ownerPool(), actor: shell.actor, at: shell.now() });
      printResult(shell, status, () => words(status));
    });
  sandbox
    .command("status")
    .description("whether it is in use, where, and who can sign in")
    .action(async () => {
      const shell = shellOf();
      const status = await sandboxStatus(ownerPool());
      printResult(shell, status, () => words(status));
    });
}

const words = (status: SandboxStatus): readonly string[] => [
  status.connected ? `The sandbox is connected at ${status.url}.` : "The sandbox is not in use.",
  ...status.demoUsers.map((email) => `  ${email}`),
];
