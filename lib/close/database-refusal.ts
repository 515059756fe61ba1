import { Refusal, type RefusalCode } from "@/lib/domain/faults";

// The codes with which the owner's functions refuse (prisma/migrations/0038_close).
const codes: Readonly<Record<string, RefusalCode>> = {
  TO403: "not-allowed",
  TO404: "not-found",
  TO409: "conflict",
};

/** What a function of the database refused, as a Refusal with its own sentence; every other error as it is. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const code = codes[error.code];
  return code === undefined ? error : new Refusal(code, error.message);
}
