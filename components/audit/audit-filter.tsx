import { Search } from "lucide-react";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import type { ChainChoice } from "@/lib/audit/loaders";
import type { AuditQuery } from "@/lib/audit/schema";

/** Which chain, and what of it; a plain form, so that the address holds the answer. */
export function AuditFilter({
  query,
  chain,
  choices,
}: Readonly<{ query: AuditQuery; chain: string; choices: readonly ChainChoice[] }>) {
  return (
    <form method="get" className="flex flex-wrap items-end gap-3">
      <SelectField label="Chain" name="chain" defaultValue={chain} className="w-72 max-w-full">
        {choices.map((choice) => (
          <option key={choice.chain} value={choice.chain}>
            {choice.label}
          </option>
        ))}
      </SelectField>
      <SelectField label="Outcome" name="outcome" defaultValue={query.outcome ?? ""} className="w-32">
        <option value="">All</option>
        <option value="done">Done</option>
        <option value="refused">Refused</option>
      </SelectField>
      <TextField
        label="Who, what or which record"
        name="q"
        type="search"
        defaultValue={query.q}
        className="w-64"
      />
      <Button type="submit" icon={<Search aria-hidden size={14} />}>
        Search
      </Button>
    </form>
  );
}
