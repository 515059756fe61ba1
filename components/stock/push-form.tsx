"use client";

import { Send } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type ReactNode, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { startMany } from "@/lib/resolutions/actions";
import type { StartBatch } from "@/lib/resolutions/schema";
import { PushDialog } from "./push-dialog";

const RESOLUTION = "push-stock";

/**
 * A list of items that drift, of which the chosen or all are pushed; leads to where the progress is seen, and can be stopped.
 * `leftOut` drift as well, and SCAYLE would ignore a push of them.
 */
export function PushForm({
  entityId,
  pushable,
  leftOut,
  children,
}: Readonly<{ entityId: string; pushable: number; leftOut: number; children: ReactNode }>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [chosen, setChosen] = useState(0);
  const { run, pending, error } = useCommand(startMany, {
    done: ({ count }) =>
      count === 1 ? "1 is pushed." : `${count.toLocaleString("en")} are pushed, one after the other.`,
    onDone: ({ batchId }) => router.push(`/exceptions/resolutions/${batchId}` as Route),
  });
  const [asked, setAsked] = useState<StartBatch | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const ask = (selection: StartBatch["selection"], button: HTMLElement) => {
    opener.current = button;
    setAsked({ entityId, code: RESOLUTION, selection });
  };
  const idsOf = (): string[] => (form.current ? new FormData(form.current).getAll("chosen").map(String) : []);
  return (
    <form ref={form} onChange={() => setChosen(idsOf().length)} aria-label="Push the ERP’s stock">
      {pushable > 0 && (
        <div className="flex flex-wrap items-center gap-2 border-line border-b px-3 py-2">
          <Button
            variant="primary"
            icon={<Send aria-hidden size={14} />}
            disabled={chosen === 0}
            onClick={(event) => ask({ by: "exceptions", ids: idsOf() }, event.currentTarget)}
          >
            {chosen === 0 ? "Push the chosen…" : `Push the ${chosen.toLocaleString("en")} chosen…`}
          </Button>
          <Button
            onClick={(event) =>
              ask({ by: "exceptions-matching", filter: { cause: "stock-drift" } }, event.currentTarget)
            }
          >
            Push all {pushable.toLocaleString("en")} that drift…
          </Button>
          <p className="text-sm text-soft">
            Each is stamped with the time of the ERP’s snapshot, sent within SCAYLE’s limits and read back.
          </p>
        </div>
      )}
      {leftOut > 0 && (
        <p className="border-line border-b px-3 py-2 text-sm text-soft">
          {leftOut === 1 ? "1 more drifts and is" : `${leftOut.toLocaleString("en")} more drift and are`} left
          out of pushes: SCAYLE goes by an update that is stamped with a time to come, and ignores all others
          until then. The time stands beside each.
        </p>
      )}
      {children}
      {asked && (
        <PushDialog
          input={asked}
          pending={pending}
          error={error}
          onPush={() => run(asked)}
          onClose={() => {
            setAsked(null);
            opener.current?.focus();
          }}
        />
      )}
    </form>
  );
}
