"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import { useCommand } from "@/components/ui/use-command";
import { accept, act, actOnMany, comment, undo } from "@/lib/exceptions/actions";
import type { PeopleAction } from "@/lib/exceptions/schema";
import { resync, resyncMany } from "@/lib/orders/actions";
import { commentAdded } from "../comment-added";

/** One row in the version that was seen; several; or everything that a filter means. */
export type Aim =
  | Readonly<{ kind: "one"; id: string; version: number; orderKey: string }>
  | Readonly<{ kind: "chosen"; ids: readonly Readonly<{ id: string; version: number }>[] }>
  | Readonly<{ kind: "all"; filter: Readonly<Record<string, string>> }>;

const done: Readonly<Record<PeopleAction["kind"], string>> = {
  assign: "Assigned",
  "hand-over": "Handed over",
  "take-over": "Yours",
  "pass-back": "Passed back",
  start: "Started",
  wait: "Waiting",
  wake: "Not waiting any more",
};

const counted = (what: string, count: number, left: number): string =>
  `${what}: ${count.toLocaleString("en")}.${left > 0 ? ` Left as they are, since they changed or it can't be done: ${left.toLocaleString("en")}.` : ""}`;

/** Told of an act that is done; `from`: the button that was pressed for it, where the focus goes back to a row from there. */
type OnDone = (from: Element | null) => void;

/** All that the queue does to rows, each act by its own command; `onDone` after any of them but a resync of many, `onConflict` where somebody else was first. */
export function useActs(entityId: string, onDone: OnDone, onConflict: () => void) {
  const router = useRouter();
  const last = useRef<PeopleAction["kind"]>("assign");
  const undoneFrom = useRef<Element | null>(null);
  const finished = (from: Element | null) => {
    onDone(from);
    router.refresh();
  };
  const finish = () => finished(null);
  const one = useCommand(act, { done: () => `${done[last.current]}.`, onDone: finish, onConflict });
  const many = useCommand(actOnMany, {
    done: (outcome) => counted(done[last.current], outcome.done, outcome.left),
    onDone: finish,
    onConflict,
  });
  const taken = useCommand(undo, {
    done: (outcome) => counted("Taken back", outcome.done, outcome.left),
    // What is taken back is looked at: the rows are gone on from, not the button.
    onDone: () => finished(undoneFrom.current),
    onConflict,
  });
  const said = useCommand(comment, {
    done: commentAdded,
    onDone: finish,
    onConflict,
  });
  const accepted = useCommand(accept, {
    done: ({ outcome }) =>
      outcome === "asked"
        ? "Asked. Somebody else decides."
        : "Accepted. Undo takes it back; it is opened again when its figures change.",
    onDone: finish,
    onConflict,
  });
  const readOne = useCommand(resync, {
    done: ({ changes, problems }) =>
      problems[0] ??
      (changes.length === 0 ? "Read again: nothing changed." : `Read again. ${changes.join(" ")}`),
    onDone: finish,
    onConflict,
  });
  const readMany = useCommand(resyncMany, {
    done: ({ count }) =>
      `${count === 1 ? "1 order is" : `${count.toLocaleString("en")} orders are`} read again.`,
    onDone: ({ runId }) => router.push(`/orders/resync/${runId}` as Route),
  });
  const commands = [one, many, taken, said, accepted, readOne, readMany];
  return {
    pending: commands.some((command) => command.pending),
    people: {
      error: one.error ?? many.error,
      run: (aim: Aim, what: PeopleAction) => {
        last.current = what.kind;
        if (aim.kind === "one") one.run({ entityId, id: aim.id, version: aim.version, ...what });
        else many.run({ entityId, chosen: aim.kind === "all" ? aim : { ids: [...aim.ids] }, ...what });
      },
    },
    undo: () => {
      undoneFrom.current = document.activeElement;
      taken.run({ entityId });
    },
    comment: { error: said.error, run: (id: string, text: string) => said.run({ entityId, id, text }) },
    accept: {
      error: accepted.fieldErrors["reason"] ?? accepted.error,
      run: ({ id, version }: Extract<Aim, { kind: "one" }>, reason: string) =>
        accepted.run({ entityId, id, version, reason }),
    },
    resync: (aim: Aim) => {
      if (aim.kind === "one") readOne.run({ entityId, orderKey: aim.orderKey });
      else
        readMany.run({
          entityId,
          selection:
            aim.kind === "all"
              ? { by: "exceptions-matching", filter: aim.filter }
              : { by: "exceptions", ids: aim.ids.map(({ id }) => id) },
        });
    },
  };
}
