"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef } from "react";
import { Amount } from "@/components/ui/amount";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { pair } from "@/lib/pairing/actions";

/** A line that can be chosen. */
export type PairableLine = Readonly<{
  id: string;
  side: "scayle" | "erp";
  documentKind: string;
  label: string;
  quantity: string;
  currency: string;
  gross: bigint;
}>;

/** Chooses lines of both sides and pairs them, or takes ERP lines out of their pair. */
export function PairLinesForm({
  entityId,
  orderKey,
  lines,
}: Readonly<{ entityId: string; orderKey: string; lines: readonly PairableLine[] }>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const command = useCommand(pair, {
    done: "Paired by hand.",
    onDone: () => {
      form.current?.reset();
      router.refresh();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const kind = submitter?.getAttribute("value") === "apart" ? "apart" : "together";
    const lineIds = new FormData(event.currentTarget).getAll("line").map(String);
    command.run({ entityId, orderKey, kind, lineIds });
  };
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid gap-4 sm:grid-cols-2">
        {(["scayle", "erp"] as const).map((side) => (
          <fieldset key={side} className="min-w-0">
            <legend className="font-medium text-sm">
              {side === "scayle" ? "Lines of SCAYLE" : "Lines of the ERP"}
            </legend>
            {lines
              .filter((line) => line.side === side)
              .map((line) => (
                <label key={line.id} className="flex min-h-8 items-center gap-2 text-sm">
                  <input type="checkbox" name="line" value={line.id} />
                  <span className="min-w-0 break-words">
                    {line.quantity} × {line.label}
                    {line.documentKind === "credit" && " (credit)"}{" "}
                    <Amount minor={line.gross} currency={line.currency} withCurrency />
                  </span>
                </label>
              ))}
          </fieldset>
        ))}
      </div>
      {command.error && <Message tone="broken">{command.error}</Message>}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" value="together" pending={command.pending}>
          Pair these lines
        </Button>
        <Button type="submit" value="apart" variant="quiet" pending={command.pending}>
          Take these ERP lines out of their pair
        </Button>
      </div>
    </form>
  );
}
