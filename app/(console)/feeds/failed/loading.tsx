import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Failed records">
      <TableSkeleton rows={8} label="Loading the failed records…" />
    </ConsolePage>
  );
}
