import { Badge } from "@/components/ui/badge";
import type { Totals } from "@/lib/close/schema";

/** What the reconciliation proved about its own figures, each with its state. */
export function ProofsList({
  proofs,
}: Readonly<{ proofs: readonly (Totals["proofs"][number] & Readonly<{ title: string }>)[] }>) {
  return (
    <ul className="flex flex-col gap-2 text-sm">
      {proofs.map((proof) => (
        <li key={proof.name} className="flex items-start justify-between gap-3">
          <div className="min-w-0">
            <p className="font-medium">{proof.title}</p>
            {proof.detail && <p className="text-soft text-xs">{proof.detail}</p>}
          </div>
          <Badge tone={proof.ok ? "agrees" : "broken"}>{proof.ok ? "Holds" : "Fails"}</Badge>
        </li>
      ))}
    </ul>
  );
}
