"use client";

import { Save, ScanSearch } from "lucide-react";
import type { Route } from "next";
import { usePathname, useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { SelectField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { TableSkeleton } from "@/components/ui/skeleton";
import { type LatestRun, useBackgroundCommand } from "@/components/ui/use-background-command";
import { useCommand } from "@/components/ui/use-command";
import { toJson } from "@/lib/domain/json";
import { askForChange } from "@/lib/mappings/actions";
import { previewSettingsChange, saveSettingsChange } from "@/lib/settings/change/actions";
import type { InForce } from "@/lib/settings/change/data";
import {
  changeFields,
  changeKinds,
  type Draft,
  isChangeKind,
  isMapping,
  readDraft,
  type SettingsChange,
} from "@/lib/settings/change/schema";
import { ChangeFields } from "./change-fields";
import { defaultsOf } from "./defaults";
import { EffectOf, type PreviewView } from "./effect";
import { InForceCard } from "./in-force";
import { requestPath } from "./words";

type Kind = SettingsChange["kind"];
/** A preview, and the change that it is of. */
type Previewed = Readonly<{ of: string; view: PreviewView }>;

/**
 * A change of settings: chosen, previewed, and saved only as it was previewed. The address holds what is chosen.
 * Who may not change settings sees what is in force.
 */
export function ChangeForm({
  entity,
  inForce,
  latest,
  writable,
  maySeeExceptions,
  approvers,
  asked,
}: Readonly<{
  entity: Readonly<{ id: string; name: string }>;
  inForce: InForce;
  latest: LatestRun;
  /** the kinds of change that the person may make */
  writable: readonly string[];
  maySeeExceptions: boolean;
  /** who approves a change of a mapping, where a second person does */
  approvers: string | null;
  /** the change as the address states it */
  asked: Readonly<{ kind: Kind; draft: Draft }>;
}>) {
  const pathname = usePathname();
  const [kind, setKind] = useState<Kind>(asked.kind);
  const [chosen, setChosen] = useState<Draft>(asked.draft);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [previewed, setPreviewed] = useState<Previewed | null>(null);
  const [saved, setSaved] = useState<string | null>(null);
  const draft = { ...defaultsOf(kind, inForce, chosen), ...chosen };
  const mayWrite = writable.includes(kind);
  const read = readDraft(kind, draft);
  const current = read.change && toJson(read.change);

  const show = (nextKind: Kind, next: Draft) => {
    setKind(nextKind);
    setChosen(next);
    setFaults({});
    const all = { ...defaultsOf(nextKind, inForce, next), ...next };
    const fields = changeFields[nextKind].flatMap((name) => (all[name] ? [[name, all[name]]] : []));
    const query = new URLSearchParams([["entity", entity.id], ["change", nextKind], ...fields]);
    // Not a navigation: nothing on the server depends on what is being typed.
    window.history.replaceState(null, "", `${pathname}?${query}`);
  };
  // Another connection rounds as it does: its fields begin with what is in force there.
  const setField = (name: string, value: string) =>
    show(kind, name === "connectionId" ? { connectionId: value } : nextDraft(chosen, name, value));

  const holds = previewed !== null && previewed.of === current;
  const preview = useCommand(async (change: SettingsChange) => {
    const answer = await previewSettingsChange({ entityId: entity.id, change });
    if (answer.data) setPreviewed({ of: toJson(change), view: answer.data });
    return answer;
  });
  const saving = useBackgroundCommand({
    action: saveSettingsChange,
    label: "Reconciliation with the change",
    latest,
    onStarted: () => setSaved(previewed?.of ?? null),
  });
  const router = useRouter();
  const asking = useCommand(askForChange, {
    done: "Asked for. It holds once somebody else approves it.",
    onDone: ({ id }) => router.push(requestPath(entity.id, id)),
  });
  const asks = approvers !== null && read.change !== null && isMapping(read.change);
  const save = () => {
    if (!holds || !read.change) return;
    if (asks && isMapping(read.change))
      return asking.run({ entityId: entity.id, changes: [read.change], source: "change" });
    saving.run({ entityId: entity.id, change: read.change, seal: previewed.view.seal });
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (read.faults) return setFaults(read.faults);
    setPreviewed(null);
    setSaved(null);
    preview.run(read.change);
  };

  const isSaved = saved !== null && saved === previewed?.of;
  return (
    <>
      {!mayWrite && (
        <Message
          title={
            kind === "rounding"
              ? "You may not confirm how the systems round."
              : "You may not change the settings."
          }
        >
          What is in force is shown. {kind === "rounding" ? "A finance reviewer or an" : "An"} administrator
          can preview a change and save it.
        </Message>
      )}
      <Card title="The change">
        <form onSubmit={submit} aria-label="The change" noValidate>
          <fieldset className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3" disabled={saving.busy}>
            <legend className="sr-only">What is to hold in {entity.name}</legend>
            <div className="col-span-full sm:max-w-md">
              <SelectField
                label="What to change"
                value={kind}
                onChange={({ target }) => isChangeKind(target.value) && show(target.value, {})}
              >
                {Object.entries(changeKinds).map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </SelectField>
            </div>
            {kind === "rounding" && inForce.connections.length === 0 ? (
              <p className="col-span-full text-sm text-soft">
                No ERP is connected: there is nothing that rounds yet.
              </p>
            ) : (
              <fieldset key={kind} className="contents" disabled={!mayWrite}>
                <ChangeFields
                  kind={kind}
                  inForce={inForce}
                  draft={draft}
                  faults={faults}
                  onField={setField}
                />
              </fieldset>
            )}
          </fieldset>
          {mayWrite && (
            <div className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-2">
              <Button
                type="submit"
                variant={holds ? "secondary" : "primary"}
                icon={<ScanSearch aria-hidden size={14} />}
                pending={preview.pending}
                disabled={saving.busy}
              >
                {preview.pending ? "Previewing…" : "Preview the effect"}
              </Button>
              <Button
                variant={holds ? "primary" : "secondary"}
                icon={<Save aria-hidden size={14} />}
                pending={saving.busy || asking.pending}
                disabled={!holds || isSaved || preview.pending}
                aria-describedby="save-note"
                onClick={save}
              >
                {saving.busy ? "Reconciling…" : asks ? "Ask for approval" : "Save the change"}
              </Button>
              <p id="save-note" className="text-sm text-soft">
                {noteOf({
                  holds,
                  isSaved,
                  hasPreview: previewed !== null,
                  busy: saving.busy,
                  approvers: asks ? approvers : null,
                })}
              </p>
            </div>
          )}
          {(preview.error || saving.error || asking.error) && (
            <div className="mt-3">
              <Message tone="broken" title={saving.error ?? asking.error ?? preview.error ?? ""} />
            </div>
          )}
        </form>
      </Card>
      <p role="status" className="sr-only">
        {preview.pending ? "Previewing the effect." : holds && previewed.view.sentence}
      </p>
      {(preview.pending || holds) && (
        <Card
          title="The effect"
          description={`On every order of ${entity.name}, as a reconciliation with the change would leave them`}
        >
          {isSaved && (
            <div className="mb-4">
              <Saved
                busy={saving.busy}
                failed={latest?.state === "failed" ? (latest.error ?? "It gave no reason.") : null}
                entityId={maySeeExceptions ? entity.id : null}
              />
            </div>
          )}
          {preview.pending ? <Pending /> : previewed && <EffectOf preview={previewed.view} />}
        </Card>
      )}
      <InForceCard kind={kind} entityId={entity.id} />
    </>
  );
}

/** A form after one of its fields was changed; of another code or item, there is no row yet to take the place of. */
function nextDraft(chosen: Draft, name: string, value: string): Draft {
  const { replaces, ...rest } = { ...chosen, [name]: value };
  const keys = ["shipTo", "channel", "rate", "taxCode", "erpKind", "erpItem", "erpVariant"];
  return replaces === undefined || keys.includes(name) ? rest : { ...rest, replaces };
}

type At = Readonly<{
  holds: boolean;
  isSaved: boolean;
  hasPreview: boolean;
  busy: boolean;
  approvers: string | null;
}>;

function noteOf(at: At) {
  if (at.busy) return "A reconciliation is at work.";
  if (at.isSaved) return "Saved.";
  if (at.holds && at.approvers !== null)
    return `A mapping is changed by two people. These can approve it: ${at.approvers}.`;
  if (at.holds) return "Saves exactly what was previewed, and reconciles with it.";
  return at.hasPreview
    ? "The values are not those of the preview any more: preview them to save them."
    : "Preview the effect first; nothing is stored by that.";
}

function Pending() {
  return (
    <>
      <p className="mb-3 text-sm text-soft">
        Every order is matched with the change, and all of it undone again. Syncs wait meanwhile.
      </p>
      <TableSkeleton rows={4} label="Loading the effect…" />
    </>
  );
}

function Saved({
  busy,
  failed,
  entityId,
}: Readonly<{ busy: boolean; failed: string | null; entityId: string | null }>) {
  if (busy) {
    return (
      <Message live title="The change is saved.">
        A reconciliation with it is at work; the figures follow when it is done.
      </Message>
    );
  }
  if (failed !== null) {
    return (
      <Message live tone="broken" title="The change is saved, but the reconciliation with it failed.">
        {failed} The figures are those from before; reconcile again.
      </Message>
    );
  }
  return (
    <Message
      live
      tone="agrees"
      title="The change is saved, and the reconciliation with it is done."
      action={
        entityId && (
          <ButtonLink href={`/exceptions?entity=${entityId}` as Route}>Open the exceptions</ButtonLink>
        )
      }
    >
      Below is what the preview said; the exceptions show what came of it.
    </Message>
  );
}
