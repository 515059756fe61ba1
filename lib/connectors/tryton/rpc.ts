import type { Io } from "../contract";
import { addressOf, faultOf, type HttpFault, httpRefusal, unexpectedAnswer } from "../fault";
import type { HttpAnswer } from "../http";
import type { TrytonSecret, TrytonSettings } from "./settings";
import { answerWire, loginWire, preferencesWire, WIRE } from "./wire";

export type Called = Readonly<{ result: unknown; answer: HttpAnswer }>;

/** Calls to one database of a Tryton, as one user, in one company. */
export type Rpc = Readonly<{
  /** Calls a method of a model; the context goes along as its last argument. */
  call(method: string, params: readonly unknown[]): Promise<Called>;
  /** The same for a method that changes something: sent once. Tryton undoes the whole of a call that ends with an error. */
  change(method: string, params: readonly unknown[]): Promise<Called>;
  /** The company in which everything is asked. Throws Refusal when neither the settings nor the user name one. */
  company(): Promise<number>;
}>;

type Session = Readonly<{ authorization: string; company: number | null }>;

/**
 * Signs in once for all calls, and once more when a session has ended. A password that was refused is not tried again:
 * Tryton locks a user out after five wrong ones, for everybody.
 */
export function createRpc(settings: TrytonSettings, secret: TrytonSecret, io: Io): Rpc {
  const url = `${settings.baseUrl}/${settings.database}/`;
  let session: Promise<Session> | null = null;
  let refused: unknown = null;
  let count = 0;

  async function post(
    method: string,
    params: readonly unknown[],
    authorization?: string,
    once = false,
  ): Promise<Called> {
    count += 1;
    const answer = await io.http.send({
      url,
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization && { authorization }) },
      // Exactly these three: trytond turns anything else away.
      body: JSON.stringify({ id: count, method, params }),
      scope: WIRE.scope,
      signal: io.signal,
      secrets: [secret.password],
      // A login is asked once: each wrong one counts, and a lock-out only grows by asking again.
      ...(method === WIRE.methods.login && { attemptsMax: 1 }),
      once,
    });
    const parsed = answerWire.safeParse(answer.body);
    if (!parsed.success) throw unexpectedAnswer(answer.address, "It holds neither a result nor an error.");
    if ("error" in parsed.data) throw rpcRefusal(answer, parsed.data.error);
    return { result: parsed.data.result, answer };
  }

  async function signIn(): Promise<Session> {
    const { result, answer } = await post(WIRE.methods.login, [
      settings.user,
      { password: secret.password },
      WIRE.language,
    ]);
    const parsed = loginWire.safeParse(result);
    if (!parsed.success) throw unexpectedAnswer(answer.address, "Its login gives no session.");
    const [userId, key] = parsed.data;
    const authorization = `Session ${Buffer.from(`${settings.user}:${userId}:${key}`).toString("base64")}`;
    const preferences = await post(WIRE.methods.preferences, [true, {}], authorization);
    const { company = null } = preferencesWire.safeParse(preferences.result).data ?? {};
    return {
      authorization,
      company: settings.companyId === undefined ? company : Number(settings.companyId),
    };
  }

  function sessionThat(isGood: (one: Promise<Session>) => boolean): Promise<Session> {
    if (refused !== null) return Promise.reject(refused);
    if (session && isGood(session)) return session;
    const fresh = signIn();
    session = fresh;
    fresh.catch((error: unknown) => {
      if (session === fresh) session = null;
      if (isRefusedLogin(error)) refused = error;
    });
    return fresh;
  }

  const contextOf = ({ company }: Session) => ({
    language: WIRE.language,
    ...(company !== null && { company }),
  });

  // A session that has ended, or isn't fresh enough to post, is turned away before anything is done.
  async function signed(method: string, params: readonly unknown[], once: boolean): Promise<Called> {
    const asked = sessionThat(() => true);
    const now = await asked;
    try {
      return await post(method, [...params, contextOf(now)], now.authorization, once);
    } catch (error) {
      if (faultOf(error)?.status !== 401) throw error;
    }
    const next = await sessionThat((one) => one !== asked);
    return post(method, [...params, contextOf(next)], next.authorization, once);
  }

  return {
    call: (method, params) => signed(method, params, false),
    change: (method, params) => signed(method, params, true),
    async company() {
      const { company } = await sessionThat(() => true);
      if (company !== null) return company;
      throw unexpectedAnswer(url, `The user ${settings.user} works in no company; name its id.`);
    },
  };
}

const isRefusedLogin = (error: unknown): boolean => [401, 403, 429].includes(faultOf(error)?.status ?? 0);

const NOT_ALLOWED = /not allowed|access denied|no access/i;

/**
 * An error that came with status 200: what the user may not do is a matter of permission; an error of a class of Tryton's
 * own (UserError, UserWarning …) is its refusal; the rest is a defect, of which nobody knows what it means.
 */
function rpcRefusal(answer: HttpAnswer, error: readonly unknown[]) {
  const { sourceKey, sourceMessage } = errorWords(error);
  const fault: HttpFault = {
    kind: "refused",
    status: null,
    address: addressOf(answer.address),
    sourceKey,
    sourceMessage,
    attempts: 1,
  };
  if (NOT_ALLOWED.test(sourceMessage)) return httpRefusal({ ...fault, kind: "status", status: 403 });
  if (sourceKey !== null) return httpRefusal(fault);
  return httpRefusal({ ...fault, kind: "unexpected", sourceMessage: `It says: ${sourceMessage}` });
}

/** `["UserError", ["words", "more words", domain]]`, or `["words", traceback]` for a defect of its own. */
function errorWords([first, second]: readonly unknown[]): {
  sourceKey: string | null;
  sourceMessage: string;
} {
  const parts = Array.isArray(second) ? second : [first];
  const said = parts.filter((part): part is string => typeof part === "string" && part.trim() !== "");
  return {
    sourceKey: Array.isArray(second) && typeof first === "string" ? first : null,
    sourceMessage: said.slice(0, 2).join(" ").slice(0, 300) || "no words",
  };
}
