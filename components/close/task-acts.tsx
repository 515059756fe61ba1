"use client";

import { Check, Paperclip } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { showToast } from "@/components/ui/toast-store";
import { useCommand } from "@/components/ui/use-command";
import { dropEvidence, linkEvidence, markTask } from "@/lib/close/actions";

type OfTask = Readonly<{ entityId: string; month: string; templateId: string }>;
type Act = "done" | "not-done" | "reviewed" | "not-reviewed";

const said: Readonly<Record<Act, string>> = {
  done: "Marked as done.",
  "not-done": "It is not done any more.",
  reviewed: "Reviewed.",
  "not-reviewed": "The review is taken back.",
};

/** One act on a task of the checklist. `what` names the task for those who hear the button alone. */
export function TaskButton({
  of,
  act,
  label,
  what,
  strong = false,
}: Readonly<{ of: OfTask; act: Act; label: string; what: string; strong?: boolean }>) {
  const router = useRouter();
  const command = useCommand(markTask, { done: said[act], onDone: () => router.refresh() });
  return (
    <Button
      variant={strong ? "secondary" : "quiet"}
      icon={strong ? <Check aria-hidden size={14} /> : undefined}
      pending={command.pending}
      aria-label={`${label}: ${what}`}
      onClick={() => command.run({ ...of, act })}
    >
      {label}
    </Button>
  );
}

/** Adds a file or a link that shows that a task was done. */
export function EvidenceForm({ of, what }: Readonly<{ of: OfTask; what: string }>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const fileId = useId();
  const done = () => {
    setOpen(false);
    setError(null);
    router.refresh();
  };
  const link = useCommand(linkEvidence, { done: "The link is added.", onDone: done });
  if (!open) {
    return (
      <Button
        variant="quiet"
        icon={<Paperclip aria-hidden size={14} />}
        aria-label={`Add evidence: ${what}`}
        onClick={() => setOpen(true)}
      >
        Add evidence
      </Button>
    );
  }
  const sendFile = async (form: FormData) => {
    setSending(true);
    for (const [name, value] of Object.entries(of)) form.set(name, value);
    try {
      const answer = await fetch("/api/close/evidence", { method: "POST", body: form });
      if (answer.ok) {
        showToast({ tone: "agrees", text: "The file is added." });
        done();
      } else {
        const { error: why } = (await answer.json()) as { error: string };
        setError(why);
      }
    } catch {
      setError("The server did not answer. Check the connection and try again.");
    } finally {
      setSending(false);
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const file = form.get("file");
    if (file instanceof File && file.size > 0) {
      void sendFile(form);
      return;
    }
    link.run({ ...of, name: String(form.get("name") ?? ""), url: String(form.get("url") ?? "") });
  };
  return (
    <form
      onSubmit={submit}
      noValidate
      aria-label={`Evidence: ${what}`}
      className="flex w-full max-w-prose flex-col gap-3 rounded-md border border-line p-3"
    >
      <div className="flex flex-col gap-1">
        <label htmlFor={fileId} className="font-medium text-sm">
          A file, up to 5 MB
        </label>
        <input id={fileId} name="file" type="file" className="text-sm" />
      </div>
      <p className="text-soft text-xs">or a link:</p>
      <div className="grid gap-3 md:grid-cols-2">
        <TextField label="What it is" name="name" maxLength={200} error={link.fieldErrors["name"]} />
        <TextField
          label="Address"
          name="url"
          inputMode="url"
          placeholder="https://…"
          maxLength={2000}
          error={link.fieldErrors["url"]}
        />
      </div>
      {(error ?? (Object.keys(link.fieldErrors).length === 0 && link.error)) && (
        <p role="alert" className="text-broken text-sm">
          {error ?? link.error}
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={link.pending || sending}>
          Add
        </Button>
        <Button variant="quiet" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

/** Takes evidence off the list. */
export function RemoveEvidence({
  entityId,
  id,
  name,
}: Readonly<{ entityId: string; id: string; name: string }>) {
  const router = useRouter();
  const command = useCommand(dropEvidence, { done: "Taken off the list.", onDone: () => router.refresh() });
  return (
    <Button
      variant="quiet"
      pending={command.pending}
      aria-label={`Take off: ${name}`}
      onClick={() => command.run({ entityId, id })}
    >
      Take off
    </Button>
  );
}
