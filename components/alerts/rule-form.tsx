"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { setAlertRule } from "@/lib/alerts/actions";
import type { AlertSettingsView } from "@/lib/alerts/loaders";
import type { Recipient } from "@/lib/alerts/schema";
import { CheckField } from "./check-field";

type Rule = AlertSettingsView["rules"][number];

/** Sets when a kind of alert opens and closes in an entity, and who is written to. */
export function AlertRuleForm({
  entityId,
  rule,
  recipients,
}: Readonly<{ entityId: string; rule: Rule; recipients: AlertSettingsView["recipients"] }>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(setAlertRule, {
    done: "Saved. Alerts are looked at by it at once.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run({
      entityId,
      kind: rule.code,
      enabled: form.get("enabled") === "on",
      bounds: Object.fromEntries(rule.fields.map(({ name }) => [name, Number(form.get(name))])),
      recipients: form.getAll("recipient").map((value) => String(value) as Recipient),
      webhook: form.get("webhook") === "on",
      reason: String(form.get("reason") ?? ""),
    });
  };
  const isIn = (id: string): boolean => rule.recipients.includes(id);
  // A role that may not see it would get nothing: it is not offered.
  const offered = recipients.filter(({ role }) => role === null || rule.roles.includes(role));
  return (
    <form aria-label={rule.title} onSubmit={submit} className="flex flex-col gap-4">
      <CheckField name="enabled" label="Watch for it" defaultChecked={rule.enabled} />
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
        {rule.fields.map(({ name, label, hint, value }) => (
          <TextField
            key={name}
            label={label}
            name={name}
            inputMode="numeric"
            required
            pattern="[0-9]+"
            defaultValue={String(value)}
            hint={hint}
          />
        ))}
      </div>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 font-medium text-sm">Who gets an e-mail</legend>
        <div className="grid gap-x-4 gap-y-1 sm:grid-cols-2 xl:grid-cols-3">
          {offered.map(({ id, name }) => (
            <CheckField key={id} name="recipient" value={id} label={name} defaultChecked={isIn(id)} />
          ))}
        </div>
      </fieldset>
      <CheckField name="webhook" label="Send it to the webhook, too" defaultChecked={rule.webhook} />
      <TextField
        label="Why"
        name="reason"
        required
        maxLength={500}
        hint="It stands in the operating manual, beside the bounds"
        error={fieldErrors["reason"]}
      />
      {error && !fieldErrors["reason"] && (
        <p role="alert" className="text-broken text-sm">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" pending={pending} aria-label={`Save: ${rule.title}`}>
          Save
        </Button>
      </div>
    </form>
  );
}
