"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { foresee, lookUpOrders, place } from "@/lib/pairing/actions";
import { ForeseenList } from "./foreseen-list";
import { movedTo } from "./moved";

type Target = Readonly<{ orderKey: string; reference: string; status: string | null; hint: string | null }>;

/** Finds the order of an ERP document, shows what linking would do, and links it. */
export function LinkForm({
  entityId,
  orderKey,
  documentId,
  number,
}: Readonly<{ entityId: string; orderKey: string; documentId: string; number: string }>) {
  const router = useRouter();
  const [targets, setTargets] = useState<readonly Target[] | null>(null);
  const [chosen, setChosen] = useState<Target | null>(null);
  const [preview, setPreview] = useState<Parameters<typeof ForeseenList>[0]["preview"] | null>(null);
  const search = useCommand(lookUpOrders, {
    onDone: (found) => {
      setTargets(found);
      setChosen(null);
    },
  });
  const look = useCommand(foresee, { onDone: setPreview });
  const link = useCommand(place, {
    done: ({ matched }) => `${number} is linked. ${matchedWords(matched)}`,
    onDone: (outcome) => movedTo(router, orderKey, outcome.orderKey),
  });
  const of = { entityId, orderKey, documentId };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    search.run({ ...of, text: String(new FormData(event.currentTarget).get("text") ?? "") });
  };
  const choose = (target: Target) => {
    setChosen(target);
    setPreview(null);
    look.run({ ...of, toOrderKey: target.orderKey });
  };
  const error = link.error ?? look.error ?? search.error;
  return (
    <div className="flex flex-col gap-3">
      <form onSubmit={submit}>
        <TextField
          label="Order to link to"
          name="text"
          maxLength={200}
          hint="Reference, id or public key; empty: orders that lack a document of this amount"
          action={
            <Button type="submit" pending={search.pending}>
              Search
            </Button>
          }
        />
      </form>
      {targets?.length === 0 && (
        <Message live title="No order found">
          Try another name of it, or resync the order first if it is new.
        </Message>
      )}
      {targets && targets.length > 0 && (
        <ul className="flex flex-col gap-1">
          {targets.map((target) => (
            <li key={target.orderKey} className="flex flex-wrap items-center gap-2 text-sm">
              <Button pending={look.pending && chosen === target} onClick={() => choose(target)}>
                {target.reference}
              </Button>
              <span className="text-soft">{[target.status, target.hint].filter(Boolean).join(" · ")}</span>
            </li>
          ))}
        </ul>
      )}
      {chosen && preview && (
        <>
          <ForeseenList preview={preview} />
          <div>
            <Button
              variant="primary"
              pending={link.pending}
              onClick={() => link.run({ ...of, toOrderKey: chosen.orderKey })}
            >
              Link {number} to {chosen.reference}
            </Button>
          </div>
        </>
      )}
      {error && <Message tone="broken">{error}</Message>}
    </div>
  );
}

const matchedWords = (matched: boolean): string =>
  matched
    ? "Both sides were matched again."
    : "The reconciliation at work will be followed by one that takes it up.";
