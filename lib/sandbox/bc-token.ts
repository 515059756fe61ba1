import { createHmac, timingSafeEqual } from "node:crypto";
import { BC_CLIENT_ID, BC_CLIENT_SECRET } from "@/lib/sandbox/connections";
import type { Call, Reply } from "@/lib/sandbox/http";

const LIFETIME_SECONDS = 3_599;

const sign = (text: string) => createHmac("sha256", BC_CLIENT_SECRET).update(text).digest("base64url");

const oauthError = (status: number, error: string, description: string): Reply => ({
  status,
  body: { error, error_description: description },
});

/** The token endpoint (client credentials). Tokens carry their own expiry, so they outlive a restart. */
export function grantToken(call: Call, wallClock: () => number): Reply {
  if (call.method !== "POST")
    return oauthError(405, "invalid_request", "The token endpoint takes POST only.");
  const form = new URLSearchParams(call.body);
  if (form.get("grant_type") !== "client_credentials") {
    return oauthError(400, "unsupported_grant_type", "The grant type must be client_credentials.");
  }
  if (form.get("client_id") !== BC_CLIENT_ID || form.get("client_secret") !== BC_CLIENT_SECRET) {
    return oauthError(401, "invalid_client", "The client id or secret is not valid.");
  }
  const expiry = String(wallClock() + LIFETIME_SECONDS * 1_000);
  return {
    status: 200,
    body: {
      token_type: "Bearer",
      expires_in: LIFETIME_SECONDS,
      ext_expires_in: LIFETIME_SECONDS,
      access_token: `${expiry}.${sign(expiry)}`,
    },
  };
}

/** True for a bearer token that this sandbox granted and that has not run out. */
export function isTokenGood(authorization: string | undefined, wallClock: () => number): boolean {
  const [, expiry = "", signature = ""] = /^Bearer (\d+)\.(.+)$/i.exec(authorization ?? "") ?? [];
  const expected = Buffer.from(sign(expiry));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given) && Number(expiry) > wallClock();
}
