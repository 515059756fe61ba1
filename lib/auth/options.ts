import "server-only";
import type { AuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { sessionSecret } from "@/lib/env";
import { log } from "@/lib/log";
import { signInWith } from "./sign-in";

const Given = z.object({ email: z.string().min(1).max(320), password: z.string().min(1).max(1024) });

/** What a session token carries, and nothing more: who, and which generation of their sessions. */
const Token = z.object({ userId: z.string(), tokenVersion: z.number().int() });

/** A session as this application reads it. */
export type SessionIdentity = z.infer<typeof Token>;

const HOURS_12 = 12 * 60 * 60;

/** next-auth as it is used here: e-mail and password; the token names the user, the database says what they may. */
export const authOptions = (): AuthOptions => ({
  secret: sessionSecret(),
  session: { strategy: "jwt", maxAge: HOURS_12 },
  pages: { signIn: "/sign-in", error: "/sign-in" },
  logger: {
    error: (code, metadata) => log.defect(`next-auth: ${code}`, metadata instanceof Error ? metadata : code),
    warn: () => undefined,
    debug: () => undefined,
  },
  providers: [
    Credentials({
      name: "E-mail and password",
      credentials: { email: { type: "email" }, password: { type: "password" } },
      async authorize(credentials) {
        const given = Given.safeParse(credentials);
        return given.success ? signInWith(given.data.email, given.data.password) : null;
      },
    }),
  ],
  callbacks: {
    jwt: ({ token, user }) => {
      if (!user) return token;
      // Name and e-mail stay out of the token: they are read from the database with each request.
      return { userId: user.id, tokenVersion: "tokenVersion" in user ? user.tokenVersion : -1 };
    },
    session: ({ session, token }) => ({ expires: session.expires, ...Token.parse(token) }),
  },
});

/** Reads what `getServerSession` gives; null when it is no session of ours. */
export function identityOf(session: unknown): SessionIdentity | null {
  const token = Token.safeParse(session);
  return token.success ? token.data : null;
}
