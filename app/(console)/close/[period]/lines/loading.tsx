import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Lines">
      <TableSkeleton rows={14} label="Loading the lines…" />
    </ConsolePage>
  );
}
