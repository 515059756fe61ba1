import { ConsolePage } from "@/components/shell/console-page";
import { Skeleton, TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Exceptions">
      <Skeleton className="h-9" />
      <Skeleton className="h-12" />
      <TableSkeleton rows={14} label="Loading the exceptions…" />
    </ConsolePage>
  );
}
