"use client";

import { Copy } from "lucide-react";
import { Button } from "@/components/ui/button";
import { showToast } from "@/components/ui/toast-store";

/** Puts a text on the clipboard, and says whether it is there. */
export function CopyText({ text }: Readonly<{ text: string }>) {
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => showToast({ tone: "agrees", text: "Copied." }),
      () =>
        showToast({ tone: "broken", text: "The browser did not let it be copied: select the text instead." }),
    );
  return (
    <Button icon={<Copy aria-hidden size={14} />} onClick={copy}>
      Copy
    </Button>
  );
}
