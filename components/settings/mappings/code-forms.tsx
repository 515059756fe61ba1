"use client";

import { useState } from "react";
import { SelectField, TextField } from "@/components/ui/field";
import { channelWords, lineKinds, percent } from "../change/words";
import { type Given, RowForm } from "./row-form";

/** A row of a table that holds for all ERP connections of the entity. */
type OfEntity = Readonly<{ entityId: string; row: NonNullable<Given["row"]> }>;

/** A decided row of tax codes: another code from a day on, other days, or that it is not right any more. */
export function TaxCodeForm({
  entityId,
  row,
  codes,
}: OfEntity & Readonly<{ /** codes that are offered */ codes: readonly string[] }>) {
  const { shipTo = "", channel = "", rate = "", taxCode: was = "", right = "yes" } = row.draft;
  const [code, setCode] = useState(was);
  const isOther = code.trim() !== was;
  return (
    <RowForm
      given={{ entityId, connections: [], row }}
      table="tax-codes"
      label="A tax code"
      was={was}
      keeps={isOther ? `${was} goes on until the day before, as it stands.` : undefined}
    >
      {(_, fault) => (
        <>
          <p className="col-span-full text-sm">
            What ships to {shipTo} at {percent(rate)}, channel: {channelWords(channel)}
          </p>
          <TextField
            label="Tax code"
            name="taxCode"
            required
            maxLength={40}
            value={code}
            onChange={({ target }) => setCode(target.value)}
            error={fault("tax_code")}
            hint="Another one follows it from the first day below"
            list="tax-codes"
          />
          <datalist id="tax-codes">
            {codes.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <SelectField label="This code is" name="right" defaultValue={right} error={fault("right")}>
            <option value="yes">right there</option>
            <option value="no">not right there</option>
          </SelectField>
        </>
      )}
    </RowForm>
  );
}

/** A row of items: what an ERP item or account stands for, from a day on or always. */
export function ItemForm({ entityId, row }: OfEntity) {
  const { erpKind, erpItem, erpVariant, lineKind = "item", sku = "" } = row.draft;
  const [kind, setKind] = useState(lineKind);
  return (
    <RowForm given={{ entityId, connections: [], row }} table="items" label="An item of the ERP">
      {(_, fault) => (
        <>
          <p className="col-span-full text-sm">
            The ERP’s {erpKind === "account" ? "G/L account" : "item"} {erpItem}
            {erpVariant && `, variant ${erpVariant}`}
          </p>
          <SelectField
            label="Stands for"
            name="lineKind"
            value={kind}
            onChange={({ target }) => setKind(target.value)}
            error={fault("stands_for")}
          >
            {Object.entries(lineKinds).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </SelectField>
          {kind === "item" ? (
            <TextField
              label="SKU"
              name="sku"
              required
              maxLength={40}
              defaultValue={sku}
              error={fault("sku")}
            />
          ) : (
            <input type="hidden" name="sku" value="" />
          )}
        </>
      )}
    </RowForm>
  );
}
