import { describe, expect, it } from "vitest";
import { createHttpClient } from "./http";
import { withOauth } from "./oauth";

const OAUTH = {
  tokenUrl: "https://login.example/token",
  clientId: "tieout",
  clientSecret: "very-secret",
  scope: "https://erp.example/.default",
};

/** A login that gives out token-1, token-2, …, and an ERP that takes those that `isValid` says. */
function system(isValid: (token: string) => boolean, life = 3600) {
  let time = Date.parse("2026-11-01T00:00:00Z");
  let given = 0;
  const asked: string[] = [];
  const forms: string[] = [];
  const http = createHttpClient({
    fetch: async (url, init) => {
      if (String(url) === OAUTH.tokenUrl) {
        given += 1;
        forms.push(String(init?.body));
        return Response.json({ access_token: `token-${given}`, expires_in: life, token_type: "Bearer" });
      }
      const token = new Headers(init?.headers).get("authorization")?.replace("Bearer ", "") ?? "";
      asked.push(token);
      return isValid(token)
        ? Response.json({})
        : Response.json({ error: { code: "Unauthorized" } }, { status: 401 });
    },
    now: () => new Date(time),
    sleep: async () => undefined,
    random: () => 0,
  });
  const signed = withOauth(http, OAUTH);
  const ask = () =>
    signed.send({ url: "https://erp.example/x", scope: "erp", signal: new AbortController().signal });
  return { ask, asked, forms, tokens: () => given, wait: (seconds: number) => (time += seconds * 1000) };
}

describe("a token", () => {
  it("is asked for once with the client's credentials, and shared by all who wait", async () => {
    const { ask, tokens, forms } = system(() => true);
    await Promise.all([ask(), ask(), ask()]);
    await ask();
    expect(tokens()).toBe(1);
    expect(Object.fromEntries(new URLSearchParams(forms[0]))).toEqual({
      grant_type: "client_credentials",
      client_id: "tieout",
      client_secret: "very-secret",
      scope: "https://erp.example/.default",
    });
  });

  it("is renewed a minute before it ends", async () => {
    const { ask, tokens, wait } = system(() => true);
    await ask();
    wait(3530);
    await ask();
    expect(tokens()).toBe(1);
    wait(20);
    await Promise.all([ask(), ask()]);
    expect(tokens()).toBe(2);
  });

  it("is renewed once when it is refused, for everyone who used it", async () => {
    const { ask, asked, tokens } = system((token) => token !== "token-1");
    await Promise.all([ask(), ask()]);
    expect(tokens()).toBe(2);
    expect(asked).toEqual(["token-1", "token-1", "token-2", "token-2"]);
  });

  it("that is refused twice is not asked for again", async () => {
    const { ask, asked } = system(() => false);
    await expect(ask()).rejects.toThrow("401");
    expect(asked.length).toBe(2);
  });
});
