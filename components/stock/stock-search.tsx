import { Search } from "lucide-react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";

/** Finds items by number or name; a plain form, so that the address holds the answer. */
export function StockSearch({
  entityId,
  view,
  q,
}: Readonly<{ entityId: string; view: string | undefined; q: string }>) {
  return (
    <form method="get" className="flex flex-wrap items-end gap-3">
      <input type="hidden" name="entity" value={entityId} />
      {view !== undefined && <input type="hidden" name="view" value={view} />}
      <TextField
        label="Item number or name"
        name="q"
        type="search"
        defaultValue={q}
        className="w-72 max-w-full"
      />
      <Button type="submit" icon={<Search aria-hidden size={14} />}>
        Show
      </Button>
    </form>
  );
}
