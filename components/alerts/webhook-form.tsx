"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { setWebhook } from "@/lib/alerts/actions";
import type { AlertSettingsView } from "@/lib/alerts/loaders";
import { CheckField } from "./check-field";

/** Says where the webhook goes. The key that its messages are signed with is shown once, when it is made. */
export function WebhookForm({ webhook }: Readonly<{ webhook: AlertSettingsView["webhook"] }>) {
  const router = useRouter();
  const isOn = useRef(true);
  const [key, setKey] = useState<string | null>(null);
  const { run, pending, error, fieldErrors } = useCommand(setWebhook, {
    done: () =>
      isOn.current
        ? "Saved. Send a test to see that it works."
        : "Saved. The webhook is off: nothing is sent to it.",
    onDone: (made) => {
      setKey(made.key);
      router.refresh();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    isOn.current = form.get("enabled") === "on";
    run({
      url: String(form.get("url") ?? ""),
      enabled: form.get("enabled") === "on",
      newSecret: form.get("newSecret") === "on",
      reason: String(form.get("reason") ?? ""),
    });
  };
  // Why it was saved is no reason for what is changed next; the form itself stays, for the key that it shows.
  const saved = webhook?.setAt.toISOString() ?? "none";
  return (
    <form aria-label="Webhook" onSubmit={submit} className="flex flex-col gap-3">
      {key !== null && (
        <Message tone="attention" title="The key, shown this once" live>
          <p>
            Give it to the receiver, which checks the signature with it:{" "}
            <code className="break-all">{key}</code>
          </p>
        </Message>
      )}
      <TextField
        label="Address"
        name="url"
        type="url"
        required
        placeholder="https://example.com/hooks/tieout"
        defaultValue={webhook?.settings.url ?? ""}
        hint="https, or http within this machine or a private network. No redirect is followed"
        error={fieldErrors["url"]}
      />
      <CheckField name="enabled" label="Call it" defaultChecked={webhook?.enabled ?? true} />
      {webhook && (
        <CheckField
          key={`key ${saved}`}
          name="newSecret"
          label="Make a new key; the one before no longer holds"
        />
      )}
      <TextField
        key={`why ${saved}`}
        label="Why"
        name="reason"
        required
        maxLength={500}
        error={fieldErrors["reason"]}
      />
      {error && Object.keys(fieldErrors).length === 0 && (
        <p role="alert" className="text-broken text-sm">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" pending={pending}>
          Save the webhook
        </Button>
      </div>
    </form>
  );
}
