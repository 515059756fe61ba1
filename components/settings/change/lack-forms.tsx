import type { LackView } from "@/lib/settings/change/loaders";
import { LackForm } from "./lack-form";

/** Each mapping that a record lacks. */
export function LackForms({ lacks }: Readonly<{ lacks: readonly LackView[] }>) {
  return lacks.map((lack) => <LackForm key={JSON.stringify([lack.kind, lack.all])} lack={lack} />);
}
