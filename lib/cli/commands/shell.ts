import os from "node:os";
import path from "node:path";
import type { AuditActor } from "@/lib/audit/event";
import { toJson } from "@/lib/domain/json";
import { environment } from "@/lib/env";

/** What a command has of the world: where to write, whether as JSON, who types, and the wish to stop. */
export type Shell = Readonly<{
  json: boolean;
  /** a line on standard output */
  print(line: string): void;
  /** a line on standard error: progress and problems */
  say(line: string): void;
  actor: AuditActor;
  actorName: string;
  now: () => Date;
  signal: AbortSignal;
  /** the command did not succeed, though it has said what it found: exit code 1, or another that it documents */
  fail(code?: number): void;
}>;

/** The shell of this process; `json` is what the command line asked for. */
export function createShell(json: boolean, signal: AbortSignal): Shell {
  const user = userName();
  return {
    json,
    print: (line) => process.stdout.write(`${line}\n`),
    say: (line) => process.stderr.write(`${line}\n`),
    actor: { kind: "command-line", id: user, name: user },
    actorName: `${user} (command line)`,
    now: () => new Date(),
    signal,
    fail: (code = 1) => {
      process.exitCode = code;
    },
  };
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // A container may run as a number without a name.
    return "command line";
  }
}

/** Prints a result: as JSON by the one codec, or in words. */
export function printResult(shell: Shell, result: unknown, words: () => readonly string[]): void {
  if (shell.json) shell.print(toJson(result, 2));
  else for (const line of words()) shell.print(line);
}

/** Rows as aligned columns under a heading; `right` are the columns that are flush right. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): readonly string[] {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

/** A file name as the person typed it, seen from where they are. */
export const fileNamed = (name: string): string =>
  path.resolve(environment().INIT_CWD ?? process.cwd(), name);
