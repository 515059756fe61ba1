import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Order status">
      <CardSkeleton lines={8} label="Loading the order status…" />
    </ConsolePage>
  );
}
