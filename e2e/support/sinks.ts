import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A message as a mail server got it. */
export type Mail = Readonly<{ from: string; to: readonly string[]; text: string; user: string | null }>;

/** A message without the folding and escapes of quoted-printable. */
const decoded = (message: Buffer): string =>
  Buffer.from(
    message
      .toString("latin1")
      .replace(/=\r\n/g, "")
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");

/** A real mail server on this machine, for tests: it keeps what it gets. `refuse` makes it answer an error instead. */
export async function startMailSink(credentials: Readonly<{ user: string; password: string }>) {
  const mails: Mail[] = [];
  const state = { refuse: null as null | Readonly<{ code: number; message: string }> };
  const server = new SMTPServer({
    // In clear, as between processes of one machine.
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) =>
      auth.username === credentials.user && auth.password === credentials.password
        ? done(null, { user: auth.username })
        : done(new Error("Invalid credentials")),
    onRcptTo: (_address, _session, done) =>
      state.refuse
        ? done(Object.assign(new Error(state.refuse.message), { responseCode: state.refuse.code }))
        : done(),
    onData: (stream, { envelope, user }, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push({
          from: envelope.mailFrom ? envelope.mailFrom.address : "",
          to: envelope.rcptTo.map((one) => one.address),
          text: decoded(Buffer.concat(chunks)),
          user: typeof user === "string" ? user : null,
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    mails,
    state,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** A call as a webhook's receiver got it. */
export type Call = Readonly<{ headers: Readonly<Record<string, string>>; body: string }>;

/** A real receiver of webhooks on this machine, for tests: it keeps what it gets and answers `state.status`. */
export async function startWebhookSink() {
  const calls: Call[] = [];
  const state = { status: 204, location: null as string | null };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      calls.push({ headers, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(state.status, state.location ? { location: state.location } : {}).end("thank you");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/tieout?tenant=1`,
    calls,
    state,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
