"use client";

import { Eye } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { reveal } from "@/lib/orders/actions";
import type { Personal } from "@/lib/orders/masks";

/** The customer with first letters alone; in full for who may, with a reason, which is recorded. */
export function CustomerCard({
  entityId,
  orderKey,
  personal,
  erased,
  mayReveal,
}: Readonly<{
  entityId: string;
  orderKey: string;
  personal: Personal | null;
  erased: boolean;
  mayReveal: boolean;
}>) {
  const [shown, setShown] = useState<Personal | null>(null);
  const { run, pending, error, fieldErrors } = useCommand(reveal, { onDone: setShown });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run({ entityId, orderKey, reason: String(new FormData(event.currentTarget).get("reason") ?? "") });
  };
  const seen = shown ?? personal;
  return (
    <Card title="Customer">
      {seen === null ? (
        <p className="text-sm text-soft">
          {erased
            ? "The customer asked to be forgotten: nothing that names them is held any more. The order and its documents stay in the books."
            : "Nothing is known of the customer."}
        </p>
      ) : (
        <>
          <Facts
            items={[
              { label: "Name", value: seen.name ?? "–" },
              { label: "E-mail", value: seen.email ?? "–" },
              { label: "Phone", value: seen.phone ?? "–" },
              { label: "Ships to", value: seen.address.length > 0 ? seen.address.join(", ") : "–" },
            ]}
          />
          {shown !== null ? (
            <p role="status" className="mt-3 text-soft text-xs">
              Shown in full until this page is left. That you looked, and why, is in the audit trail.
            </p>
          ) : mayReveal ? (
            <form onSubmit={submit} className="mt-3 flex flex-col gap-2">
              <TextField
                label="Why do you need it in full?"
                name="reason"
                required
                minLength={5}
                maxLength={400}
                hint="Kept with your name in the audit trail"
                error={fieldErrors["reason"] ?? error ?? undefined}
              />
              <div>
                <Button type="submit" pending={pending} icon={<Eye aria-hidden size={14} />}>
                  Show in full
                </Button>
              </div>
            </form>
          ) : (
            <p className="mt-3 text-soft text-xs">Your role sees first letters only.</p>
          )}
        </>
      )}
    </Card>
  );
}
