"use client";

import { useRouter } from "next/navigation";
import { AmountForm } from "@/components/ui/amount-form";
import { useCommand } from "@/components/ui/use-command";
import { saveLimit } from "@/lib/resolutions/actions";

/** Up to which amount of the entity's currency one person may send a resolution alone. */
export function ResolutionLimitForm({
  entityId,
  code,
  title,
  currency,
  amount,
}: Readonly<{ entityId: string; code: string; title: string; currency: string; amount: string }>) {
  const router = useRouter();
  const { run, pending, error } = useCommand(saveLimit, {
    done: "Saved. It holds for everybody but you.",
    onDone: () => router.refresh(),
  });
  return (
    <AmountForm
      {...{ amount, pending, error }}
      label={`Limit of “${title}” in ${currency}`}
      save={(typed) => run({ entityId, code, currency, amount: typed })}
    />
  );
}
