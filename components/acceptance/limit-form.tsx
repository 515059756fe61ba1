"use client";

import { useRouter } from "next/navigation";
import { AmountForm } from "@/components/ui/amount-form";
import { useCommand } from "@/components/ui/use-command";
import { saveLimit } from "@/lib/acceptance/actions";

/** Up to which amount of a currency one person may accept an exception alone. */
export function LimitForm({
  entityId,
  currency,
  amount,
}: Readonly<{ entityId: string; currency: string; amount: string }>) {
  const router = useRouter();
  const { run, pending, error } = useCommand(saveLimit, {
    done: "Saved. It holds for everybody but you.",
    onDone: () => router.refresh(),
  });
  return (
    <AmountForm
      {...{ amount, pending, error }}
      label={`Limit in ${currency}`}
      save={(typed) => run({ entityId, currency, amount: typed })}
    />
  );
}
