"use client";

import { ErrorNotice } from "@/components/shell/error-notice";

/** A page of the console that could not be made; the frame around it stands. */
export default function ConsoleError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <main id="content" className="p-6">
      <ErrorNotice reference={error.digest} onRetry={reset} />
    </main>
  );
}
