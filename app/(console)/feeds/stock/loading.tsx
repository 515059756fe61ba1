import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Stock">
      <TableSkeleton rows={8} label="Loading the stock…" />
    </ConsolePage>
  );
}
