"use client";

import { useRouter } from "next/navigation";
import { useCommand } from "@/components/ui/use-command";
import { decideOnOwners } from "@/lib/ownership/actions";
import type { OwnerRequestView } from "@/lib/ownership/request-view";
import { DecideForm } from "../decide-form";

/** Approves, rejects or withdraws a request to change who owns what. */
export function DecideOwners({ request }: Readonly<{ request: OwnerRequestView }>) {
  const { id, version } = request;
  const router = useRouter();
  // Where the preview no longer holds, the page is read again with the new one.
  const command = useCommand(decideOnOwners, {
    done: ({ state, moved }) => {
      if (state === "rejected") return "Rejected.";
      if (state === "withdrawn") return "Withdrawn.";
      return moved > 0
        ? `Made. ${moved.toLocaleString("en")} open ${moved === 1 ? "exception" : "exceptions"} went along.`
        : "Made. It counts for what is found from now on.";
    },
    onDone: () => router.refresh(),
  });
  return (
    <DecideForm
      barred={request.barred}
      may={request.may}
      command={command}
      onDecide={(decision, why) => command.run({ id, version, decision, why })}
    />
  );
}
