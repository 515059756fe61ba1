import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { Argument, type Command } from "commander";
import { Refusal } from "@/lib/domain/faults";
import { findProfile } from "@/lib/import/profile";
import { type ImportReport, importFile } from "@/lib/sync/import";
import { instant } from "./options";
import { fileNamed, printResult, type Shell } from "./shell";

type Options = Readonly<{ entity: string; profile?: string; exported?: Date }>;

/** tieout import */
export function addImport(program: Command, shellOf: () => Shell): void {
  program
    .command("import")
    .description("store a CSV file of sales or of ledger documents: the whole file or nothing")
    .addArgument(new Argument("<side>", "what is in it").choices(["sales", "ledger"]))
    .argument("<file>", "the CSV file")
    .requiredOption("--entity <code>", "whose books they are")
    .option("--profile <name>", "a profile: the path of its JSON file; left out: our own column names")
    .option(
      "--exported <time>",
      "when the other system wrote the file: it says all there was up to then, also where nothing in it is new",
      instant,
    )
    .action(async (side: "sales" | "ledger", name: string, options: Options) => {
      const shell = shellOf();
      const file = fileNamed(name);
      await requireFile(file, name);
      const profile = await findProfile(options.profile ?? null, side, (wanted) =>
        readFile(fileNamed(wanted), "utf8"),
      );
      const report = await importFile(
        {
          side,
          entityId: options.entity,
          fileName: path.basename(file),
          open: () => createReadStream(file, { highWaterMark: 256 * 1024 }),
          profile,
          exportedAt: options.exported,
        },
        { actorName: shell.actorName, actor: shell.actor, now: shell.now },
      );
      printResult(shell, report, () => words(report));
      if (report.state === "rejected") {
        shell.say(`${report.file} has ${report.errorCount} errors: nothing was stored.`);
        shell.fail();
      }
    });
}

async function requireFile(file: string, name: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (!found) throw new Refusal("not-found", `There is no file ${name}.`);
  if (!found.isFile()) throw new Refusal("invalid", `${name} is not a file.`);
}

function words(report: ImportReport): readonly string[] {
  if (report.state === "rejected") {
    return [
      ...report.errors.map(
        ({ row, column, found, expected }) =>
          `row ${row}${column === "" ? "" : `, ${column}`}: found ${found === "" ? "nothing" : found}, expected ${expected}`,
      ),
      ...(report.errorCount > report.errors.length
        ? [`and ${report.errorCount - report.errors.length} more`]
        : []),
    ];
  }
  if (report.state === "already-imported") {
    return [
      `${report.file} was imported before, with the same profile: nothing to do.`,
      ...(report.confirmedUntil
        ? [`Its source had nothing newer up to ${report.confirmedUntil.toISOString()}.`]
        : []),
    ];
  }
  return [
    `${report.file}: ${report.rows} rows, ${report.documents} documents: ${report.stored} stored, ${report.unchanged} unchanged.`,
    ...report.changed.map(
      (one) => `Posted document ${one.number} has other figures than before (version ${one.version}).`,
    ),
    "Next: tieout reconcile",
  ];
}
