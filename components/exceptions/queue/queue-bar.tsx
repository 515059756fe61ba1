"use client";

import {
  ArrowDown,
  ArrowUp,
  Check,
  Clock,
  Command,
  Keyboard,
  type LucideIcon,
  MessageSquare,
  RotateCw,
  Send,
  Undo2,
  UserRoundCheck,
} from "lucide-react";
import { amountText } from "@/components/ui/amount";
import { Button } from "@/components/ui/button";
import { cx } from "@/components/ui/class-names";
import { KeyCap } from "@/components/ui/key-cap";
import type { ExceptionTotal } from "@/lib/exceptions/data";
import { type QueueCommand, queueKeys } from "./keys";

/** What the person may do in the queue at all. */
export type QueueRights = Readonly<{ assign: boolean; comment: boolean; accept: boolean; resync: boolean }>;

type Act = Readonly<{
  command: QueueCommand;
  label: string;
  icon: LucideIcon;
  right?: keyof QueueRights;
  /** needs a row or a selection */
  aimed?: boolean;
  /** its icon and key say enough where room is short; it has its name for who can't see them, and in the sheet of keys */
  brief?: boolean;
}>;

const acts: readonly Act[] = [
  { command: "previous", label: "Previous row", icon: ArrowUp, brief: true },
  { command: "next", label: "Next row", icon: ArrowDown, brief: true },
  { command: "assign", label: "Assign…", icon: UserRoundCheck, right: "assign", aimed: true },
  { command: "hand-over", label: "Hand over…", icon: Send, right: "assign", aimed: true },
  { command: "wait", label: "Wait…", icon: Clock, right: "assign", aimed: true },
  { command: "resolve", label: "Accept…", icon: Check, right: "accept", aimed: true },
  { command: "comment", label: "Comment…", icon: MessageSquare, right: "comment", aimed: true },
  { command: "undo", label: "Undo", icon: Undo2, right: "assign", brief: true },
  { command: "palette", label: "Commands", icon: Command, brief: true },
  { command: "help", label: "Keys", icon: Keyboard, brief: true },
];

const keyOf = (command: QueueCommand) => queueKeys.find((one) => one.command === command)?.keys[0] ?? "";
const shortcut = (command: QueueCommand) => (command === "palette" ? "Control+K Meta+K" : keyOf(command));

/** What is selected, exactly, and a button for every command of the queue. */
export function QueueBar({
  selected,
  isAll,
  isWhole,
  shown,
  matching,
  isAimed,
  may,
  pending,
  run,
}: Readonly<{
  selected: readonly ExceptionTotal[];
  /** everything that matches is selected */
  isAll: boolean;
  /** all rows shown are selected */
  isWhole: boolean;
  shown: number;
  matching: number;
  /** there is something that commands mean */
  isAimed: boolean;
  may: QueueRights;
  pending: boolean;
  run: (command: QueueCommand | "select-all" | "clear-all") => void;
}>) {
  const count = selected.reduce((sum, total) => sum + total.count, 0);
  const mayChoose = may.assign || may.resync;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div role="group" aria-label="What to do" className="flex flex-col gap-2 border-line border-b px-4 py-2">
      <div className="flex flex-wrap items-center gap-x-1.5 gap-y-2 max-md:relative max-md:flex-nowrap max-md:overflow-x-auto">
        {mayChoose && (
          <label className="mr-2 flex min-h-8 items-center gap-2 whitespace-nowrap text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent max-md:size-7"
              checked={isAll || isWhole}
              onChange={({ target }) => run(target.checked ? "select-shown" : "clear-all")}
            />
            All {shown.toLocaleString("en")} shown
          </label>
        )}
        {may.resync && (
          <Button
            icon={<RotateCw aria-hidden size={14} />}
            pending={pending}
            disabled={!isAimed}
            aria-keyshortcuts="r"
            onClick={() => run("resync")}
          >
            Resync {count === 0 ? "selected" : `${count.toLocaleString("en")} selected`}
            <KeyCap>r</KeyCap>
          </Button>
        )}
        {acts
          .filter(({ right }) => right === undefined || may[right])
          .map(({ command, label, icon: Icon, aimed, brief }) => (
            <Button
              key={command}
              variant={aimed ? "secondary" : "quiet"}
              icon={<Icon aria-hidden size={14} />}
              pending={pending && aimed === true}
              disabled={aimed === true && !isAimed}
              aria-keyshortcuts={shortcut(command)}
              {...(brief && { title: label })}
              className="px-2"
              onClick={() => run(command)}
            >
              {brief ? <span className="sr-only">{label}</span> : label}
              <KeyCap>{keyOf(command)}</KeyCap>
            </Button>
          ))}
      </div>
      <div
        className={cx(
          "flex min-h-6 flex-wrap items-center gap-x-4 gap-y-1 text-sm",
          count === 0 && !isWhole && "max-md:hidden",
        )}
      >
        <p role="status" aria-live="polite" className="flex flex-wrap gap-x-4">
          {count === 0 ? (
            <span className="text-soft">Nothing selected</span>
          ) : (
            selected.map((total) => (
              <span key={total.currency}>
                <span className="font-semibold">{total.count.toLocaleString("en")} selected</span>{" "}
                <span className="figures">
                  gross {amountText(total.gross, total.currency, true)}, tax{" "}
                  {amountText(total.tax, total.currency, true)} {total.currency}
                </span>
              </span>
            ))
          )}
        </p>
        {mayChoose && !isAll && isWhole && matching > shown && (
          <Button variant="quiet" onClick={() => run("select-all")}>
            Select all {matching.toLocaleString("en")} matching this filter
          </Button>
        )}
        {count > 0 && (
          <Button variant="quiet" onClick={() => run("clear-all")}>
            Clear selection
          </Button>
        )}
      </div>
    </div>
  );
}
