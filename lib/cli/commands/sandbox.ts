import { type Command, InvalidArgumentError, Option } from "commander";
import { ownerPool } from "@/lib/db/pool";
import { connectSandbox, type SandboxStatus, sandboxStatus } from "@/lib/settings/sandbox";
import {
  letHappen,
  SANDBOX_HAPPENINGS,
  type SandboxOutcome,
  type SandboxWish,
  subscribeToSandbox,
} from "@/lib/settings/sandbox-webhooks";
import { address } from "./options";
import { printResult, type Shell } from "./shell";

/** tieout sandbox connect | status | subscribe | happen */
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
  sandbox
    .command("subscribe")
    .description("have its SCAYLE send webhooks to this console; npm start does so by itself")
    .requiredOption("--console <address>", "where this console listens", address)
    .action(async ({ console }: Readonly<{ console: string }>) => {
      const shell = shellOf();
      const { actor, actorName } = shell;
      const made = await subscribeToSandbox(console, {
        pool: ownerPool(),
        actor,
        actorName,
        at: shell.now(),
      });
      printResult(shell, made, () => [
        `${made.subscriptions} subscriptions at ${made.endpoints.join(", ")}.`,
      ]);
    });
  sandbox
    .command("happen")
    .description("let something happen in its SCAYLE, which tells this console by webhooks")
    .argument("<what>", SANDBOX_HAPPENINGS.join(", "), oneOfThese)
    .option("--count <n>", "how many orders, or baskets", wholeNumber)
    .option("--shop <shop>", "the shop of new orders or baskets, like ms/de")
    .option("--order <reference>", "the order; the newest one that can by default")
    .option("--sku <sku>", "of a stock level")
    .addOption(new Option("--warehouse <key>", "of a stock level").choices(["central", "store-berlin"]))
    .option("--quantity <n>", "of a stock level", wholeNumber)
    .action(async (what: string, options: Omit<SandboxWish, "what">) => {
      const shell = shellOf();
      const outcome = await letHappen({ what, ...options }, { pool: ownerPool() });
      printResult(shell, outcome, () => told(outcome));
    });
}

function oneOfThese(text: string): string {
  if (SANDBOX_HAPPENINGS.some((one) => one === text)) return text;
  throw new InvalidArgumentError(`It is one of ${SANDBOX_HAPPENINGS.join(", ")}.`);
}

function wholeNumber(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number, like 3.");
}

function told({ orders, deliveries }: SandboxOutcome): readonly string[] {
  const answered = (status: number): string => (status === 0 ? "nobody answered" : `answered ${status}`);
  return [
    ...(orders.length > 0 ? [`Orders: ${orders.join(", ")}`] : []),
    ...(deliveries.length === 0 ? ["Nobody is subscribed to it: see tieout sandbox subscribe."] : []),
    ...deliveries.map(
      ({ event, order, status, tries }) =>
        `  ${event}${order ? ` of ${order}` : ""}: ${answered(status)}${tries > 1 ? ` after ${tries} tries` : ""}`,
    ),
  ];
}

const words = (status: SandboxStatus): readonly string[] => [
  status.connected ? `The sandbox is connected at ${status.url}.` : "The sandbox is not in use.",
  ...status.demoUsers.map((email) => `  ${email}`),
];
