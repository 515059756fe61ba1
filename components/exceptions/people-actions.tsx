"use client";

import { Play, Undo2, UserRoundCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { act, undo } from "@/lib/exceptions/actions";
import type { PeopleAction } from "@/lib/exceptions/schema";
import { AssignForm, type FormProps, HandOverForm, PassBackForm, WaitForm } from "./people-forms";

type Exception = FormProps["exception"] &
  Readonly<{
    id: string;
    entityId: string;
    version: number;
    state: string;
    previousAssignee: string | null;
    previousTeam: string | null;
  }>;

const done: Readonly<Record<PeopleAction["kind"], string>> = {
  assign: "Assigned.",
  "hand-over": "Handed over.",
  "take-over": "It is yours.",
  "pass-back": "Passed back.",
  start: "You have started.",
  wait: "It waits, and comes back by itself.",
  wake: "It does not wait any more.",
};

/** What can be done about who has an exception and what for it waits. Each act states the version that was seen. */
export function PeopleActions({
  exception,
  people,
  teams,
  actorId,
  today,
  undoable,
}: Readonly<{
  exception: Exception;
  people: FormProps["people"];
  teams: FormProps["teams"];
  actorId: string;
  today: string;
  undoable: Readonly<{ operationId: string; count: number }> | null;
}>) {
  const router = useRouter();
  const [form, setForm] = useState<"assign" | "hand-over" | "pass-back" | "wait" | null>(null);
  const last = useRef<PeopleAction["kind"]>("assign");
  const command = useCommand(act, {
    done: () => done[last.current],
    onDone: () => {
      setForm(null);
      router.refresh();
    },
  });
  const takeBack = useCommand(undo, {
    done: ({ done: count, left }) =>
      left > 0 ? `${count} taken back; ${left} have changed since and stay.` : "Taken back.",
    onDone: () => router.refresh(),
  });
  const { id, entityId, version } = exception;
  const run = (what: PeopleAction) => {
    last.current = what.kind;
    command.run({ id, entityId, version, ...what });
  };
  const pending = command.pending || takeBack.pending;
  const isMine = exception.assigneeId === actorId;
  const mayWork = people.some((person) => person.id === actorId);
  const isHeld = exception.assigneeId !== null;
  const backTo = exception.previousAssignee ?? teamName(teams, exception.previousTeam);
  const waits = exception.state === "waiting";
  const formProps: FormProps = {
    exception,
    people,
    teams,
    actorId,
    today,
    pending,
    error: command.error,
    onSubmit: run,
    onCancel: () => setForm(null),
  };
  return (
    <div className="flex flex-col gap-3">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's */}
      <div role="group" aria-label="Who has it" className="flex flex-wrap gap-2">
        {mayWork && (!isHeld || isMine) && exception.state !== "in-progress" && (
          <Button
            icon={<Play aria-hidden size={14} />}
            pending={pending}
            onClick={() => run({ kind: "start" })}
          >
            Start work
          </Button>
        )}
        {mayWork && !isMine && (
          <Button
            icon={<UserRoundCheck aria-hidden size={14} />}
            pending={pending}
            onClick={() => run({ kind: "take-over" })}
          >
            {isHeld ? "Take over" : "Assign to me"}
          </Button>
        )}
        <Button pending={pending} aria-expanded={form === "assign"} onClick={() => setForm("assign")}>
          Assign…
        </Button>
        {isHeld && (
          <Button pending={pending} aria-expanded={form === "hand-over"} onClick={() => setForm("hand-over")}>
            Hand over…
          </Button>
        )}
        {backTo !== null && (isMine || !isHeld) && (
          <Button pending={pending} aria-expanded={form === "pass-back"} onClick={() => setForm("pass-back")}>
            Pass back…
          </Button>
        )}
        <Button pending={pending} aria-expanded={form === "wait"} onClick={() => setForm("wait")}>
          {waits ? "Wait longer…" : "Wait…"}
        </Button>
        {waits && (
          <Button pending={pending} onClick={() => run({ kind: "wake" })}>
            Stop waiting
          </Button>
        )}
        {undoable && (
          <Button
            variant="quiet"
            icon={<Undo2 aria-hidden size={14} />}
            pending={pending}
            onClick={() => takeBack.run({ entityId, operationId: undoable.operationId })}
          >
            {undoable.count > 1 ? `Undo (all ${undoable.count})` : "Undo"}
          </Button>
        )}
      </div>
      {form === "assign" && <AssignForm key={version} {...formProps} />}
      {form === "hand-over" && <HandOverForm key={version} {...formProps} />}
      {form === "pass-back" && backTo !== null && <PassBackForm key={version} {...formProps} to={backTo} />}
      {form === "wait" && <WaitForm key={version} {...formProps} />}
    </div>
  );
}

const teamName = (teams: FormProps["teams"], id: string | null): string | null =>
  id === null ? null : (teams.find((team) => team.id === id)?.name ?? id);
