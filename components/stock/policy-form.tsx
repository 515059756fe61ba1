"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { saveStockPolicy } from "@/lib/stock/actions";
import type { StockPolicy } from "@/lib/stock/policy";

/** Sets how an entity's stock is compared. The event is typed in, and refused where it is one of a basket. */
export function PolicyForm({
  entityId,
  policy,
  warehouses,
}: Readonly<{ entityId: string; policy: StockPolicy; warehouses: readonly string[] }>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(saveStockPolicy, {
    done: "It is set, and the stock reckoned anew.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    run({
      entityId,
      warehouses: form.getAll("warehouse").map(String),
      main: text("main") || null,
      movesOn: text("movesOn"),
      toldWithinMinutes: Number(text("minutes")),
      reason: text("reason"),
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 pt-3" aria-label="How stock is compared">
      <fieldset className="flex flex-col gap-1">
        <legend className="font-medium text-sm">
          Warehouses with this entity’s goods (none chosen: all)
        </legend>
        {warehouses.map((one) => (
          <label key={one} className="flex min-h-[24px] items-center gap-2 text-sm">
            <input
              type="checkbox"
              name="warehouse"
              value={one}
              defaultChecked={policy.warehouses.includes(one)}
            />
            {one}
          </label>
        ))}
      </fieldset>
      <div className="grid gap-3 md:grid-cols-2">
        <SelectField
          label="Takes the difference of the ERP’s one figure"
          name="main"
          defaultValue={policy.main ?? ""}
          error={fieldErrors["main"]}
        >
          <option value="">nobody has said</option>
          {warehouses.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Event on which stock moves"
          name="movesOn"
          defaultValue={policy.movesOn}
          hint="order-confirmed, or order-pending"
          error={fieldErrors["movesOn"]}
        />
        <TextField
          label="Minutes within which SCAYLE is told"
          name="minutes"
          inputMode="numeric"
          defaultValue={String(policy.toldWithinMinutes)}
          error={fieldErrors["toldWithinMinutes"]}
        />
        <TextField label="Why" name="reason" required error={fieldErrors["reason"]} />
      </div>
      {error && Object.keys(fieldErrors).length === 0 && (
        <p role="alert" className="text-broken text-sm">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" pending={pending}>
          Set how stock is compared
        </Button>
      </div>
    </form>
  );
}
