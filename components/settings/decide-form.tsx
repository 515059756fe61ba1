"use client";

import { Check } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";

export type RequestDecision = "approve" | "reject" | "withdraw";

/** Approves, rejects or withdraws a request, with what is said to it. */
export function DecideForm({
  barred,
  may,
  command: { pending, error, fieldErrors },
  onDecide,
}: Readonly<{
  /** why the reader may not approve it; null where they may */
  barred: string | null;
  may: Readonly<{ reject: boolean; withdraw: boolean }>;
  command: Readonly<{
    pending: boolean;
    error: string | null;
    fieldErrors: Readonly<Record<string, string>>;
  }>;
  onDecide: (decision: RequestDecision, why: string) => void;
}>) {
  const [why, setWhy] = useState("");
  return (
    <div className="flex flex-col gap-3">
      {barred && <Message title={barred} />}
      {(barred === null || may.reject || may.withdraw) && (
        <TextField
          label={may.reject ? "Why (needed to reject)" : "Why (not needed)"}
          error={fieldErrors["why"]}
          value={why}
          maxLength={1000}
          className="max-w-xl"
          onChange={(event) => setWhy(event.target.value)}
        />
      )}
      <div className="flex flex-wrap gap-2">
        {barred === null && (
          <Button
            variant="primary"
            icon={<Check aria-hidden size={14} />}
            pending={pending}
            onClick={() => onDecide("approve", why)}
          >
            Approve
          </Button>
        )}
        {may.reject && (
          <Button variant="danger" pending={pending} onClick={() => onDecide("reject", why)}>
            Reject
          </Button>
        )}
        {may.withdraw && (
          <Button pending={pending} onClick={() => onDecide("withdraw", why)}>
            Withdraw
          </Button>
        )}
      </div>
      {error && Object.keys(fieldErrors).length === 0 && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
    </div>
  );
}
