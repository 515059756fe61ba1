import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="All entities">
      <TableSkeleton rows={14} label="Loading the months…" />
    </ConsolePage>
  );
}
