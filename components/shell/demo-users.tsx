"use client";

import { ArrowRight, LoaderCircle } from "lucide-react";
import { Message } from "@/components/ui/message";
import type { DemoChoice } from "@/lib/auth/loaders";
import { useSignIn } from "./use-sign-in";

// Known to everybody, which is why the console listens on this machine only while demo users exist.
const DEMO_PASSWORD = "tieout-demo";

/** The people of the sandbox, one click each; they go when a real system is connected. */
export function DemoUsers({ users, next }: Readonly<{ users: readonly DemoChoice[]; next: string }>) {
  const { start, pending, error } = useSignIn(next);
  return (
    <section aria-labelledby="demo-users" className="flex flex-col gap-3">
      <div>
        <h2 id="demo-users" className="font-semibold text-base">
          Or look around as one of the sandbox's people
        </h2>
        <p className="text-sm text-soft">
          The figures are the sandbox's. These users go once a real system is connected.
        </p>
      </div>
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
      <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
        {users.map(({ email, name, role, does }) => (
          <li key={email}>
            <button
              type="button"
              disabled={pending !== null}
              onClick={() => start(email, DEMO_PASSWORD)}
              className="fade flex w-full items-center gap-3 px-4 py-2.5 text-left hover:bg-hover disabled:cursor-wait -outline-offset-2"
            >
              <span className="min-w-0 flex-1">
                <span className="flex flex-wrap items-baseline gap-x-2">
                  <span className="font-medium">{role}</span>
                  <span className="text-sm text-soft">{name}</span>
                </span>
                <span className="block text-sm text-soft">{does}</span>
              </span>
              {pending === email ? (
                <LoaderCircle aria-hidden size={16} className="animate-spin text-soft" />
              ) : (
                <ArrowRight aria-hidden size={16} className="text-soft" />
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
