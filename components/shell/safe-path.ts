import type { Route } from "next";

/** A path of this console out of an address, or "/": never another host, whatever the address says. */
export function safePath(asked: string | undefined): Route {
  const base = "http://here.invalid";
  if (!asked?.startsWith("/") || !URL.canParse(asked, base)) return "/" as Route;
  const url = new URL(asked, base);
  // "//host" and "/\host" leave the site; a browser reads both as an address elsewhere.
  return (url.origin === base && !asked.startsWith("//") ? url.pathname + url.search : "/") as Route;
}
