"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { foresee, place } from "@/lib/pairing/actions";
import { ForeseenList } from "./foreseen-list";

/** Shows what taking an ERP document out of its order would do, and takes it out. */
export function TakeOutButton({
  entityId,
  orderKey,
  documentId,
  number,
}: Readonly<{ entityId: string; orderKey: string; documentId: string; number: string }>) {
  const router = useRouter();
  const [preview, setPreview] = useState<Parameters<typeof ForeseenList>[0]["preview"] | null>(null);
  const look = useCommand(foresee, { onDone: setPreview });
  const out = useCommand(place, {
    done: `${number} is on its own now.`,
    onDone: () => router.refresh(),
  });
  const input = { entityId, orderKey, documentId, toOrderKey: null };
  const error = out.error ?? look.error;
  return (
    <div className="flex min-w-0 flex-col items-start gap-2">
      {preview ? (
        <>
          <ForeseenList preview={preview} />
          <div className="flex flex-wrap gap-2">
            <Button variant="danger" pending={out.pending} onClick={() => out.run(input)}>
              Take {number} out
            </Button>
            <Button variant="quiet" onClick={() => setPreview(null)}>
              Leave it
            </Button>
          </div>
        </>
      ) : (
        <Button pending={look.pending} onClick={() => look.run(input)}>
          Take {number} out of this order
        </Button>
      )}
      {error && <Message tone="broken">{error}</Message>}
    </div>
  );
}
