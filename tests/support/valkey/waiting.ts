/** Waiting for processes of a test, without a guess of how long they take. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the check is true and does not throw; fails after two minutes with what was wrong last. */
export async function until(what: string, check: () => Promise<boolean>, milliseconds = 120_000): Promise<void> {
  let last: unknown = "it is not so";
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await sleep(100)) {
    try {
      if (await check()) return;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
  }
  assert.fail(`waited in vain until ${what}: ${last}`);
}

/** Ends a process of ours and waits for its end. */
export async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}
