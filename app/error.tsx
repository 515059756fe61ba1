"use client";

import { ErrorNotice } from "@/components/shell/error-notice";

/** A page outside the console that could not be made. */
export default function RootError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <main className="mx-auto max-w-xl p-6 pt-24">
      <ErrorNotice reference={error.digest} onRetry={reset} />
    </main>
  );
}
