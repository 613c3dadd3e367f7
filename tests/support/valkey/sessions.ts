/** Players' sessions in a cluster, written and read as a game server would: by any node, following redirects. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { call, callAsking, type Reply, ReplyError } from "./client.ts";
import type { ValkeyPod, ValkeyPods } from "./pods.ts";

/** Sends a command to whichever pod serves its slot; throws what the last node answered when that takes too long. */
export async function routed(pods: ValkeyPods, ...words: string[]): Promise<Reply> {
  return send(pods, pods.pods, words);
}

/** The same, through some of the pods only: those on this side of a cut. */
export async function send(pods: ValkeyPods, reachable: readonly ValkeyPod[], words: string[]): Promise<Reply> {
  let last: unknown = new Error("no pod is reachable");
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    for (const pod of reachable) {
      try {
        return await follow(pods, pod, reachable, words);
      } catch (error) {
        last = error;
      }
    }
  }
  throw last;
}

async function follow(pods: ValkeyPods, pod: ValkeyPod, reachable: readonly ValkeyPod[], words: string[]) {
  try {
    return await call(pods.login(pod), ...words);
  } catch (error) {
    const match = error instanceof ReplyError ? /^(MOVED|ASK) \d+ (.*):\d+$/.exec(error.message) : null;
    const target = match && reachable.find((one) => one.host === match[2]);
    if (!match || !target) throw error;
    return match[1] === "ASK" ? callAsking(pods.login(target), ...words) : call(pods.login(target), ...words);
  }
}

/** Sessions with numbers, so that every one that was confirmed can be asked for later. */
export class Sessions {
  private readonly confirmed = new Map<string, string>();
  private readonly pods: ValkeyPods;
  private stopping = false;
  private running?: Promise<void>;

  constructor(pods: ValkeyPods) {
    this.pods = pods;
  }

  get count(): number {
    return this.confirmed.size;
  }

  async write(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const key = `session:${this.confirmed.size}`;
      assert.equal(await routed(this.pods, "SET", key, `player of ${key}`), "OK");
      this.confirmed.set(key, `player of ${key}`);
    }
  }

  /** Writes on and on until `stop`. */
  start(): void {
    this.stopping = false;
    this.running = (async () => {
      while (!this.stopping) {
        await this.write(1);
        await sleep(20);
      }
    })();
    // What went wrong is thrown by `stop`.
    this.running.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  /** Reads every session back, except those on slots that the test has given up. */
  async verify(except: (key: string) => Promise<boolean> = async () => false): Promise<void> {
    for (const [key, value] of this.confirmed) {
      if (!(await except(key))) assert.equal(await routed(this.pods, "GET", key), value, key);
    }
  }
}
