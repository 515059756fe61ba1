"use client";

import { signIn } from "next-auth/react";
import { useState } from "react";

const REFUSED =
  "E-mail or password is not right, or the account rests for a while after too many tries. Check both, or try again in 15 minutes.";
const UNREACHABLE = "The server did not answer. Check the connection and try again.";

/** Signs in and goes on to `next`. One sentence for every refusal, so that it does not tell who has an account. */
export function useSignIn(next: string) {
  const [pending, setPending] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const start = async (email: string, password: string) => {
    setPending(email);
    setError(null);
    const failure = await attempt(email, password);
    if (failure === null) {
      // A full load, so that every part of the page is made for the person who is now signed in.
      window.location.assign(next);
      return;
    }
    setError(failure);
    setPending(null);
  };
  return { start, pending, error };
}

async function attempt(email: string, password: string): Promise<string | null> {
  try {
    const answer = await signIn("credentials", { email, password, redirect: false });
    return answer?.ok && !answer.error ? null : REFUSED;
  } catch {
    return UNREACHABLE;
  }
}
