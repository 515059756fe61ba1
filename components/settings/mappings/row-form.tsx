"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button, ButtonLink } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { askForOneRow } from "@/lib/mappings/actions";
import type { MappingTable } from "@/lib/mappings/schema";
import { requestPath } from "../change/words";
import { mappingsPath } from "./paths";

/** What a row may name, and the row that is changed: what it is about stays, what it says of that is changed. */
export type Given = Readonly<{
  entityId: string;
  connections: readonly Readonly<{ id: string; name: string }>[];
  /** the row that is changed, as texts by field, with the first day by which it is found; null: a new one */
  row: Readonly<{ draft: Readonly<Record<string, string>>; begins: string }> | null;
}>;

/** A row of the mapping of references: what is left out of them, or which order a whole one is. */
export function ReferenceForm(given: Given) {
  const [part, setPart] = useState(given.row?.draft["part"] ?? "name");
  const isName = part === "name";
  return (
    <RowForm given={given} table="references" label="A reference of the ERP">
      {(of, fault) => (
        <>
          <SelectField
            label="What it is"
            name="part"
            value={part}
            disabled={given.row !== null}
            onChange={(event) => setPart(event.target.value)}
          >
            <option value="name">A whole reference, which is an order’s</option>
            <option value="beginning">A beginning that is left out</option>
            <option value="ending">An ending that is left out</option>
            <option value="separators">Signs that are left out</option>
            <option value="zeros">Zeros in front that are left out</option>
          </SelectField>
          {part !== "zeros" && (
            <TextField
              label={
                {
                  name: "The ERP’s reference",
                  separators: "Signs",
                  beginning: "Beginning",
                  ending: "Ending",
                }[part] ?? "Text"
              }
              name="text"
              required
              maxLength={isName ? 200 : 20}
              defaultValue={of("text")}
              readOnly={given.row !== null}
              error={fault("text")}
              hint={
                part === "beginning" || part === "ending"
                  ? "# is any digit, @ any letter; capitals don’t count"
                  : part === "separators"
                    ? "Such as - / . and blanks between others"
                    : "As it stands on the ERP’s document; capitals don’t count"
              }
            />
          )}
          {isName && (
            <TextField
              label="The order that it is"
              name="order"
              required
              maxLength={200}
              defaultValue={of("order")}
              error={fault("order")}
              hint="Its reference, SCAYLE id or public key"
            />
          )}
        </>
      )}
    </RowForm>
  );
}

/** A row of the mapping of payments: the ERP's code for SCAYLE's payment key. */
export function PaymentForm({
  shops,
  keys,
  codes,
  ...given
}: Given &
  Readonly<{
    shops: readonly Readonly<{ id: string; name: string }>[];
    /** keys and codes that the books have */
    keys: readonly string[];
    codes: readonly string[];
  }>) {
  return (
    <RowForm given={given} table="payments" label="A way of paying">
      {(of, fault) => (
        <>
          <TextField
            label="SCAYLE’s payment key"
            name="paymentKey"
            required
            maxLength={100}
            defaultValue={of("paymentKey")}
            readOnly={given.row !== null}
            error={fault("payment")}
            list="payment-keys"
          />
          <datalist id="payment-keys">
            {keys.map((key) => (
              <option key={key} value={key} />
            ))}
          </datalist>
          <SelectField
            label="Shop"
            name="shopId"
            defaultValue={of("shopId") || "*"}
            disabled={given.row !== null}
            error={fault("shop")}
          >
            <option value="*">Any shop</option>
            {shops.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          <TextField
            label="The ERP’s code"
            name="erpCode"
            required
            maxLength={40}
            defaultValue={of("erpCode")}
            error={fault("erp_code")}
            hint="In Business Central, the code of the payment terms"
            list="payment-codes"
          />
          <datalist id="payment-codes">
            {codes.map((code) => (
              <option key={code} value={code} />
            ))}
          </datalist>
        </>
      )}
    </RowForm>
  );
}

/** The form around the fields of a row: its days, why, and what is wrong with it; it becomes a request. */
export function RowForm({
  given: { entityId, connections, row },
  table,
  label,
  was,
  keeps: always,
  children,
}: Readonly<{
  given: Given;
  table: MappingTable;
  label: string;
  /** of a row of tax codes: the code that it is about now */
  was?: string | undefined;
  /** said where what it says now goes on until the day before in any case; left out: the person chooses */
  keeps?: string | undefined;
  children: (of: (field: string) => string, fault: (column: string) => string | undefined) => React.ReactNode;
}>) {
  const router = useRouter();
  const [problems, setProblems] = useState<
    readonly Readonly<{ column: string; what: string; advice: string }>[]
  >([]);
  const { run, pending, error } = useCommand(askForOneRow, {
    onDone: (came) => {
      setProblems(came.problems);
      if (came.id !== null) router.push(requestPath(entityId, came.id));
    },
  });
  const of = (field: string): string => row?.draft[field] ?? "";
  const columns = new Set([
    ...["text", "order", "payment", "shop", "erp_code", "valid_from", "valid_until"],
    ...["tax_code", "right", "stands_for", "sku"],
  ]);
  const fault = (column: string): string | undefined => {
    const found = problems.find((one) => one.column === column);
    return found && `${found.what} ${found.advice}`;
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setProblems([]);
    const data = new FormData(event.currentTarget);
    const texts = Object.fromEntries(
      [...data].flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
    );
    const { reason = "", keeps, ...draft } = texts;
    run({
      entityId,
      table,
      // What a disabled field holds is not sent by a form.
      draft: { holds: "yes", ...row?.draft, ...draft },
      ...(row && {
        replaces: row.begins,
        keeps: keeps !== undefined || always !== undefined,
        ...(was !== undefined && { was }),
      }),
      reason,
    });
  };
  const others = problems.filter((one) => !columns.has(one.column));
  return (
    <form onSubmit={submit} aria-label={label} className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {connections.length > 1 ? (
          <SelectField label="ERP" name="connection" defaultValue={of("connection")} disabled={row !== null}>
            {connections.map(({ id, name }) => (
              <option key={id} value={name}>
                {name}
              </option>
            ))}
          </SelectField>
        ) : (
          <input type="hidden" name="connection" value={connections[0]?.name ?? ""} />
        )}
        {children(of, fault)}
        <TextField
          label="From (posting date)"
          name="validFrom"
          type="date"
          defaultValue={of("validFrom")}
          error={fault("valid_from")}
          hint="Empty: from the beginning"
        />
        <TextField
          label="Until (posting date)"
          name="validUntil"
          type="date"
          defaultValue={of("validUntil")}
          error={fault("valid_until")}
          hint="Empty: without end"
        />
      </div>
      {row !== null && always !== undefined && <p className="text-sm">{always}</p>}
      {row !== null && always === undefined && (
        <label className="flex min-h-6 items-center gap-2 text-sm">
          <input type="checkbox" name="keeps" defaultChecked className="size-4 accent-accent" />
          Where it begins later than now: what it says now goes on until the day before
        </label>
      )}
      <TextField label="Why, for whoever approves it" name="reason" maxLength={1000} className="max-w-xl" />
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
      {others.map((one) => (
        <Message key={one.what} tone="broken" live title={one.what}>
          {one.advice}
        </Message>
      ))}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" pending={pending}>
          {pending ? "Previewing…" : "Preview and ask for approval"}
        </Button>
        <ButtonLink href={mappingsPath({ entity: entityId, tab: table })}>Cancel</ButtonLink>
      </div>
    </form>
  );
}
