"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { askForChange } from "@/lib/mappings/actions";
import type { MappingChange } from "@/lib/mappings/schema";
import { proposeReferenceRules } from "@/lib/pairing/actions";
import type { RulesPreview } from "@/lib/pairing/rules-preview";
import { requestPath } from "../change/words";
import { RulesEffect } from "./rules-effect";

type Rules = Readonly<{
  prefixes: readonly string[];
  suffixes: readonly string[];
  separators: string;
  leadingZeros: boolean;
}>;

const NOTHING_HELPS = "Nothing that could be left out helps the documents that stand alone.";

/** Looks for what might be left out of references so that documents on their own find their order; what helps becomes one request. */
export function LookForRules({
  entityId,
  connectionId,
  name,
}: Readonly<{ entityId: string; connectionId: string; name: string }>) {
  const router = useRouter();
  const [found, setFound] = useState<Readonly<{ rules: Rules; preview: RulesPreview }> | null>(null);
  const look = useCommand(proposeReferenceRules, {
    done: (rules) => (rules ? "Something helps." : NOTHING_HELPS),
    onDone: (rules) => {
      setFound(rules);
      setHelpsNot(rules === null);
    },
  });
  const [helpsNot, setHelpsNot] = useState(false);
  const ask = useCommand(askForChange, { onDone: ({ id }) => router.push(requestPath(entityId, id)) });
  const changes = found === null ? [] : changesOf(connectionId, found.rules);
  return (
    <section aria-label={`References of ${name}`} className="flex flex-col gap-3">
      <div>
        <Button wrap pending={look.pending} onClick={() => look.run({ entityId, connectionId })}>
          {look.pending ? "Looking…" : `Look for what to leave out of references, ${name}`}
        </Button>
      </div>
      {look.pending && (
        <p role="status" className="text-sm text-soft">
          What could be left out is tried on every document that stands alone: it may take half a minute.
        </p>
      )}
      {helpsNot && !look.pending && <p className="text-sm">{NOTHING_HELPS}</p>}
      {found && (
        <>
          <p className="text-sm">
            These together:{" "}
            {[
              ...found.rules.prefixes.map((one) => `the beginning “${one}”`),
              ...found.rules.suffixes.map((one) => `the ending “${one}”`),
              ...(found.rules.separators ? [`the signs “${found.rules.separators}”`] : []),
              ...(found.rules.leadingZeros ? ["zeros in front"] : []),
            ].join(", ")}
          </p>
          <RulesEffect preview={found.preview} />
          <div>
            <Button
              variant="primary"
              pending={ask.pending}
              onClick={() => ask.run({ entityId, changes, source: "proposals" })}
            >
              {ask.pending ? "Previewing…" : "Preview and ask for approval"}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}

function changesOf(connectionId: string, rules: Rules): MappingChange[] {
  const row = (part: "beginning" | "ending" | "separators" | "zeros", text: string): MappingChange => ({
    kind: "reference",
    connectionId,
    part,
    text,
    order: null,
  });
  return [
    ...rules.prefixes.map((text) => row("beginning", text)),
    ...rules.suffixes.map((text) => row("ending", text)),
    ...(rules.separators ? [row("separators", rules.separators)] : []),
    ...(rules.leadingZeros ? [row("zeros", "")] : []),
  ];
}
