import { ConsolePage } from "@/components/shell/console-page";
import { TableSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Settings">
      <TableSkeleton rows={3} label="Loading the settings…" />
      <TableSkeleton rows={6} />
    </ConsolePage>
  );
}
