import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

export type Post = Readonly<{ body: string; headers: Readonly<Record<string, string>> }>;

/** What became of a post: its answer (0: none), and milliseconds since it was sent and since it was due. */
export type Sent = Readonly<{ status: number; took: number; tookSinceDue: number }>;

const TIMEOUT_MILLISECONDS = 60_000;

/**
 * Posts at a steady rate, whatever the answers do: who waits for them would measure less than callers feel. `onSend` is told
 * the index of each before it goes.
 */
export async function sendAll(
  address: string,
  posts: readonly Post[],
  rate: number,
  onSend: (index: number) => void,
): Promise<readonly Sent[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const started = performance.now();
  const answers: Promise<Sent>[] = [];
  for (let index = 0; index < posts.length; ) {
    const due = Math.min(posts.length, Math.floor(((performance.now() - started) / 1000) * rate) + 1);
    for (; index < due; index += 1) {
      const post = posts[index];
      if (!post) break;
      onSend(index);
      answers.push(sendOne(address, post, agent, started + (index / rate) * 1000));
    }
    await pause(1);
  }
  const sent = await Promise.all(answers);
  agent.destroy();
  return sent;
}

function sendOne(address: string, { body, headers }: Post, agent: Agent, due: number): Promise<Sent> {
  const started = performance.now();
  return new Promise((resolve) => {
    const answer = (status: number): void => {
      const now = performance.now();
      resolve({ status, took: now - started, tookSinceDue: now - due });
    };
    const call = request(
      address,
      {
        agent,
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          ...headers,
        },
        timeout: TIMEOUT_MILLISECONDS,
      },
      (response) => {
        response.resume();
        response.once("end", () => answer(response.statusCode ?? 0));
        response.once("error", () => answer(0));
      },
    );
    call.once("timeout", () => call.destroy(new Error("no answer")));
    call.once("error", () => answer(0));
    call.end(body);
  });
}
