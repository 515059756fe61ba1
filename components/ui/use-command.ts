"use client";

import { useRouter } from "next/navigation";
import { useRef, useState, useTransition } from "react";
import { dismissToast, showToast } from "./toast-store";

/** What every server command answers. */
type Answer<Data> = Readonly<{
  data?: Data | undefined;
  serverError?: Readonly<{ code: string; message: string }> | undefined;
  validationErrors?:
    | Readonly<{
        formErrors: readonly string[];
        fieldErrors: Readonly<Record<string, readonly string[] | undefined>>;
      }>
    | undefined;
}>;

/** A command in a form or behind a button. */
export type Command<Input> = Readonly<{
  run: (input: Input) => void;
  pending: boolean;
  /** The sentence of the last refusal or defect; null once it is run again. */
  error: string | null;
  /** What is wrong with which field, as the server read it. */
  fieldErrors: Readonly<Record<string, string>>;
}>;

type Options<Data> = Readonly<{
  /** The sentence to say when it is done. */
  done?: string | ((data: Data) => string);
  onDone?: (data: Data) => void;
  /** Somebody else was first: the page is read again, so that what is behind the refusal is what stands now. */
  onConflict?: () => void;
}>;

/** Runs a server command: pending while it runs, its outcome said aloud, its refusal kept for the form to show. */
export function useCommand<Input, Data>(
  action: (input: Input) => Promise<Answer<Data>>,
  { done, onDone, onConflict }: Options<Data> = {},
): Command<Input> {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const [failure, setFailure] = useState<Readonly<{ error: string; fieldErrors: Record<string, string> }>>();
  const said = useRef<number | null>(null);
  const run = (input: Input) =>
    startTransition(async () => {
      setFailure(undefined);
      // What was refused is tried anew: its refusal stays beside no "Saved".
      if (said.current !== null) dismissToast(said.current);
      said.current = null;
      const answer = await answerOf(action, input);
      const failed = failureOf(answer);
      if (failed) {
        setFailure(failed);
        said.current = showToast({ tone: "broken", text: failed.error });
        if (answer.serverError?.code === "conflict") {
          onConflict?.();
          router.refresh();
        }
        return;
      }
      // A command that ran without failing has its data, if it gives any.
      const data = answer.data as Data;
      if (done) showToast({ tone: "agrees", text: typeof done === "string" ? done : done(data) });
      onDone?.(data);
    });
  return { run, pending, error: failure?.error ?? null, fieldErrors: failure?.fieldErrors ?? {} };
}

async function answerOf<Input, Data>(
  action: (input: Input) => Promise<Answer<Data>>,
  input: Input,
): Promise<Answer<Data>> {
  try {
    return await action(input);
  } catch {
    // The request itself did not come through: the server never answered in its own words.
    return {
      serverError: {
        code: "unavailable",
        message: "The server did not answer. Check the connection and try again.",
      },
    };
  }
}

function failureOf({ serverError, validationErrors }: Answer<unknown>) {
  if (serverError) return { error: serverError.message, fieldErrors: {} };
  if (!validationErrors) return null;
  const fieldErrors = Object.fromEntries(
    Object.entries(validationErrors.fieldErrors).flatMap(([name, texts]) =>
      texts?.[0] ? [[name, texts[0]]] : [],
    ),
  );
  const first = validationErrors.formErrors[0] ?? Object.values(fieldErrors)[0];
  return { error: first ?? "What was entered cannot be read.", fieldErrors };
}
