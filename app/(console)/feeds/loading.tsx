import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Feeds">
      <TableSkeleton rows={6} label="Loading the feeds…" />
      <TableSkeleton rows={8} label="Loading the runs…" />
    </ConsolePage>
  );
}
