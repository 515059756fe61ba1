import { z } from "zod";
import { faultOf } from "./fault";

/** An address that secrets may be sent to: https, or http within this machine or a private network. */
export const outboundUrl = z
  .url({ protocol: /^https?$/, error: "expected an address like https://…" })
  .refine((text) => !URL.canParse(text) || mayCarryCredentials(new URL(text)), {
    error: "expected https, because credentials are sent to it",
  })
  // What stands in an address is shown on pages and kept in the trail: no secret may.
  .refine((text) => !URL.canParse(text) || !hasCredentials(new URL(text)), {
    error: "expected an address without a user name and password in it",
  });

/** An address without the user name and password in it. */
export function withoutCredentials(text: string): string {
  const url = new URL(text);
  if (!hasCredentials(url)) return text;
  url.username = "";
  url.password = "";
  return url.href;
}

const hasCredentials = ({ username, password }: URL): boolean => username !== "" || password !== "";

/** Such an address as the root that paths are appended to. */
export const baseUrl = outboundUrl.transform((text) =>
  text
    .trim()
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, ""),
);

const PRIVATE =
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|[^.]+|.+\.(local|internal|localhost))$/;

/** Whether a host is this machine or one of a private network, as far as its name tells. */
export const isPrivateHost = (hostname: string): boolean => PRIVATE.test(hostname);

const mayCarryCredentials = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || isPrivateHost(hostname);

/**
 * Where an API really starts, when people gave only the beginning of its address: the first of `candidates` whose probe
 * isn't answered 404. Asks once; a single candidate is taken at its word.
 */
export function createRoot(
  candidates: readonly [string, ...string[]],
  probe: (root: string) => Promise<unknown>,
): () => Promise<string> {
  let found: Promise<string> | null = null;
  const search = async (): Promise<string> => {
    if (candidates.length === 1) return candidates[0];
    for (const candidate of candidates) {
      try {
        await probe(candidate);
        return candidate;
      } catch (error) {
        const fault = faultOf(error);
        if (fault?.status === 404 || fault?.kind === "not-json") continue;
        throw error;
      }
    }
    return candidates[0];
  };
  return () => {
    found ??= search().catch((error: unknown) => {
      found = null;
      throw error;
    });
    return found;
  };
}
