import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Rounding">
      <TableSkeleton rows={4} label="Loading how the systems round…" />
      <TableSkeleton rows={6} />
    </ConsolePage>
  );
}
