"use client";

import { Dialog } from "@/components/ui/dialog";
import { KeyCap } from "@/components/ui/key-cap";
import { queueKeys } from "./keys";

/** All keys of the queue, and the switch that turns single keys off. */
export function HelpSheet({
  singleKeys,
  onSwitch,
  onClose,
}: Readonly<{ singleKeys: boolean; onSwitch: (on: boolean) => void; onClose: () => void }>) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={singleKeys}
          onChange={({ target }) => onSwitch(target.checked)}
        />
        Single keys are commands
      </label>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
        {queueKeys.map(({ command, keys, does }) => (
          <div key={command} className="contents">
            <dt className="flex gap-1">
              <span className="sr-only">{keys.join(" or ")}</span>
              {keys.map((key) => (
                <KeyCap key={key}>{key}</KeyCap>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 max-w-prose text-sm text-soft">
        Commands mean the selected rows; without a selection the row that had the focus last. In fields and
        dialogs letters are letters; Ctrl or ⌘ with Enter sends a dialog’s form. Every key has a button above
        the list.
      </p>
    </Dialog>
  );
}
