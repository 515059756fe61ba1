"use client";

import { Save, ScanSearch, Wrench } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Facts } from "@/components/ui/facts";
import { SelectField, TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { daysWords } from "@/lib/domain/day";
import { toJson } from "@/lib/domain/json";
import { askForChange } from "@/lib/mappings/actions";
import { previewSettingsChange, saveChangeAndResync } from "@/lib/settings/change/actions";
import type { LackView } from "@/lib/settings/change/loaders";
import { type Draft, isMapping, readDraft, type SettingsChange } from "@/lib/settings/change/schema";
import { EffectOf, type PreviewView } from "./effect";
import { channels, requestPath } from "./words";

type Previewed = Readonly<{ of: string; view: PreviewView }>;

/**
 * A mapping that a record lacks, set where that is seen: the value is previewed, and one press saves it and has the
 * record read again, or all records that lack the same. Who may not set it is told who may.
 */
export function LackForm({ lack }: Readonly<{ lack: LackView }>) {
  const { words } = lack;
  const [open, setOpen] = useState(false);
  if (lack.goesTo !== null) {
    return (
      <Message title={words.what}>
        You may not set it: it goes to {lack.goesTo}. After that, resync it from here.
      </Message>
    );
  }
  if (!open) {
    return (
      <Button icon={<Wrench aria-hidden size={14} />} onClick={() => setOpen(true)}>
        Set the mapping and try again…
      </Button>
    );
  }
  return <OpenForm lack={lack} onCancel={() => setOpen(false)} />;
}

function OpenForm({ lack, onCancel }: Readonly<{ lack: LackView; onCancel: () => void }>) {
  const { words } = lack;
  const router = useRouter();
  const [draft, setDraft] = useState<Draft>(lack.draft);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [all, setAll] = useState(lack.count > 1);
  const [previewed, setPreviewed] = useState<Previewed | null>(null);
  const read = readDraft(lack.kind, draft);
  const holds = previewed !== null && read.change !== null && previewed.of === toJson(read.change);
  // What agreed and would no longer is never wanted: the mapping is hardly what is wrong then.
  const losesMatches = holds && previewed.view.matchesLost > 0;
  const preview = useCommand(async (change: SettingsChange) => {
    const answer = await previewSettingsChange({ entityId: lack.entityId, change });
    if (answer.data) setPreviewed({ of: toJson(change), view: answer.data });
    return answer;
  });
  const save = useCommand(saveChangeAndResync, {
    done: ({ count }) => `Saved; ${count === 1 ? "the record is" : `${count} records are`} read again.`,
    onDone: ({ runId }) => router.push(`/orders/resync/${runId}` as Route),
  });
  const asking = useCommand(askForChange, {
    done: "Asked for. The records are read again by themselves once somebody approves it.",
    onDone: ({ id }) => router.push(requestPath(lack.entityId, id)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (read.faults) return setFaults(read.faults);
    setFaults({});
    if (!holds) return preview.run(read.change);
    const { seal } = previewed.view;
    const again = all ? lack.all : lack.one;
    if (lack.approvers === null || !isMapping(read.change))
      return save.run({ entityId: lack.entityId, change: read.change, seal, again });
    asking.run({ entityId: lack.entityId, changes: [read.change], source: "record", again });
  };
  return (
    <form
      onSubmit={submit}
      noValidate
      aria-label="Set the mapping and try again"
      className="flex w-full flex-col gap-3 rounded-md border border-line bg-sunken p-3 text-sm"
    >
      <p className="font-medium">{words.what}</p>
      <Facts
        items={[
          { label: "As it came", value: <span className="font-mono">{words.raw}</span> },
          ...(lack.kind === "local-currency"
            ? []
            : [
                {
                  label: "Holds for documents",
                  value: daysWords(draft["validFrom"], draft["validUntil"]).slice(2) || "of every date",
                },
              ]),
        ]}
      />
      <div className="max-w-sm">
        <TheField
          kind={lack.kind}
          draft={draft}
          faults={faults}
          hint={words.suggested}
          onField={(name, value) => setDraft({ ...draft, [name]: value })}
        />
      </div>
      <p className="max-w-prose text-soft">{words.caution}</p>
      {holds && <EffectOf preview={previewed.view} />}
      {lack.count > 1 && (
        <label className="flex min-h-8 items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={all}
            onChange={(event) => setAll(event.target.checked)}
          />
          Try all {lack.count.toLocaleString("en")} again that lack the same
        </label>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          type="submit"
          variant={losesMatches ? "danger" : "primary"}
          icon={holds ? <Save aria-hidden size={14} /> : <ScanSearch aria-hidden size={14} />}
          pending={preview.pending || save.pending || asking.pending}
        >
          {labelOf({
            holds,
            losesMatches,
            asks: lack.approvers !== null,
            previewing: preview.pending,
            saving: save.pending || asking.pending,
          })}
        </Button>
        <Button variant="quiet" onClick={onCancel} disabled={save.pending || asking.pending}>
          Cancel
        </Button>
      </div>
      <p role="status" className="sr-only">
        {preview.pending ? "Previewing the effect." : holds && previewed.view.sentence}
      </p>
      {lack.approvers !== null && (
        <p className="max-w-prose text-soft">
          A second person approves it: {lack.approvers}. After that the records are read again by themselves.
        </p>
      )}
      {(save.error ?? asking.error ?? preview.error) && (
        <Message tone="broken" live>
          {save.error ?? asking.error ?? preview.error}
        </Message>
      )}
    </form>
  );
}

type At = Readonly<{
  holds: boolean;
  losesMatches: boolean;
  asks: boolean;
  previewing: boolean;
  saving: boolean;
}>;

function labelOf(at: At): string {
  if (at.saving) return at.asks ? "Asking…" : "Saving…";
  if (at.previewing) return "Previewing…";
  if (!at.holds) return "See what it changes";
  if (at.asks) return at.losesMatches ? "Ask for approval all the same" : "Ask for approval";
  return at.losesMatches ? "Save all the same and try again" : "Save and try again";
}

/** The one field that is not known from the record itself. */
function TheField({
  kind,
  draft,
  faults,
  hint,
  onField,
}: Readonly<{
  kind: LackView["kind"];
  draft: Draft;
  faults: Readonly<Record<string, string>>;
  hint: string;
  onField: (name: string, value: string) => void;
}>) {
  if (kind === "tax-code") {
    const own = draft["channel"] ?? "*";
    return (
      <SelectField
        label="Right for goods sold in"
        value={own}
        hint={hint}
        error={faults["channel"]}
        onChange={(event) => onField("channel", event.target.value)}
      >
        {Object.entries(channels).map(([value, name]) => (
          <option key={value} value={value}>
            {value === "*" ? "any channel" : `channel ${name}`}
          </option>
        ))}
      </SelectField>
    );
  }
  const name = kind === "item" ? "sku" : "currency";
  return (
    <TextField
      label={kind === "item" ? "It stands for SKU" : "Currency of such documents"}
      value={draft[name] ?? ""}
      hint={`Suggested: ${hint}`}
      error={faults[name]}
      onChange={(event) => onField(name, event.target.value)}
    />
  );
}
