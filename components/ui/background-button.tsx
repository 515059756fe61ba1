"use client";

import type { ReactNode } from "react";
import { Button, type ButtonVariant } from "./button";
import { type LatestRun, useBackgroundCommand } from "./use-background-command";
import type { useCommand } from "./use-command";

/** A button for work that goes on in the background: it says so until the run has ended. */
export function BackgroundButton<Input, Data>({
  action,
  input,
  label,
  running,
  latest,
  variant = "secondary",
  icon,
}: Readonly<{
  action: Parameters<typeof useCommand<Input, Data>>[0];
  input: Input;
  label: string;
  /** What the button says while it goes on: "Syncing…" */
  running: string;
  latest: LatestRun;
  variant?: ButtonVariant;
  icon?: ReactNode;
}>) {
  const { run, busy } = useBackgroundCommand({ action, label, latest });
  return (
    <Button variant={variant} icon={icon} pending={busy} onClick={() => run(input)}>
      {busy ? running : label}
    </Button>
  );
}
