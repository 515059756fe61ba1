import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { ownerPool } from "@/lib/db/pool";
import { connectSandbox, type SandboxStatus, sandboxStatus } from "@/lib/settings/sandbox";
import {
  type ArrangedFaults,
  addFault,
  arrangedFaults,
  clearFaults,
  closeSandboxBooks,
  SANDBOX_FAULTS,
  SANDBOX_WRITES,
  type SandboxFault,
} from "@/lib/settings/sandbox-faults";
import {
  letHappen,
  SANDBOX_HAPPENINGS,
  type SandboxOutcome,
  type SandboxWish,
  subscribeToSandbox,
} from "@/lib/settings/sandbox-webhooks";
import { address } from "./options";
import { printResult, type Shell } from "./shell";

/** tieout sandbox connect | status | subscribe | happen | fault | close-books */
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
    .description(
      "let something happen in its SCAYLE, which tells this console by webhooks; mend: payloads that nobody can read are put right; post-again: the ERP posts an order's invoice twice. Both are found by the next sync",
    )
    .argument("<what>", SANDBOX_HAPPENINGS.join(", "), oneOfThese)
    .option("--count <n>", "how many orders, or baskets", wholeNumber)
    .option("--shop <shop>", "the shop of new orders or baskets, like ms/de")
    .option("--order <reference>", "the order; the newest one that can by default")
    .option("--sku <sku>", "of a stock level")
    .addOption(
      new Option("--warehouse <key>", "of a stock level").choices(["central", "store-berlin", "uk-hub"]),
    )
    .option("--quantity <n>", "of a stock level", wholeNumber)
    .addOption(
      new Option(
        "--side <side>",
        "of a stock level: erp, where the update never reaches SCAYLE; scayle, where SCAYLE alone is told",
      ).choices(["erp", "scayle"]),
    )
    .option(
      "--stamped-ahead <seconds>",
      "of SCAYLE's alone: its stamp is so far ahead of the time",
      wholeNumber,
    )
    .action(async (what: string, options: Omit<SandboxWish, "what">) => {
      const shell = shellOf();
      const outcome = await letHappen({ what, ...options }, { pool: ownerPool() });
      printResult(shell, outcome, () => told(outcome));
    });
  addFaults(sandbox, shellOf);
}

function addFaults(sandbox: Command, shellOf: () => Shell): void {
  sandbox
    .command("fault")
    .description(
      "let the next writes to its SCAYLE or its ERP go wrong; without a fault: what is still to go wrong",
    )
    .addArgument(
      new Argument(
        "[fault]",
        "reject it, delay its effect, do part of it, do it and lose the answer, ignore it though accepted, or fail before or after",
      ).choices(SANDBOX_FAULTS),
    )
    .addOption(new Option("--on <write>", "which writes").choices(SANDBOX_WRITES).default("any"))
    .option("--order <reference>", "only those about this order")
    .option("--times <n>", "how many of them", wholeNumber)
    .option("--percent <n>", "how many in a hundred of them", wholeNumber)
    .option("--seconds <n>", "of a delay: until it takes effect", wholeNumber)
    .option("--clear", "have nothing go wrong any more")
    .action(async (fault: string | undefined, options: FaultOptions) => {
      const shell = shellOf();
      const { clear = false, percent, ...rest } = options;
      if (clear) await clearFaults(ownerPool());
      if (fault !== undefined)
        await addFault(ownerPool(), {
          fault,
          ...rest,
          ...(percent !== undefined && { chance: percent / 100 }),
        });
      const arranged = await arrangedFaults(ownerPool());
      printResult(shell, arranged, () => arrangedWords(arranged));
    });
  sandbox
    .command("close-books")
    .description("have its ERP refuse postings before a day")
    .argument("<day>", "the first day that it takes, like 2026-10-01")
    .action(async (day: string) => {
      const shell = shellOf();
      const arranged = await closeSandboxBooks(ownerPool(), day);
      printResult(shell, arranged, () => arrangedWords(arranged));
    });
}

type FaultOptions = Omit<SandboxFault, "fault" | "chance"> & Readonly<{ clear?: boolean; percent?: number }>;

const arrangedWords = ({ faults, booksOpenFrom }: ArrangedFaults): readonly string[] => [
  ...(faults.length === 0 ? ["Nothing is arranged to go wrong."] : []),
  ...faults.map(
    ({ fault, on, order, times, chance }) =>
      `  ${fault} with ${on === "any" ? "any write" : on}${order ? ` of ${order}` : ""}: ${times === 1 ? "once" : `${times} times`}${chance < 1 ? `, ${Math.round(chance * 100)} in 100` : ""}`,
  ),
  ...(booksOpenFrom === null ? [] : [`The ERP's books take postings from ${booksOpenFrom} on.`]),
];

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
