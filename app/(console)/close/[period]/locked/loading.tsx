import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Locked">
      <TableSkeleton rows={14} label="Loading what is locked…" />
    </ConsolePage>
  );
}
