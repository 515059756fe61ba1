import { Badge } from "@/components/ui/badge";
import type { InvariantResult } from "@/lib/matching/invariants/run";

/** What must hold of the books, each with its sentence; what doesn't opens to the records. */
export function InvariantsList({ invariants }: Readonly<{ invariants: readonly InvariantResult[] }>) {
  return (
    <ul className="flex flex-col gap-2 text-sm">
      {invariants.map((one) => (
        <li key={one.name} className="flex items-start justify-between gap-3">
          <div className="min-w-0">
            <p className="first-letter:uppercase">{one.sentence}</p>
            {one.rows > 0 && (
              <details open>
                <summary className="text-soft">
                  <span className="figures">{one.rows.toLocaleString("en")}</span>{" "}
                  {one.rows === 1 ? "breach" : "breaches"}
                </summary>
                <ul className="list-inside list-disc break-words text-xs">
                  {one.examples.map((example) => (
                    <li key={example}>{example}</li>
                  ))}
                  {one.rows > one.examples.length && (
                    <li>and {(one.rows - one.examples.length).toLocaleString("en")} more</li>
                  )}
                </ul>
              </details>
            )}
          </div>
          <Badge tone={one.rows === 0 ? "agrees" : "broken"}>{one.rows === 0 ? "Holds" : "Fails"}</Badge>
        </li>
      ))}
    </ul>
  );
}
