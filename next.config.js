import process from "node:process";

// What the browser may do: nothing from elsewhere, no framing. Next's own inline scripts and styles need 'unsafe-inline'.
const contentPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${process.env.NODE_ENV === "development" ? " 'unsafe-eval'" : ""}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const headers = [
  { key: "Content-Security-Policy", value: contentPolicy },
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "same-origin" },
];

/** @type {import("next").NextConfig} */
export default {
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: true,
  // `forbidden()`: a page that its reader has no right to answers 403 in plain words.
  experimental: { authInterrupts: true },
  turbopack: { root: import.meta.dirname },
  // Loaded by Node as they are: they open sockets, or find files beside themselves.
  serverExternalPackages: ["pg", "pg-copy-streams", "@prisma/adapter-pg", "graphile-worker", "date-holidays"],
  // `npm test` checks types once, over everything; a build on a fresh machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  // Browsers ask for it by this name too, on pages that are made in the browser.
  rewrites: async () => [{ source: "/favicon.ico", destination: "/icon.svg" }],
  headers: async () => [{ source: "/:path*", headers }],
};
