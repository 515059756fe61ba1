import { faultOf, type HttpFault } from "@/lib/connectors/fault";
import type { ErrorClass } from "./error-classes";

/** Faults that pass by themselves: only those are tried again without a person. */
const PASSING: ReadonlySet<ErrorClass> = new Set(["connection", "rate-limit"]);

/** Whether trying again may help though nobody changed anything. */
export const isPassing = (errorClass: ErrorClass): boolean => PASSING.has(errorClass);

/** The sort of fault of an answer that never became a payload. */
export function classOfFault({ kind, status }: HttpFault): ErrorClass {
  if (kind === "too-large" || status === 413) return "too-large";
  if (kind === "not-json" || kind === "unexpected") return "schema";
  if (kind === "refused") return "value";
  if (status === 401 || status === 403) return "permission";
  if (status === 429) return "rate-limit";
  if (status === 404 || status === 410) return "missing-reference";
  return kind === "status" && status !== null && status < 500 ? "value" : "connection";
}

/** SQLSTATE of what the database threw, or null when it threw something else. */
const stateOf = (error: unknown): string | null =>
  error instanceof Error && "code" in error && /^[0-9A-Z]{5}$/.test(String(error.code))
    ? String(error.code)
    : null;

/**
 * The sort of fault of something that was thrown while one record was stored or asked for; null where it is not this
 * record's: the database is away, or the program is wrong.
 */
export function classOfError(error: unknown): ErrorClass | null {
  const fault = faultOf(error);
  if (fault) return classOfFault(fault);
  const state = stateOf(error);
  if (state === null) return null;
  if (state === "23505") return "duplicate";
  if (state === "23503") return "missing-reference";
  if (state.startsWith("22") || state.startsWith("23")) return "value";
  return state.startsWith("54") ? "too-large" : null;
}

const MINUTE = 60_000;
/** After so many tries nobody tries any more by itself. */
export const TRIES_MOST = 8;

/** When a passing fault is tried again: after 2, 4, 8 … minutes, at most 4 hours; null after the last try. */
export const nextTry = (attempts: number, at: Date): Date | null =>
  attempts >= TRIES_MOST ? null : new Date(at.getTime() + Math.min(240, 2 ** (attempts + 1)) * MINUTE);
