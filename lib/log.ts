import { toPlain } from "@/lib/domain/json";

/** One line of JSON on stderr, for the people who run the service. Never a secret or a payload. */
function write(level: "info" | "error", message: string, details: Readonly<Record<string, unknown>>): void {
  const line = JSON.stringify({ level, at: new Date().toISOString(), message, ...details });
  process.stderr.write(`${line}\n`);
}

const causesOf = (error: unknown): unknown[] =>
  error instanceof Error && error.cause !== undefined ? [error.cause, ...causesOf(error.cause)] : [];

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

export const log = {
  info: (message: string, details: Readonly<Record<string, unknown>> = {}): void =>
    write("info", message, { details: toPlain(details) }),
  /** Something that must not happen did: the whole chain of causes goes to the log, none of it to the person. */
  defect: (message: string, error: unknown): void =>
    write("error", message, { error: stackOf(error), causes: causesOf(error).map(stackOf) }),
};
