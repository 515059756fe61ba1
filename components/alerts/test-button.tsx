"use client";

import { Send } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { deliverAgain, testChannel } from "@/lib/alerts/actions";

/** It goes out in the background: what came of it is in the list a moment later. */
const LOOK_AGAIN = [1500, 4000, 9000, 20_000];

/** Sends a test through a channel. */
export function TestButton({ channel, label }: Readonly<{ channel: "email" | "webhook"; label: string }>) {
  const router = useRouter();
  const { run, pending } = useCommand(testChannel, {
    done: "It is on its way; the list of deliveries says what came of it.",
    onDone: () => {
      for (const wait of LOOK_AGAIN) setTimeout(() => router.refresh(), wait);
    },
  });
  return (
    <Button icon={<Send aria-hidden size={14} />} pending={pending} onClick={() => run({ channel })}>
      {label}
    </Button>
  );
}

/** Sends again what could not be sent. */
export function SendAgainButton({ id, to }: Readonly<{ id: string; to: string }>) {
  const router = useRouter();
  const { run, pending } = useCommand(deliverAgain, {
    done: "It is on its way once more.",
    onDone: () => {
      for (const wait of LOOK_AGAIN) setTimeout(() => router.refresh(), wait);
    },
  });
  return (
    <Button pending={pending} aria-label={`Send again to ${to}`} onClick={() => run({ id })}>
      Send again
    </Button>
  );
}
