"use client";

import { Printer } from "lucide-react";
import { Button } from "@/components/ui/button";

/** Prints the page. */
export function PrintButton() {
  return (
    <Button icon={<Printer aria-hidden size={14} />} onClick={() => window.print()}>
      Print
    </Button>
  );
}
