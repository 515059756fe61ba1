import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";

/** Inside the frame: the page exists, the thing its address names does not. */
export default function NotFound() {
  return (
    <ConsolePage title="Not found">
      <p className="max-w-prose">
        There is nothing under this address. A link from before a record changed its identity may have led
        here; search the orders for the reference instead.
      </p>
      <div>
        <ButtonLink href="/">Go to your start page</ButtonLink>
      </div>
    </ConsolePage>
  );
}
