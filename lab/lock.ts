/** A lock file that names its holder, so that the lock of a process that died can be taken over. */
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startMark } from "./processes.ts";

/** Who holds a lock, as written in the file. */
interface Holder {
  pid: number;
  started: string;
}

/** Takes the lock and returns how to release it, or returns the process id of the living holder. */
export function tryLock(file: string): { release: () => void } | { heldBy: number } {
  for (;;) {
    const mine = JSON.stringify({ pid: process.pid, started: startMark(process.pid) } satisfies Holder);
    if (createWhole(file, mine)) return { release: () => unlinkSync(file) };
    const found = readIfThere(file);
    if (found === undefined) continue;
    const holder = JSON.parse(found) as Holder;
    if (startMark(holder.pid) === holder.started) return { heldBy: holder.pid };
    removeStale(file, found);
  }
}

/** Waits until the lock is free; `onWait` is told once whose it is. */
export async function lock(
  file: string,
  options: { onWait: (pid: number) => void; signal?: AbortSignal },
): Promise<() => void> {
  for (let waits = 0; ; waits++) {
    options.signal?.throwIfAborted();
    const result = tryLock(file);
    if ("release" in result) return result.release;
    if (waits === 0) options.onWait(result.heldBy);
    await sleep(250, undefined, { signal: options.signal });
  }
}

/** Creates the file with its content in one step, so that nobody reads a lock that is not written yet. */
function createWhole(file: string, content: string): boolean {
  const written = `${file}.${process.pid}.new`;
  writeFileSync(written, content);
  try {
    linkSync(written, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(written);
  }
}

/** Moves a dead holder's lock away. Where another process was faster, its fresh lock is put back. */
function removeStale(file: string, stale: string): void {
  const moved = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, moved);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readFileSync(moved, "utf8") !== stale) linkSync(moved, file);
  unlinkSync(moved);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
