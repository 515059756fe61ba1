import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Audit">
      <TableSkeleton rows={10} label="Loading the audit trail…" />
    </ConsolePage>
  );
}
