import { createTransport } from "nodemailer";
import { z } from "zod";
import { signatureOf } from "@/lib/webhooks/secrets";
import { type Letter, mailOf, type Telling, webhookBodyOf } from "./message";
import type { MailSettings, WebhookSettings } from "./schema";

/** What goes out of the machine for alerts; tests pass their own. */
export type Outbound = Readonly<{ fetch: typeof fetch; now: () => Date }>;

const TIMEOUT = 20_000;

/** The sealed part of a channel. */
export const MailSecret = z.object({ password: z.string() });
export const WebhookSecret = z.object({ key: z.string().regex(/^whsec_/) });

/** Why something could not be sent, in words without secrets; `final`: trying again is of no use. */
export class NotSent extends Error {
  readonly final: boolean;
  constructor(message: string, final = false) {
    super(message);
    this.name = "NotSent";
    this.final = final;
  }
}

/** Sends one e-mail through a mail server. Throws NotSent. */
export async function sendMail(
  { host, port, security, from, user }: MailSettings,
  password: string,
  to: string,
  letter: Letter,
): Promise<string> {
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(user === "" ? {} : { auth: { user, pass: password } }),
    connectionTimeout: TIMEOUT,
    greetingTimeout: TIMEOUT,
    socketTimeout: TIMEOUT,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { subject, text } = mailOf(letter);
    const sent = await transport.sendMail({
      from: { name: "Tieout", address: from },
      to,
      subject,
      text,
      date: letter.at,
      // The same with every attempt: whoever gets it twice can tell.
      messageId: `<${letter.id}@${from.split("@")[1] ?? "tieout"}>`,
      headers: { "Auto-Submitted": "auto-generated" },
    });
    return withoutSecrets(sent.response, [password, user]);
  } catch (error) {
    // Only the words: the error's other members hold the conversation with the server.
    const words = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && "responseCode" in error ? Number(error.responseCode) : 0;
    // 5xx is the server's last word on this message, but for the credentials, which a person may put right.
    throw new NotSent(withoutSecrets(words, [password]), code >= 550 && code < 560);
  } finally {
    transport.close();
  }
}

/** Calls a webhook, signed as Standard Webhooks has it. Follows no redirect. Throws NotSent. */
export async function callWebhook(
  { url }: WebhookSettings,
  key: string,
  telling: Telling,
  { fetch: fetchNow, now }: Outbound,
): Promise<string> {
  const body = webhookBodyOf(telling);
  const timestamp = Math.floor(now().getTime() / 1000).toString();
  let response: Response;
  try {
    response = await fetchNow(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "Tieout",
        "webhook-id": telling.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signatureOf({ id: telling.id, timestamp }, Buffer.from(body), key)}`,
      },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    await response.body?.cancel();
  } catch (error) {
    throw new NotSent(withoutSecrets(networkWords(error), [key]));
  }
  if (response.status >= 200 && response.status < 300) return `HTTP ${response.status}`;
  // 410 says that nobody wants these any more (Standard Webhooks).
  throw new NotSent(`The receiver answered HTTP ${response.status}.`, response.status === 410);
}

function networkWords(error: unknown): string {
  if (!(error instanceof Error)) return "The receiver could not be reached.";
  if (error.name === "TimeoutError") return `The receiver did not answer within ${TIMEOUT / 1000} s.`;
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
  return `The receiver could not be reached: ${code}.`;
}

/** A text without secrets, in clear or as they go over the wire. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret.length > 3)
    .flatMap((secret) => [secret, Buffer.from(secret).toString("base64")])
    .reduce((clean, secret) => clean.replaceAll(secret, "…"), text)
    .slice(0, 500);
