import { Button } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import type { AlertsView } from "@/lib/alerts/loaders";

type View = Pick<AlertsView, "query" | "kinds" | "teams">;

/** Narrows the alerts to a kind and a team; works without a script, and stands in the address. */
export function AlertFilter({ query, kinds, teams }: View) {
  const choices = [
    ["kind", "Kind", "All kinds", kinds, query.kind],
    ["team", "Team", "All teams", teams, query.team],
  ] as const;
  return (
    <form action="/alerts" aria-label="Filter alerts" className="flex flex-wrap items-end gap-2">
      {query.show === "closed" && <input type="hidden" name="show" value="closed" />}
      {choices.map(([name, label, all, options, chosen]) => (
        <SelectField key={`${name} ${chosen ?? ""}`} label={label} name={name} defaultValue={chosen ?? ""}>
          <option value="">{all}</option>
          {options.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </SelectField>
      ))}
      <Button type="submit">Show</Button>
    </form>
  );
}
