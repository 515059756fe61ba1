import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** The header that carries the secret of a SCAYLE subscription (`customHeaders`). */
export const SECRET_HEADER = "x-tieout-secret";

/** After a rotation the secret before it is taken for so long, so that no delivery is lost meanwhile. */
export const OVERLAP_HOURS = 24;

const one = z.object({ password: z.string(), header: z.string() });

/** What a SCAYLE subscription calls with. */
export const ScayleSecrets = z.object({ now: one, before: one.nullable() });
/** Keys of Standard Webhooks, base64 behind `whsec_`. */
export const StandardSecrets = z.object({ now: z.string(), before: z.string().nullable() });

export const newScayleSecret = (): z.infer<typeof one> => ({
  password: randomBytes(24).toString("base64url"),
  header: randomBytes(24).toString("base64url"),
});
export const newStandardKey = (): string => `whsec_${randomBytes(32).toString("base64")}`;

/** Whether two texts are equal, in a time that says nothing about where they differ, or how long either is. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** User and password of a Basic `Authorization` header; null where it is none. */
export function basicOf(header: string | null): Readonly<{ user: string; password: string }> | null {
  const encoded = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A message may be this much older or newer than our clock. */
const WINDOW_SECONDS = 300;

export type Signed = Readonly<{ id: string | null; timestamp: string | null; signature: string | null }>;

/** The base64 of HMAC-SHA256 over `id.timestamp.body`, as Standard Webhooks signs. */
export const signatureOf = (
  { id, timestamp }: Readonly<{ id: string; timestamp: string }>,
  body: Buffer,
  key: string,
): string =>
  createHmac("sha256", Buffer.from(key.replace(/^whsec_/, ""), "base64"))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest("base64");

/**
 * Checks a message as Standard Webhooks has it (standardwebhooks.com, specification 1.0): `v1,` and the base64 of
 * HMAC-SHA256 over `id.timestamp.body`, any of several signatures, with any of our keys; the timestamp within five minutes.
 * Answers null where it holds, else what doesn't.
 */
export function signatureFault(
  { id, timestamp, signature }: Signed,
  body: Buffer,
  keys: readonly string[],
  now: Date,
): string | null {
  if (id === null || timestamp === null || signature === null)
    return "The headers webhook-id, webhook-timestamp and webhook-signature are needed.";
  if (!/^\d{1,12}$/.test(timestamp)) return "webhook-timestamp is not in seconds since 1970.";
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > WINDOW_SECONDS)
    return "webhook-timestamp is more than five minutes away from our clock.";
  const given = signature.split(" ").flatMap((part) => (part.startsWith("v1,") ? [part.slice(3)] : []));
  const expected = keys.map((key) => signatureOf({ id, timestamp }, body, key));
  // Every pair is compared, whatever the one before said.
  const matches = given.flatMap((mine) => expected.map((theirs) => isSame(mine, theirs)));
  return matches.includes(true) ? null : "webhook-signature is none that one of our keys gives.";
}
