"use client";

import { RotateCw } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type ReactNode, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { resyncMany } from "@/lib/orders/actions";
import type { Selection } from "@/lib/orders/schema";

/**
 * A list whose rows can be chosen (by checkboxes named `chosen`), and the orders behind them read again. Leads to the run,
 * where what comes of each is seen.
 */
export function ChooseOrders({
  entityId,
  shown,
  among,
  children,
}: Readonly<{
  entityId: string;
  /** how many rows the page shows of this entity */
  shown: number;
  /** what the entity is called, where rows of others are shown too, which can't be chosen with them */
  among?: string | undefined;
  children: ReactNode;
}>) {
  const router = useRouter();
  const list = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { run, pending, error } = useCommand(resyncMany, {
    done: ({ count }) =>
      `${count === 1 ? "1 order is" : `${count.toLocaleString("en")} orders are`} read again.`,
    onDone: ({ runId }) => router.push(`/orders/resync/${runId}` as Route),
  });
  const boxes = () => [...(list.current?.querySelectorAll<HTMLInputElement>('input[name="chosen"]') ?? [])];
  const look = () =>
    setChosen([...new Set(boxes().flatMap(({ checked, value }) => (checked ? [value] : [])))]);
  const all = (checked: boolean) => {
    // A row is there twice, in the table and as a card: only one of them is seen.
    for (const box of boxes()) box.checked = checked;
    look();
  };
  const start = (selection: Selection) => run({ entityId, selection });
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b px-4 py-2">
        <label className="flex min-h-8 items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent max-md:size-7"
            checked={chosen.length === shown}
            onChange={({ target }) => all(target.checked)}
          />
          {shown === 1 ? (among ? "The one" : "The one shown") : `All ${shown}${among ? "" : " shown"}`}
          {among ? ` of ${among}` : ""}
        </label>
        <Button
          icon={<RotateCw aria-hidden size={14} />}
          pending={pending}
          disabled={chosen.length === 0}
          onClick={() => start({ by: "orders", ids: [...chosen] })}
        >
          Resync {chosen.length === 0 ? "selected" : `${chosen.length} selected`}
        </Button>
      </div>
      {error && (
        <div className="p-4">
          <Message tone="broken" live>
            {error}
          </Message>
        </div>
      )}
      <div ref={list} onChange={look}>
        {children}
      </div>
    </>
  );
}
