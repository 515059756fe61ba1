"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { askForChange } from "@/lib/mappings/actions";
import type { Proposal } from "@/lib/mappings/proposals";
import { requestPath } from "../change/words";
import { OrderLink } from "./order-link";

type Worded = Proposal & Readonly<{ words: string; isWeak: boolean }>;

/** What is proposed, with what speaks for and against it; one or several become one request. */
export function ProposalsForm({
  entityId,
  proposals,
  mayAsk,
}: Readonly<{ entityId: string; proposals: readonly Worded[]; mayAsk: boolean }>) {
  const router = useRouter();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { run, pending, error } = useCommand(askForChange, {
    onDone: ({ id }) => router.push(requestPath(entityId, id)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const changes = proposals.filter((one) => chosen.has(one.words)).map((one) => one.change);
    const reason = String(new FormData(event.currentTarget).get("reason") ?? "");
    run({ entityId, changes, source: "proposals", reason });
  };
  const toggle = (words: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(words);
    else next.delete(words);
    setChosen(next);
  };
  const strong = proposals.filter((one) => !one.isWeak);
  const weak = proposals.filter((one) => one.isWeak);
  const list = (some: readonly Worded[]) => (
    <ul className="flex flex-col">
      {some.map((one) => (
        <li key={one.words} className="flex items-start gap-3 border-line border-b py-3">
          {mayAsk && (
            <input
              type="checkbox"
              className="mt-1 size-4 accent-accent"
              aria-label={one.words}
              checked={chosen.has(one.words)}
              onChange={(event) => toggle(one.words, event.target.checked)}
            />
          )}
          <ForAndAgainst one={one} />
        </li>
      ))}
    </ul>
  );
  return (
    <form onSubmit={submit} aria-label="Proposals" className="flex flex-col gap-3">
      {strong.length === 0 ? (
        <p className="text-sm text-soft">None for which more speaks than against it.</p>
      ) : (
        list(strong)
      )}
      {weak.length > 0 && (
        <details className="group">
          <summary className="cursor-pointer text-sm underline decoration-line-strong underline-offset-4">
            <span className="group-open:hidden">Show</span>
            <span className="hidden group-open:inline">Hide</span>{" "}
            {weak.length === 1 ? "1 weak one" : `${weak.length} weak ones`}: more speaks against{" "}
            {weak.length === 1 ? "it" : "them"} than for {weak.length === 1 ? "it" : "them"}
          </summary>
          {list(weak)}
        </details>
      )}
      {mayAsk && (
        <>
          <TextField
            label="Why, for whoever approves it"
            name="reason"
            maxLength={1000}
            className="max-w-xl"
          />
          {error && (
            <Message tone="broken" live>
              {error}
            </Message>
          )}
          <div>
            <Button type="submit" variant="primary" pending={pending} disabled={chosen.size === 0}>
              {pending ? "Previewing…" : `Preview and ask for approval (${chosen.size})`}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}

function ForAndAgainst({ one }: Readonly<{ one: Worded }>) {
  return (
    <div className="min-w-0 flex-1 text-sm">
      <p className="font-medium">{one.words}</p>
      <p className="text-soft">
        {one.speaking.map(({ what, count }) => `${count.toLocaleString("en")} × ${what}`).join("; ") ||
          "Nothing that is posted says so any more"}
        {one.examples.length > 0 && <Examples orders={one.examples} />}
      </p>
      {one.against.length === 0 ? (
        <Badge tone="agrees">Nothing says otherwise</Badge>
      ) : (
        <div className="mt-1">
          <Badge tone="attention">Says otherwise</Badge>
          <ul className="mt-1 list-disc pl-5">
            {one.against.slice(0, 8).map(({ what, count, examples }) => (
              <li key={what}>
                {count.toLocaleString("en")} × {what}
                {examples.length > 0 && <Examples orders={examples} />}
              </li>
            ))}
            {one.against.length > 8 && <li>and {one.against.length - 8} more</li>}
          </ul>
        </div>
      )}
    </div>
  );
}

function Examples({ orders }: Readonly<{ orders: readonly string[] }>) {
  return (
    <>
      , for example{" "}
      {[...new Set(orders)].map((order, index) => (
        <span key={order}>
          {index > 0 && ", "}
          <OrderLink order={order} />
        </span>
      ))}
    </>
  );
}
