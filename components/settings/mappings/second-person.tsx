"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { chooseSecondPerson } from "@/lib/mappings/actions";
import { requestPath } from "../change/words";

/** Turns the second person on, or asks that one is enough. */
export function SecondPersonButton({ entityId, needed }: Readonly<{ entityId: string; needed: boolean }>) {
  const router = useRouter();
  const { run, pending } = useCommand(chooseSecondPerson, {
    done: ({ id }) => (id === null ? "From now on a second person approves." : "Asked for."),
    onDone: ({ id }) => (id === null ? router.refresh() : router.push(requestPath(entityId, id))),
  });
  return (
    <Button pending={pending} onClick={() => run({ entityId, needed: !needed })}>
      {needed ? "Ask that one person is enough…" : "Require a second person"}
    </Button>
  );
}
