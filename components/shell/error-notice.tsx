"use client";

import { Button } from "@/components/ui/button";

/** What happened, what it means for the figures, what to do. */
export function ErrorNotice({
  reference,
  onRetry,
}: Readonly<{ reference: string | undefined; onRetry: () => void }>) {
  return (
    <div role="alert" className="flex max-w-prose flex-col items-start gap-3">
      <h1 className="font-semibold text-xl">This page could not be shown</h1>
      <p>
        Something went wrong on our side while it was put together. No figure was changed by it. Try again; if
        it stays, tell whoever runs Tieout{reference ? ", with the reference below" : ""}.
      </p>
      {reference && <p className="font-mono text-sm text-soft">Reference {reference}</p>}
      <Button variant="primary" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
