"use client";

import { Bookmark, Link2, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { showToast } from "@/components/ui/toast-store";
import { useCommand } from "@/components/ui/use-command";
import { dropView, keepView } from "@/lib/exceptions/actions";

/** Keeps what the address says under a name, and forgets the own view that is shown. Its address can be sent to others. */
export function SavedViews({
  entityId,
  saved,
  address,
  current,
  actorId,
}: Readonly<{
  entityId: string;
  saved: readonly Readonly<{ id: string; name: string }>[];
  address: Readonly<Record<string, string>>;
  current: string | null;
  /** "assigned to me" is somebody else's to who gets the link: it names the person instead */
  actorId: string;
}>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const keep = useCommand(keepView, {
    done: "Saved. It stands beside the other views; its address can be sent to others.",
    onDone: () => {
      setOpen(false);
      router.refresh();
    },
  });
  const drop = useCommand(dropView, { done: "Forgotten.", onDone: () => router.refresh() });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    keep.run({ entityId, name: String(new FormData(event.currentTarget).get("name") ?? ""), query: address });
  };
  const copy = async () => {
    const mine = address["assignee"] === "me" ? { assignee: actorId } : {};
    const shared = new URLSearchParams({ entity: entityId, ...address, ...mine });
    const isOfReader = ["team", "mention"].some((one) => address[one] !== undefined);
    try {
      await navigator.clipboard.writeText(`${window.location.origin}/exceptions?${shared}`);
      showToast({
        tone: "agrees",
        text: `Link copied. Whoever may see these exceptions sees this view by it.${
          isOfReader ? " “My team” and “mentions me” mean whoever opens it." : ""
        }`,
      });
    } catch {
      showToast({
        tone: "attention",
        text: "The browser did not let the link be copied. The address of this page is the same view.",
      });
    }
  };
  const name = saved.find((view) => view.id === current)?.name;
  return (
    <>
      <Button
        variant="quiet"
        icon={<Link2 aria-hidden size={14} />}
        className="px-2"
        title="Copy link"
        onClick={copy}
      >
        <span className="sr-only">Copy link</span>
      </Button>
      {current === null ? (
        <Button
          variant="quiet"
          icon={<Bookmark aria-hidden size={14} />}
          className="px-2"
          title="Save this view"
          onClick={() => setOpen(true)}
        >
          <span className="@max-[1300px]:sr-only">Save this view…</span>
        </Button>
      ) : (
        <Button
          variant="quiet"
          icon={<Trash2 aria-hidden size={14} />}
          className="px-2"
          pending={drop.pending}
          onClick={() => drop.run({ entityId, id: current })}
        >
          <span className="max-w-40 truncate @max-[1300px]:sr-only">Forget “{name}”</span>
        </Button>
      )}
      {open && (
        <Dialog title="Save this view" onClose={() => setOpen(false)}>
          <form onSubmit={submit} noValidate aria-label="Save this view" className="flex flex-col gap-3">
            <TextField
              label="Name"
              name="name"
              required
              maxLength={60}
              hint="Filters, grouping and order are kept; a name that is there already is replaced"
              error={keep.fieldErrors["name"] ?? keep.error ?? undefined}
            />
            <div className="flex gap-2">
              <Button type="submit" variant="primary" pending={keep.pending}>
                Save
              </Button>
              <Button variant="quiet" onClick={() => setOpen(false)}>
                Cancel
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
