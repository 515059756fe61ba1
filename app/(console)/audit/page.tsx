import type { Metadata } from "next";
import { AuditFilter } from "@/components/audit/audit-filter";
import { AuditTable } from "@/components/audit/audit-table";
import { ChainNotice } from "@/components/audit/chain-notice";
import { ConsolePage } from "@/components/shell/console-page";
import { Card } from "@/components/ui/card";
import { Pagination } from "@/components/ui/pagination";
import { loadAudit } from "@/lib/audit/loaders";

export const metadata: Metadata = { title: "Audit" };

export default async function AuditPage({ searchParams }: PageProps<"/audit">) {
  const { query, choices, chain, timeZone, trail, pageSize, abouts, check } = await loadAudit(
    await searchParams,
  );
  return (
    <ConsolePage
      title="Audit"
      description="Who did what, and what was refused. Nobody can change or remove an event."
    >
      <ChainNotice check={check} chain={chain} timeZone={timeZone} />
      <AuditFilter query={query} chain={chain} choices={choices} abouts={abouts} />
      <Card flush>
        <AuditTable entries={trail.entries} timeZone={timeZone} />
        {trail.total > 0 && <Pagination page={query.page} pageSize={pageSize} total={trail.total} />}
      </Card>
    </ConsolePage>
  );
}
