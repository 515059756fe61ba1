// Which address to serve at.

import net from "node:net";

/** Whether nothing listens on this port of the host. */
export function portIsFree(port, host = "127.0.0.1") {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The port to serve at: the one asked for; when none was asked for, 3000 or the next free one.
 *
 * @returns {Promise<{ port: number, note: string | null }>}
 * @throws Error when the port asked for belongs to a stranger
 */
export async function choosePort(asked, host) {
  if (asked !== undefined) {
    if (await portIsFree(asked, host)) return { port: asked, note: null };
    throw new Error(
      `Port ${asked} is in use by another program. Stop that one, or choose another port: PORT=${asked + 1} npm start`,
    );
  }
  const PREFERRED = 3000;
  for (let port = PREFERRED; port < PREFERRED + 50; port++) {
    if (!(await portIsFree(port, host))) continue;
    const note =
      port === PREFERRED
        ? null
        : `Port ${PREFERRED} is in use by another program; this is served at ${port} instead.`;
    return { port, note };
  }
  throw new Error(`No port from ${PREFERRED} to ${PREFERRED + 49} is free. Choose one: PORT=8080 npm start`);
}
