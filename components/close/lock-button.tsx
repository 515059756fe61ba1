"use client";

import { Lock } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useCommand } from "@/components/ui/use-command";
import { lock } from "@/lib/close/actions";
import type { OpenWork } from "@/lib/close/open-work";
import { OpenWorkList } from "./open-work-list";

/** Closes the month that the page shows, after it has said once more what is locked and what is open. */
export function LockButton({
  entityId,
  month,
  name,
  version,
  figures,
  work,
}: Readonly<{
  entityId: string;
  month: string;
  /** the month in words */
  name: string;
  version: number;
  /** what both sides come to, a sentence per currency */
  figures: readonly string[];
  work: OpenWork;
}>) {
  const router = useRouter();
  const opener = useRef<HTMLButtonElement>(null);
  const [asks, setAsks] = useState(false);
  const leave = () => {
    setAsks(false);
    opener.current?.focus();
  };
  const command = useCommand(lock, {
    done: ({ lines }) => `Closed: ${lines.toLocaleString("en")} lines are locked.`,
    onDone: () => {
      setAsks(false);
      router.refresh();
    },
    // Somebody else was first: what the dialog says is not so any more.
    onConflict: () => setAsks(false),
  });
  return (
    <>
      <Button
        ref={opener}
        variant="primary"
        icon={<Lock aria-hidden size={14} />}
        onClick={() => setAsks(true)}
      >
        Close the month
      </Button>
      {asks && (
        <Dialog title={`Close ${name}?`} onClose={leave}>
          <div className="flex flex-col gap-3 text-sm">
            <p>
              These figures are locked, and nobody can change them. To open the month again takes two people.
            </p>
            <ul aria-label="What is locked" className="list-inside list-disc">
              {figures.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
            <OpenWorkList work={work} act="closing" />
            {command.error && (
              <p role="alert" className="text-broken">
                {command.error}
              </p>
            )}
            <div className="flex gap-2">
              <Button
                variant="primary"
                icon={<Lock aria-hidden size={14} />}
                pending={command.pending}
                onClick={() => command.run({ entityId, month, version })}
              >
                {command.pending ? "Closing…" : "Close it now"}
              </Button>
              <Button variant="quiet" onClick={leave}>
                Cancel
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}
