import { z } from "zod";
import { faultOf, unexpectedAnswer } from "./fault";
import type { HttpAnswer, HttpClient, HttpRequest } from "./http";

/** An OAuth 2.0 client that speaks for itself (client credentials). */
export type OauthClient = Readonly<{
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope: string;
}>;

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).optional(),
});

type Token = Readonly<{ value: string; staleAt: number }>;

const HEADROOM_MILLISECONDS = 60_000;
const DEFAULT_LIFE_SECONDS = 300;

/**
 * A client that signs every request with a token of `oauth`: fetched once for all who wait, renewed a minute before it
 * ends, and once more when a request is answered 401. A second 401 stands. A write too is sent again after a 401: whoever
 * is not let in has changed nothing.
 */
export function withOauth(http: HttpClient, oauth: OauthClient): HttpClient {
  let pending: Promise<Token> | null = null;

  /** The token at hand if it will do, else a new one; callers who find the same token wanting share its successor. */
  async function tokenThat(isGood: (token: Token) => boolean, request: HttpRequest): Promise<Token> {
    const seen = pending;
    const token = await seen;
    if (token && isGood(token)) return token;
    return pending !== null && pending !== seen ? pending : renew(request);
  }

  function renew(request: HttpRequest): Promise<Token> {
    const fetching = fetchToken(http, oauth, request);
    pending = fetching;
    fetching.catch(() => {
      if (pending === fetching) pending = null;
    });
    return fetching;
  }

  const signed = (request: HttpRequest, token: Token): Promise<HttpAnswer> =>
    http.send({ ...request, headers: { ...request.headers, authorization: `Bearer ${token.value}` } });

  return {
    now: http.now,
    async send(request) {
      const token = await tokenThat(({ staleAt }) => http.now().getTime() < staleAt, request);
      try {
        return await signed(request, token);
      } catch (error) {
        if (faultOf(error)?.status !== 401) throw error;
      }
      return signed(request, await tokenThat(({ value }) => value !== token.value, request));
    },
  };
}

async function fetchToken(http: HttpClient, oauth: OauthClient, request: HttpRequest): Promise<Token> {
  const answer = await http.send({
    url: oauth.tokenUrl,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: oauth.clientId,
      client_secret: oauth.clientSecret,
      scope: oauth.scope,
    }).toString(),
    scope: "token",
    signal: request.signal,
    secrets: [oauth.clientSecret],
    ...(request.attemptsMax === undefined ? {} : { attemptsMax: request.attemptsMax }),
  });
  const parsed = tokenAnswer.safeParse(answer.body);
  if (!parsed.success) throw unexpectedAnswer(oauth.tokenUrl, "Its answer holds no access_token.");
  const life = (parsed.data.expires_in ?? DEFAULT_LIFE_SECONDS) * 1000;
  // Half of a short life is left as headroom, so that a token of a minute isn't stale at birth.
  return {
    value: parsed.data.access_token,
    staleAt: http.now().getTime() + life - Math.min(HEADROOM_MILLISECONDS, life / 2),
  };
}
