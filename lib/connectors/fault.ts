import { Refusal, type RefusalCode } from "@/lib/domain/faults";
import { objectOf } from "@/lib/domain/json";

/** What went wrong between us and a source, without secrets: no query, no header, no body of ours. */
export type HttpFault = Readonly<{
  /** refused: it answered in full that it does not do what it was asked, and did nothing of it */
  kind: "network" | "timeout" | "status" | "redirect" | "too-large" | "not-json" | "unexpected" | "refused";
  /** null where no answer came */
  status: number | null;
  /** origin and path */
  address: string;
  /** the source's own error key and words, shortened */
  sourceKey: string | null;
  sourceMessage: string | null;
  attempts: number;
}>;

const codeOf = ({ status }: HttpFault): RefusalCode => (status === 404 ? "not-found" : "unavailable");

/** A refusal that carries the fault; its message says what happened and what to do. */
export function httpRefusal(fault: HttpFault): Refusal & Readonly<{ fault: HttpFault }> {
  return Object.assign(new Refusal(codeOf(fault), wordsOf(fault)), { fault });
}

/** The fault behind a refusal, or null when the error is something else. */
export function faultOf(error: unknown): HttpFault | null {
  return error instanceof Refusal && "fault" in error ? (error.fault as HttpFault) : null;
}

/** An answer that arrived and cannot be what was asked for. `problem` says what, without payload. */
export function unexpectedAnswer(address: string, problem: string): Refusal {
  return httpRefusal({
    kind: "unexpected",
    status: null,
    address: addressOf(address),
    sourceKey: null,
    sourceMessage: problem,
    attempts: 1,
  });
}

/** What a source has turned out not to offer: asking again helps only once somebody has changed something there. */
export class NotOffered extends Refusal {
  constructor(message: string) {
    super("unavailable", message);
  }
}

/** Origin and path of a URL: what may be shown. */
export function addressOf(url: string): string {
  try {
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname}`;
  } catch {
    return "(not an address)";
  }
}

/** The source's own words out of an error body: SCAYLE's `errors`, OData's `error`, OAuth's `error_description`. */
export function sourceErrorOf(
  body: unknown,
): Readonly<{ sourceKey: string | null; sourceMessage: string | null }> {
  const record = objectOf(body);
  const listed = Array.isArray(record["errors"]) ? objectOf(record["errors"][0]) : null;
  if (listed) return { sourceKey: textOf(listed["errorKey"]), sourceMessage: textOf(listed["message"]) };
  if (typeof record["error"] === "string")
    return { sourceKey: textOf(record["error"]), sourceMessage: textOf(record["error_description"]) };
  const error = objectOf(record["error"]);
  return { sourceKey: textOf(error["code"]), sourceMessage: textOf(error["message"]) };
}

function wordsOf(fault: HttpFault): string {
  const said = [fault.sourceKey, fault.sourceMessage].filter((one) => one !== null).join(": ");
  const tries = fault.attempts > 1 ? ` after ${fault.attempts} attempts` : "";
  const quoted = said === "" ? "" : ` It says: ${said.replace(/\.?$/, ".")}`;
  switch (fault.kind) {
    case "network":
      return `${fault.address} could not be reached${tries}. Check the address, and that it can be reached from here.${quoted}`;
    case "timeout":
      return `${fault.address} did not answer in time${tries}. Try again later.`;
    case "redirect":
      return `${fault.address} answered with a redirect (${fault.status}), which is not followed because it would carry the credentials along. Check the base URL.`;
    case "too-large":
      return `${fault.address} answered with more data than is accepted in one page. Use a smaller page.`;
    case "not-json":
      return `${fault.address} answered with something that is not JSON. Check the base URL.`;
    case "refused":
      return `${fault.address} did not do it.${quoted}`;
    case "unexpected":
      return `${fault.address} answered in a way that is not understood. ${fault.sourceMessage ?? ""}`.trim();
    case "status":
      return `${fault.address} answered ${fault.status}${tries}. ${adviceFor(fault.status)}${quoted}`;
  }
}

function adviceFor(status: number | null): string {
  if (status === 401) return "The credentials were not accepted: check them.";
  if (status === 403) return "The credentials may not do this: check their permissions.";
  if (status === 404) return "There is nothing at this address: check the base URL and the ids in it.";
  if (status === 429) return "Its rate limit is used up: try again later.";
  if (status !== null && status >= 500) return "The system has a problem of its own: try again later.";
  return "The request was not accepted.";
}

const LENGTH_MAX = 300;
const textOf = (value: unknown): string | null =>
  typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, LENGTH_MAX) : null;
