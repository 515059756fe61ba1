import { Command, CommanderError } from "commander";
import { closePools } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { createShell, type Shell } from "./commands/shell";

type Add = (program: Command, shellOf: () => Shell) => void;

/** The file of each command, in the order of the help: one that is asked for is loaded alone, which is most of its time. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  sync: async () => (await import("./commands/sync")).addSync,
  reconcile: async () => (await import("./commands/reconcile")).addReconcile,
  pair: async () => (await import("./commands/pair")).addPair,
  webhook: async () => (await import("./commands/webhook")).addWebhook,
  summary: async () => (await import("./commands/summary")).addSummary,
  rounding: async () => (await import("./commands/rounding")).addRounding,
  proof: async () => (await import("./commands/proof")).addProof,
  exceptions: async () => (await import("./commands/exceptions")).addExceptions,
  import: async () => (await import("./commands/import")).addImport,
  connect: async () => (await import("./commands/connect")).addConnect,
  change: async () => (await import("./commands/change")).addChange,
  user: async () => (await import("./commands/user")).addUserCommands,
  sandbox: async () => (await import("./commands/sandbox")).addSandbox,
};

const stop = new AbortController();
process.once("SIGINT", () => stop.abort(new Refusal("unavailable", "Stopped.")));
process.once("SIGTERM", () => stop.abort(new Refusal("unavailable", "Stopped.")));

// Whoever reads only the first lines (| head) has what they wanted.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));

/** Exit codes: 0 it is done; 1 it failed, and said why on standard error; 2 it was called wrongly. `proof` has a 3 of its own. */
async function main(words: readonly string[]): Promise<number> {
  const program = await createProgram(words);
  try {
    await program.parseAsync([...words], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const json = words.includes("--json");
    if (error instanceof CommanderError) return usage(error, json);
    const fault = faultFrom(error);
    process.stderr.write(`${fault.message}\n`);
    if (json) process.stdout.write(`${toJson({ error: fault }, 2)}\n`);
    return 1;
  } finally {
    await closePools();
  }
}

async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command("tieout")
    .description("Reconciles a SCAYLE store's sales with the ERP's ledger, line by line.")
    .option("--json", "print the result as JSON; amounts are integer texts in minor units")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Try --help after the command.")
    .exitOverride();
  const shellOf = (): Shell => createShell(program.opts()["json"] === true, stop.signal);
  // Help, and what is no command's name, is answered with all of them.
  const asked = words.find((word) => !word.startsWith("-")) ?? "";
  const wanted = Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS);
  for (const name of wanted) (await COMMANDS[name]?.())?.(program, shellOf);
  return program;
}

/** Help that was asked for is no fault; commander has printed it, and what was wrong, by now. */
function usage(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return 0;
  if (json) {
    const message = error.message.replace(/^error: /, "");
    process.stdout.write(`${toJson({ error: { code: "usage", message } }, 2)}\n`);
  }
  return 2;
}

function faultFrom(error: unknown): Readonly<{ code: string; message: string }> {
  if (error instanceof Refusal) return { code: error.code, message: error.message };
  if (error instanceof AggregateError || isConnectionFault(error)) {
    return { code: "unavailable", message: "The database can't be reached. Is its address right?" };
  }
  return { code: "failed", message: error instanceof Error ? error.message : String(error) };
}

// A function, not a constant: main runs before this line is reached.
function isConnectionFault(error: unknown): boolean {
  const codes = ["ECONNREFUSED", "ENOTFOUND", "57P01"];
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
