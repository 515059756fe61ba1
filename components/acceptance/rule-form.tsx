"use client";

import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { Amount } from "@/components/ui/amount";
import { Button } from "@/components/ui/button";
import { SelectField, TextareaField, TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { foreseeRule, propose } from "@/lib/acceptance/actions";
import type { RuleEffect } from "@/lib/acceptance/data";

type Choices = Readonly<{
  causes: readonly Readonly<{ code: string; title: string }>[];
  shops: readonly Readonly<{ id: string; name: string }>[];
  channels: readonly string[];
  currencies: readonly string[];
}>;

/** Proposes that such exceptions are always accepted, after showing what that would accept of all that is open now. */
export function RuleForm({
  entityId,
  choices,
  lastDay,
}: Readonly<{ entityId: string; choices: Choices; lastDay: string }>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [effect, setEffect] = useState<RuleEffect | null>(null);
  const preview = useCommand(foreseeRule, { onDone: (data: RuleEffect) => setEffect(data) });
  const command = useCommand(propose, {
    done: "Proposed. It accepts nothing until somebody else approves it.",
    onDone: () => {
      form.current?.reset();
      setEffect(null);
      router.refresh();
    },
  });
  const text = (name: string) => (form.current ? String(new FormData(form.current).get(name) ?? "") : "");
  const scope = () => ({
    entityId,
    cause: text("cause"),
    shopId: text("shop"),
    channel: text("channel"),
    taxCode: text("taxCode"),
    currency: text("currency"),
    most: text("most"),
  });
  const fieldErrors = { ...preview.fieldErrors, ...command.fieldErrors };
  const error = command.error ?? preview.error;
  return (
    <form
      ref={form}
      noValidate
      onChange={() => setEffect(null)}
      onSubmit={(event) => {
        event.preventDefault();
        command.run({ ...scope(), expiresOn: text("expiresOn"), reason: text("reason") });
      }}
      className="flex flex-col gap-3"
    >
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        <SelectField label="Cause" name="cause" error={fieldErrors["cause"]}>
          {choices.causes.map((cause) => (
            <option key={cause.code} value={cause.code}>
              {cause.title}
            </option>
          ))}
        </SelectField>
        <SelectField label="Shop" name="shop">
          <option value="">Any</option>
          {choices.shops.map((shop) => (
            <option key={shop.id} value={shop.id}>
              {shop.name}
            </option>
          ))}
        </SelectField>
        <SelectField label="Channel" name="channel">
          <option value="">Any</option>
          {choices.channels.map((channel) => (
            <option key={channel}>{channel}</option>
          ))}
        </SelectField>
        <TextField
          label="ERP tax code on every line"
          name="taxCode"
          maxLength={40}
          hint="Empty: any; a hyphen: lines without one"
        />
        <SelectField label="Currency" name="currency">
          {choices.currencies.map((currency) => (
            <option key={currency}>{currency}</option>
          ))}
        </SelectField>
        <TextField
          label="At most, each"
          name="most"
          inputMode="decimal"
          required
          hint="Net, tax and gross of an exception"
          error={fieldErrors["most"]}
        />
        <TextField
          label="Last day on which it holds"
          name="expiresOn"
          type="date"
          required
          max={lastDay}
          hint="At most a year ahead"
          error={fieldErrors["expiresOn"]}
        />
      </div>
      <TextareaField
        label="Why such exceptions are right as they are"
        name="reason"
        required
        maxLength={1000}
        error={fieldErrors["reason"]}
      />
      {error && Object.keys(fieldErrors).length === 0 && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
      {effect && (
        <Message tone="neutral" title="Of all that is open now" live>
          <Effect effect={effect} />
        </Message>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          pending={preview.pending}
          onClick={() => preview.run({ ...scope(), expiresOn: text("expiresOn") || undefined })}
        >
          Preview the effect
        </Button>
        <Button type="submit" variant="primary" pending={command.pending} disabled={effect === null}>
          Propose the rule
        </Button>
      </div>
    </form>
  );
}

/** What a rule would accept, and what it would leave. */
export function Effect({ effect }: Readonly<{ effect: RuleEffect }>) {
  return (
    <ul>
      {effect.accepted.map((row) => (
        <li key={row.currency}>
          {row.count.toLocaleString("en")} {row.count === 1 ? "exception" : "exceptions"} would be accepted,
          over <Amount minor={row.extent} currency={row.currency} withCurrency /> in all; together they come
          to <Amount minor={row.net} currency={row.currency} signed withCurrency /> net,{" "}
          <Amount minor={row.tax} currency={row.currency} signed withCurrency /> tax and{" "}
          <Amount minor={row.gross} currency={row.currency} signed withCurrency /> gross (SCAYLE − ERP).
        </li>
      ))}
      {effect.accepted.length === 0 && <li>None would be accepted.</li>}
      <li>
        {effect.left.toLocaleString("en")} of the same cause would be left to people{whyLeft(effect)}.
      </li>
    </ul>
  );
}

/** Why exceptions of the same cause are left, with how many where the reasons differ. */
function whyLeft({ left, above, ambiguous }: RuleEffect): string {
  const reasons = [
    [above, "with an amount above the limit or in another currency"],
    [ambiguous, "which another cause would explain as well"],
    [left - above - ambiguous, "outside its shop, channel, tax code or currency"],
  ] as const;
  const given = reasons.filter(([count]) => count > 0);
  if (given.length === 0) return "";
  if (given.length === 1) return `, ${given[0]?.[1]}`;
  return `: ${given.map(([count, why]) => `${count.toLocaleString("en")} ${why}`).join("; ")}`;
}
