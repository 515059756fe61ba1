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
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { cx } from "@/components/ui/class-names";
import { KeyCap } from "@/components/ui/key-cap";
import type { ExceptionTotal } from "@/lib/exceptions/schema";
import { Sums } from "../sums";
import { type QueueCommand, queueKeys } from "./keys";

/** What the person may do in the queue at all. */
export type QueueRights = Readonly<Record<"assign" | "comment" | "accept" | "resync" | "resolve", boolean>>;

type Act = Readonly<{
  command: QueueCommand;
  label: string;
  icon: LucideIcon;
  right?: readonly (keyof QueueRights)[];
  /** needs a row or a selection */
  aimed?: boolean;
  /** its icon and key say enough where room is short; it has its name for who can't see them, and in the sheet of keys */
  brief?: boolean;
}>;

const acts: readonly Act[] = [
  { command: "previous", label: "Previous row", icon: ArrowUp, brief: true },
  { command: "next", label: "Next row", icon: ArrowDown, brief: true },
  { command: "assign", label: "Assign…", icon: UserRoundCheck, right: ["assign"], aimed: true },
  { command: "hand-over", label: "Hand over…", icon: Send, right: ["assign"], aimed: true },
  { command: "wait", label: "Wait…", icon: Clock, right: ["assign"], aimed: true },
  { command: "resolve", label: "Resolve…", icon: Check, right: ["resolve", "accept", "resync"], aimed: true },
  { command: "comment", label: "Comment…", icon: MessageSquare, right: ["comment"], aimed: true },
  { command: "undo", label: "Undo", icon: Undo2, right: ["assign"], brief: true },
  { command: "palette", label: "Commands", icon: Command, brief: true },
  { command: "help", label: "Keys", icon: Keyboard, brief: true },
];

const keyOf = (command: QueueCommand) => queueKeys.find((one) => one.command === command)?.keys[0] ?? "";
const shortcut = (command: QueueCommand) => (command === "palette" ? "Control+K Meta+K" : keyOf(command));

/** A button for every command of the queue, in one line that scrolls sideways where there is no room. */
export function QueueBar({
  count,
  isAll,
  isWhole,
  shown,
  isAimed,
  may,
  pending,
  run,
}: Readonly<{
  /** how many rows are selected; null: more than were counted */
  count: number | null;
  /** everything that matches is selected */
  isAll: boolean;
  /** all rows shown are selected */
  isWhole: boolean;
  shown: number;
  /** there is something that commands mean */
  isAimed: boolean;
  may: QueueRights;
  pending: boolean;
  run: (command: QueueCommand | "select-all" | "clear-all") => void;
}>) {
  const mayChoose = may.assign || may.resync || may.resolve;
  // On a phone it comes with the first row that is selected, and stays: there are no keys to learn from it, and rows begin higher up.
  const [isUsed, setIsUsed] = useState(false);
  if (!isUsed && (isAll || count !== 0)) setIsUsed(true);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div
      role="group"
      aria-label="What to do"
      className={cx(
        "relative flex items-center gap-x-1 overflow-x-auto border-line border-b px-3 py-1.5 [scrollbar-width:thin]",
        !isUsed && "max-md:hidden",
      )}
    >
      {mayChoose && shown > 0 && (
        <label className="mr-1 flex min-h-8 items-center gap-2 whitespace-nowrap text-sm">
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
          className="px-2"
          onClick={() => run("resync")}
        >
          Resync{" "}
          {count === 0
            ? "selected"
            : count === null
              ? "all matching"
              : `${count.toLocaleString("en")} selected`}
          <KeyCap>r</KeyCap>
        </Button>
      )}
      {acts
        .filter(({ right }) => right === undefined || right.some((one) => may[one]))
        .map(({ command, label, icon: Icon, aimed, brief }) => (
          <Button
            key={command}
            variant={aimed ? "secondary" : "quiet"}
            icon={<Icon aria-hidden size={14} />}
            pending={pending && aimed === true}
            disabled={aimed === true && !isAimed}
            aria-keyshortcuts={shortcut(command)}
            {...(brief && { title: label })}
            className={cx(
              "px-2",
              // On a phone rows are tapped, and what is done most with them comes first.
              command === "assign" && "max-md:-order-1",
              (command === "previous" || command === "next" || command === "help") && "max-md:hidden",
            )}
            onClick={() => run(command)}
          >
            {brief ? <span className="sr-only">{label}</span> : label}
            <KeyCap>{keyOf(command)}</KeyCap>
          </Button>
        ))}
    </div>
  );
}

/** What is selected, exactly, with its sums; and how to select all that match. */
export function SelectionStatus({
  selected,
  isAll,
  isWhole,
  shown,
  matching,
  mayChoose,
  run,
}: Readonly<{
  selected: readonly ExceptionTotal[];
  isAll: boolean;
  isWhole: boolean;
  shown: number;
  /** how many match the filter; null: more than were counted yet */
  matching: number | null;
  mayChoose: boolean;
  run: (command: "select-all" | "clear-all") => void;
}>) {
  const isSome = isAll || selected.length > 0;
  return (
    <div className={cx("flex flex-wrap items-center gap-x-3 gap-y-1", !isSome && "max-md:hidden")}>
      <div role="status" aria-live="polite" className="flex flex-wrap gap-x-5 gap-y-1">
        {!isSome && <span className="text-soft">Nothing selected</span>}
        {isAll && matching === null && <span className="font-semibold">All matching selected</span>}
        {!(isAll && matching === null) &&
          selected.map((total) => (
            <span key={total.currency} className="flex flex-wrap gap-x-3">
              <span className="font-semibold whitespace-nowrap">
                {total.count.toLocaleString("en")} selected
              </span>
              <Sums total={total} />
            </span>
          ))}
      </div>
      {mayChoose && !isAll && isWhole && (matching === null || matching > shown) && (
        <Button variant="quiet" onClick={() => run("select-all")}>
          Select all {matching === null ? "" : `${matching.toLocaleString("en")} `}matching this filter
        </Button>
      )}
      {isSome && (
        <Button variant="quiet" onClick={() => run("clear-all")}>
          Clear selection
        </Button>
      )}
    </div>
  );
}
