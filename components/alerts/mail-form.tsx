"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { setMailServer } from "@/lib/alerts/actions";
import type { AlertSettingsView } from "@/lib/alerts/loaders";
import { CheckField } from "./check-field";

/** Says through which mail server alerts go. The password is never shown again. */
export function MailForm({ email }: Readonly<{ email: AlertSettingsView["email"] }>) {
  const router = useRouter();
  const isOn = useRef(true);
  const { run, pending, error, fieldErrors } = useCommand(setMailServer, {
    done: () =>
      isOn.current
        ? "Saved. Send a test to see that it works."
        : "Saved. E-mail is off: nothing is sent by it.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "");
    isOn.current = form.get("enabled") === "on";
    run({
      host: text("host"),
      port: text("port"),
      security: securityOf(text("security")),
      from: text("from"),
      user: text("user"),
      password: text("password"),
      enabled: form.get("enabled") === "on",
      reason: text("reason"),
    });
  };
  const set = email?.settings;
  return (
    <form aria-label="Mail server" noValidate onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        <TextField
          label="Server"
          name="host"
          error={fieldErrors["host"]}
          required
          placeholder="smtp.example.com"
          defaultValue={set?.host ?? ""}
        />
        <TextField
          label="Port"
          name="port"
          error={fieldErrors["port"]}
          required
          inputMode="numeric"
          defaultValue={String(set?.port ?? 587)}
          hint="Usually 587 with STARTTLS, 465 with TLS"
        />
        <SelectField
          label="Encryption"
          name="security"
          defaultValue={set?.security ?? "starttls"}
          error={fieldErrors["security"]}
        >
          <option value="starttls">STARTTLS, insisted on</option>
          <option value="tls">TLS from the beginning</option>
          <option value="none">None (only this machine or a private network)</option>
        </SelectField>
        <TextField
          label="Sender"
          name="from"
          error={fieldErrors["from"]}
          type="email"
          required
          placeholder="alerts@example.com"
          defaultValue={set?.from ?? ""}
        />
        <TextField
          label="User"
          name="user"
          error={fieldErrors["user"]}
          autoComplete="off"
          defaultValue={set?.user ?? ""}
          hint="Left empty: without signing in"
        />
        <TextField
          label="Password"
          name="password"
          error={fieldErrors["password"]}
          type="password"
          autoComplete="new-password"
          hint={email ? "Left empty: the one that is kept" : "Kept encrypted, and never shown again"}
        />
      </div>
      <CheckField name="enabled" label="Send e-mail" defaultChecked={email?.enabled ?? true} />
      <TextField label="Why" name="reason" required maxLength={500} error={fieldErrors["reason"]} />
      {error && Object.keys(fieldErrors).length === 0 && (
        <p role="alert" className="text-broken text-sm">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" pending={pending}>
          Save the mail server
        </Button>
      </div>
    </form>
  );
}

const securityOf = (text: string): "tls" | "starttls" | "none" =>
  text === "tls" || text === "none" ? text : "starttls";
