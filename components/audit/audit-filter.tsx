import { Search } from "lucide-react";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import type { ChainChoice } from "@/lib/audit/loaders";
import { type AuditQuery, WITHOUT_READS } from "@/lib/audit/schema";

/** Which chain, and what of it; a plain form, so that the address holds the answer. */
export function AuditFilter({
  query,
  chain,
  choices,
  abouts,
}: Readonly<{
  query: AuditQuery;
  chain: string;
  choices: readonly ChainChoice[];
  abouts: readonly string[];
}>) {
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
      <SelectField label="About" name="about" defaultValue={query.about ?? ""} className="w-44">
        <option value="">Everything</option>
        <option value={WITHOUT_READS}>All but reads and matching</option>
        {abouts.map((about) => (
          <option key={about} value={about}>
            {about.replaceAll("-", " ")}
          </option>
        ))}
      </SelectField>
      <TextField label="From" name="from" type="date" defaultValue={query.from ?? ""} className="w-40" />
      <TextField label="Until" name="until" type="date" defaultValue={query.until ?? ""} className="w-40" />
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
      <Button type="submit" formAction="/api/audit/export" name="format" value="csv">
        Export CSV
      </Button>
      <Button type="submit" formAction="/api/audit/export" name="format" value="jsonl">
        Export JSON lines
      </Button>
    </form>
  );
}
