"use client";

import { ShieldCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { verifyNow } from "@/lib/audit/actions";

/** Recomputes the chain that is shown. */
export function VerifyButton({ chain }: Readonly<{ chain: string }>) {
  const router = useRouter();
  const { run, pending } = useCommand(verifyNow, {
    done: ({ intact, events }) =>
      intact ? `The chain holds: ${Number(events).toLocaleString("en")} events.` : "The chain is broken.",
    onDone: () => router.refresh(),
  });
  return (
    <Button icon={<ShieldCheck aria-hidden size={14} />} pending={pending} onClick={() => run({ chain })}>
      {pending ? "Verifying…" : "Verify now"}
    </Button>
  );
}
