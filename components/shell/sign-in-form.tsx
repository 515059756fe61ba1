"use client";

import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useSignIn } from "./use-sign-in";

/** E-mail and password. */
export function SignInForm({ next }: Readonly<{ next: string }>) {
  const { start, pending, error } = useSignIn(next);
  const submit = (form: FormData) =>
    start(String(form.get("email") ?? ""), String(form.get("password") ?? ""));
  return (
    // A form sent before the page is alive must not write the password into an address.
    <form
      method="post"
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      <TextField label="E-mail" name="email" type="email" autoComplete="username" required />
      <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
      <Button type="submit" variant="primary" pending={pending !== null} className="w-full">
        Sign in
      </Button>
    </form>
  );
}
