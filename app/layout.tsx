import "@fontsource-variable/geist";
import "@fontsource-variable/geist-mono";
import "./globals.css";
import type { Metadata, Viewport } from "next";
import { PreferenceGuard } from "@/components/shell/preference-guard";
import { preferenceScript } from "@/components/shell/preference-script";

export const metadata: Metadata = {
  title: { default: "Tieout", template: "%s · Tieout" },
  description: "Reconciles a SCAYLE store's sales with the ERP's ledger, line by line.",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f6f6f7" },
    { media: "(prefers-color-scheme: dark)", color: "#0d0e11" },
  ],
};

export default function RootLayout({ children }: LayoutProps<"/">) {
  return (
    // The script below changes attributes of this element before React sees it.
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant text that must run before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: preferenceScript }} />
      </head>
      <body>
        <PreferenceGuard />
        {children}
      </body>
    </html>
  );
}
