import { type NextRequest, NextResponse } from "next/server";

/** Hands the address that was asked for on to the page, so that sign-in can lead back to it. Decides nothing. */
export function proxy(request: NextRequest): NextResponse {
  const headers = new Headers(request.headers);
  headers.set("x-tieout-path", request.nextUrl.pathname + request.nextUrl.search);
  return NextResponse.next({ request: { headers } });
}

export const config = { matcher: ["/((?!api/|_next/|.*\\.(?:svg|png|ico|woff2)$).*)"] };
