"use client";

import { useRouter } from "next/navigation";
import { createContext, type FormEvent, type ReactNode, useContext, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { acknowledge } from "@/lib/alerts/actions";

/** An alert that can be acknowledged. */
type Choosable = Readonly<{ entityId: string; id: string; title: string }>;

const Choosing = createContext<Readonly<{ has: (id: string) => boolean; toggle: (id: string) => void }>>({
  has: () => false,
  toggle: () => undefined,
});

/** Lets several alerts be acknowledged at once: those that are selected, or all that the page shows. */
export function ChoosingAlerts({
  alerts,
  children,
}: Readonly<{
  /** those of the page that the reader may acknowledge */
  alerts: readonly Choosable[];
  /** the list; what has the focus when they are gone is its part with `data-alerts` */
  children: ReactNode;
}>) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<readonly Choosable[] | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const list = useRef<HTMLDivElement>(null);
  // What was acknowledged or is over is selected no more.
  const chosen = alerts.filter(({ id }) => ids.has(id));
  const toggle = (id: string) =>
    setIds((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const ask = (which: readonly Choosable[], button: HTMLElement) => {
    opener.current = button;
    setAsked(which);
  };
  const close = () => {
    setAsked(null);
    opener.current?.focus();
  };
  return (
    <Choosing value={{ has: (id) => ids.has(id), toggle }}>
      {alerts.length > 1 && (
        <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-2">
          {chosen.length > 0 && (
            <Button variant="primary" onClick={(event) => ask(chosen, event.currentTarget)}>
              Acknowledge {chosen.length} selected…
            </Button>
          )}
          <Button onClick={(event) => ask(alerts, event.currentTarget)}>
            Acknowledge all {alerts.length} shown…
          </Button>
          {chosen.length > 0 && (
            <Button
              variant="quiet"
              onClick={() => {
                setIds(new Set());
                list.current?.querySelector<HTMLElement>("[data-alerts]")?.focus();
              }}
            >
              Select none
            </Button>
          )}
          <span role="status" className="text-soft text-sm">
            {chosen.length > 0 ? `${chosen.length} of ${alerts.length} selected` : ""}
          </span>
        </div>
      )}
      <div ref={list}>{children}</div>
      {asked && (
        <AcknowledgeMany
          alerts={asked}
          onClose={close}
          onDone={() => {
            setAsked(null);
            setIds(new Set());
            list.current?.querySelector<HTMLElement>("[data-alerts]")?.focus();
          }}
        />
      )}
    </Choosing>
  );
}

/** Selects one alert of the list. */
export function ChooseAlert({ id, title }: Readonly<{ id: string; title: string }>) {
  const { has, toggle } = useContext(Choosing);
  return (
    <input
      type="checkbox"
      checked={has(id)}
      onChange={() => toggle(id)}
      aria-label={`Select ${title}`}
      className="mt-[3px] block size-4 shrink-0 accent-accent max-md:mt-0 max-md:size-7"
    />
  );
}

function AcknowledgeMany({
  alerts,
  onClose,
  onDone,
}: Readonly<{ alerts: readonly Choosable[]; onClose: () => void; onDone: () => void }>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(acknowledge, {
    done: ({ done, left }) =>
      `${done === 1 ? "One alert is" : `${done} alerts are`} yours; the others see that.${left > 0 ? ` ${left} more ${left === 1 ? "was" : "were"} over or had somebody by then.` : ""}`,
    onDone: () => {
      router.refresh();
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run({
      alerts: alerts.map(({ entityId, id }) => ({ entityId, id })),
      note: String(new FormData(event.currentTarget).get("note") ?? ""),
    });
  };
  return (
    <Dialog
      title={alerts.length === 1 ? "Acknowledge this alert" : `Acknowledge these ${alerts.length} alerts`}
      onClose={onClose}
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label="Note for the others (may stay empty)"
          name="note"
          maxLength={500}
          error={fieldErrors["note"] ?? error ?? undefined}
          hint="It stands at each of them"
        />
        <ul aria-label="What is acknowledged" className="list-disc pl-5 text-sm">
          {alerts.map(({ id, title, entityId }) => (
            <li key={id} className="break-words">
              {title} <span className="text-soft">({entityId})</span>
            </li>
          ))}
        </ul>
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" pending={pending}>
            {alerts.length === 1 ? "I look after it" : "I look after them"}
          </Button>
          <Button variant="quiet" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
