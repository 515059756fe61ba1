import type { Route } from "next";
import { ButtonLink } from "@/components/ui/button";
import { type SearchParams, withParams } from "@/components/ui/search-params";

/** Shows or leaves out the runs that read single records again: resyncs, webhooks, one more try of what failed. */
export function NamedRunsLink({
  path,
  params,
  shown,
}: Readonly<{ path: string; params: SearchParams; shown: boolean }>) {
  return (
    <ButtonLink href={`${path}${withParams(params, { runs: shown ? null : "all" })}#runs` as Route}>
      {shown ? "Leave out single orders" : "Show single orders too"}
    </ButtonLink>
  );
}
