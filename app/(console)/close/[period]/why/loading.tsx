import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Why it moved">
      <TableSkeleton rows={14} label="Loading what moved it…" />
    </ConsolePage>
  );
}
