"use client";

import Link from "next/link";
import { useId } from "react";
import { SelectField, TextField } from "@/components/ui/field";
import { dayName } from "@/lib/domain/day";
import { ONE_CHANNEL } from "@/lib/domain/group";
import type { InForce } from "@/lib/settings/change/data";
import type { Draft, SettingsChange } from "@/lib/settings/change/schema";
import { ChoiceField } from "./choice-field";
import { mappingOf } from "./defaults";
import { channels, channelWords, lineKinds, percent } from "./words";

export type FieldsProps = Readonly<{
  inForce: InForce;
  draft: Draft;
  faults: Readonly<Record<string, string>>;
  onField: (name: string, value: string) => void;
}>;

/** The fields of one kind of change, filled with what is in force. */
export function ChangeFields({ kind, ...rest }: FieldsProps & Readonly<{ kind: SettingsChange["kind"] }>) {
  switch (kind) {
    case "tax-code":
      return <TaxCodeFields {...rest} />;
    case "rounding":
      return <RoundingFields {...rest} />;
    case "none-tax-codes":
      return (
        <Text
          {...rest}
          name="taxCodes"
          label="Codes that mean “no code”, beside the empty one"
          hint="Commas between them; empty: only the empty code means none."
        />
      );
    case "posting-lag":
      return (
        <Text
          {...rest}
          name="hours"
          label="Hours until the ERP has posted"
          hint="A difference that is younger is timing, and nobody’s work yet."
          numeric
        />
      );
    case "item":
      return <ItemFields {...rest} />;
    case "local-currency":
      return <CurrencyFields {...rest} />;
    default:
      throw new Error(`no such change: ${kind satisfies never}`);
  }
}

const same = (values: readonly string[]) => values.map((value) => ({ value, label: value }));

function TaxCodeFields({ inForce, draft, faults, onField }: FieldsProps) {
  const choice = (name: string) => ({
    value: draft[name] ?? "",
    onValue: (value: string) => onField(name, value),
    error: faults[name],
  });
  return (
    <>
      <ChoiceField
        label="Ships to"
        otherLabel="Other country"
        hint="Two letters, like DE."
        options={same(inForce.countries)}
        {...choice("shipTo")}
      />
      <Select
        label="Channel"
        name="channel"
        options={{
          ...channels,
          ...Object.fromEntries(
            inForce.channels.map(({ key, name }) => [`${ONE_CHANNEL}${key}`, `only ${name} (${key})`]),
          ),
          // One that a row names and that is not listed any more stays what it is.
          ...(draft["channel"]?.startsWith(ONE_CHANNEL) &&
            !inForce.channels.some(({ key }) => draft["channel"] === `${ONE_CHANNEL}${key}`) && {
              [draft["channel"]]: channelWords(draft["channel"]),
            }),
        }}
        draft={draft}
        onField={onField}
      />
      <ChoiceField
        label="Rate"
        otherLabel="Other rate"
        hint="As a fraction: 0.19 for 19 %."
        options={inForce.rates.map((rate) => ({ value: rate, label: percent(rate) }))}
        {...choice("rate")}
      />
      <ChoiceField
        label="Tax code"
        otherLabel="Other tax code"
        options={same(inForce.codes)}
        {...choice("taxCode")}
      />
      <Select
        label="This code is"
        name="right"
        options={rightness}
        draft={draft}
        onField={onField}
        hint="Where no code is right for a rate, no code is held to be wrong."
      />
      <DayFields draft={draft} faults={faults} onField={onField} />
    </>
  );
}

/** From when to when a row of a mapping holds. */
function DayFields({ draft, faults, onField }: Omit<FieldsProps, "inForce">) {
  const replaced = draft["replaces"];
  return (
    <>
      <TextField
        type="date"
        label="First day"
        value={draft["validFrom"] ?? ""}
        hint="Of the document, in its posting date; empty: from the beginning."
        error={faults["validFrom"]}
        onChange={(event) => onField("validFrom", event.target.value)}
      />
      <TextField
        type="date"
        label="Last day"
        value={draft["validUntil"] ?? ""}
        hint="Empty: without end."
        error={faults["validUntil"]}
        onChange={(event) => onField("validUntil", event.target.value)}
      />
      <p className="col-span-full text-sm text-soft">
        {replaced
          ? `This changes the row ${replaced === "beginning" ? "that has no first day" : `that begins on ${dayName(replaced)}`}.`
          : "This adds a row, or changes the one with the same first day. Rows of the same may follow each other, and share no day."}
      </p>
    </>
  );
}

const rightness = { yes: "right there", no: "not right there" };
const levels = {
  unit: "per unit",
  line: "per line",
  document: "per document",
  order: "per order",
};
const modes = { "half-up": "half up", "half-even": "half to even" };
const bases = { gross: "gross prices", net: "net prices" };
const firsts = { tax: "the tax; the net is its rest", net: "the net; the tax is its rest" };

function RoundingFields({ inForce, draft, faults, onField }: FieldsProps) {
  const connections = Object.fromEntries(inForce.connections.map(({ id, name }) => [id, name]));
  return (
    <>
      <Select
        label="Connection"
        name="connectionId"
        options={connections}
        draft={draft}
        onField={onField}
        error={faults["connectionId"]}
      />
      <Select label="Rounds" name="level" options={levels} draft={draft} onField={onField} />
      <Select label="A half goes" name="mode" options={modes} draft={draft} onField={onField} />
      <Select label="Computes from" name="basis" options={bases} draft={draft} onField={onField} />
      <Select label="Rounded is" name="first" options={firsts} draft={draft} onField={onField} />
      <p className="col-span-full text-sm text-soft">
        What is posted tells which policy each side follows:{" "}
        <Link href="/settings/rounding" className="text-accent underline">
          How the systems round
        </Link>
        .
      </p>
    </>
  );
}

function CurrencyFields(props: FieldsProps) {
  const open = props.inForce.connections.filter((one) => one.leavesCurrencyOut);
  if (open.length === 0) {
    return (
      <p className="col-span-full text-sm text-soft">
        Every connection of this entity names the currency of each document: there is nothing to set.
      </p>
    );
  }
  return (
    <>
      <Select
        label="Connection"
        name="connectionId"
        options={Object.fromEntries(open.map(({ id, name }) => [id, name]))}
        draft={props.draft}
        onField={props.onField}
        error={props.faults["connectionId"]}
      />
      <Text
        {...props}
        name="currency"
        label="Currency"
        hint="Of documents that name none. Once set it holds: what was read with it is not read again with another."
      />
    </>
  );
}

const erpKinds = { item: "Item", account: "G/L account" };

function ItemFields(props: FieldsProps) {
  const { inForce, draft, onField } = props;
  const listId = useId();
  const known = mappingOf(inForce, draft);
  const isItem = draft["lineKind"] === "item";
  return (
    <>
      <Select label="In the ERP it is" name="erpKind" options={erpKinds} draft={draft} onField={onField} />
      <Text
        {...props}
        name="erpItem"
        label="Number"
        list={listId}
        hint={
          known ? `Now stands for ${known.sku ?? lineKinds[known.lineKind] ?? known.lineKind}.` : undefined
        }
      />
      <datalist id={listId}>
        {[
          ...new Set(
            inForce.items.filter((one) => one.erpKind === draft["erpKind"]).map((one) => one.erpItem),
          ),
        ].map((number) => (
          <option key={number} value={number} />
        ))}
      </datalist>
      <Text {...props} name="erpVariant" label="Variant" hint="Empty where it has none." />
      <Select label="Stands for" name="lineKind" options={lineKinds} draft={draft} onField={onField} />
      {isItem && <Text {...props} name="sku" label="SKU" />}
      <DayFields {...props} />
    </>
  );
}

function Select({
  label,
  name,
  options,
  draft,
  onField,
  error,
  hint,
}: Readonly<{
  label: string;
  name: string;
  options: Readonly<Record<string, string>>;
  draft: Draft;
  onField: FieldsProps["onField"];
  error?: string | undefined;
  hint?: string;
}>) {
  return (
    <SelectField
      label={label}
      value={draft[name] ?? ""}
      onChange={(event) => onField(name, event.target.value)}
      error={error}
      hint={hint}
    >
      {Object.entries(options).map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}

function Text({
  name,
  label,
  hint,
  list,
  numeric = false,
  draft,
  faults,
  onField,
}: FieldsProps &
  Readonly<{ name: string; label: string; hint?: string | undefined; list?: string; numeric?: boolean }>) {
  return (
    <TextField
      label={label}
      value={draft[name] ?? ""}
      onChange={(event) => onField(name, event.target.value)}
      error={faults[name]}
      hint={hint}
      list={list}
      inputMode={numeric ? "numeric" : undefined}
    />
  );
}
