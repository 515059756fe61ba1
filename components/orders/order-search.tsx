import { Search } from "lucide-react";
import { Button } from "@/components/ui/button";

/** One big field for everything an order goes by. A plain form: it works before any script has loaded. */
export function OrderSearch({ text, focus }: Readonly<{ text: string; focus: boolean }>) {
  return (
    <search>
      <form action="/orders" method="get" className="flex max-w-3xl flex-col gap-1.5">
        <label htmlFor="order-search" className="font-medium text-sm">
          Find an order
        </label>
        <div className="flex gap-2">
          <input
            id="order-search"
            name="q"
            type="search"
            defaultValue={text}
            // biome-ignore lint/a11y/noAutofocus: the page is nothing but this field; people come here to type
            autoFocus={focus}
            autoComplete="off"
            placeholder="Order reference, public key, id or ERP document number"
            aria-describedby="order-search-hint"
            className="fade h-11 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-3 text-ink text-lg placeholder:text-soft max-md:text-[16px]"
          />
          <Button
            type="submit"
            variant="primary"
            icon={<Search aria-hidden size={16} />}
            className="h-11 max-md:h-11"
          >
            Search
          </Button>
        </div>
        <p id="order-search-hint" className="text-soft text-xs">
          What fits exactly comes first; otherwise everything that begins like it.
        </p>
      </form>
    </search>
  );
}
