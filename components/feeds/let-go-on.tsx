"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { letFeedGoOn } from "@/lib/sync/actions";

/** Lets a feed that is held be read by itself again. */
export function LetGoOn({ entityId, feedId }: Readonly<{ entityId: string; feedId: string }>) {
  const router = useRouter();
  const { run, pending } = useCommand(letFeedGoOn, {
    done: "It is read again within a minute.",
    onDone: () => router.refresh(),
  });
  return (
    <Button pending={pending} onClick={() => run({ entityId, feedId })}>
      Let it go on
    </Button>
  );
}
