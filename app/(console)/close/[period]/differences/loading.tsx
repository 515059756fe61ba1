import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Differences">
      <TableSkeleton rows={14} label="Loading the differences…" />
    </ConsolePage>
  );
}
