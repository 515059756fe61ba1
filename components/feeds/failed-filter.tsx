import { Search } from "lucide-react";
import { Button } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import type { FailedView } from "@/lib/sync/loaders";
import { errorClassWords } from "./error-class-badge";

/** Which failed records; a plain form, so that the address holds the answer. */
export function FailedFilterForm({
  view: { filter, counts, feeds, entity },
}: Readonly<{ view: FailedView }>) {
  return (
    <form method="get" className="flex flex-wrap items-end gap-3">
      {entity && <input type="hidden" name="entity" value={entity.id} />}
      <SelectField label="Fault" name="class" defaultValue={filter.class ?? ""} className="w-48">
        <option value="">All</option>
        {counts.map(({ errorClass, count }) => (
          <option key={errorClass} value={errorClass}>
            {errorClassWords[errorClass]?.name ?? errorClass} ({count})
          </option>
        ))}
      </SelectField>
      <SelectField label="Feed" name="feed" defaultValue={filter.feed ?? ""} className="w-72 max-w-full">
        <option value="">All</option>
        {feeds.map((feed) => (
          <option key={feed} value={feed}>
            {feed}
          </option>
        ))}
      </SelectField>
      <SelectField label="What becomes of it" name="state" defaultValue={filter.state ?? ""} className="w-48">
        <option value="">All</option>
        <option value="waiting">Waits for somebody</option>
        <option value="retrying">Tried again by itself</option>
        <option value="given-up">Given up</option>
        <option value="gone">Deleted at the source</option>
      </SelectField>
      <Button type="submit" icon={<Search aria-hidden size={14} />}>
        Show
      </Button>
    </form>
  );
}
