/** Real monitoring programs on loopback. What a test starts it stops by its own process, and its folder goes with it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { end, until } from "../../support/valkey/waiting.ts";

/** How a program is started. */
export interface ProgramStart {
  /** Name of its log in the folder. */
  name: string;
  file: string;
  args: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Address that answers 200 as soon as it serves. */
  ready: string;
}

/** Programs of one test file, with a folder for their data. */
export class Programs {
  readonly folder: string = mkdtempSync(join(tmpdir(), "realmgrid-monitoring-"));
  readonly #children: ChildProcess[] = [];

  /** Starts a program and waits until it serves; fails with the end of its log when it ends before. */
  async start({ name, file, args, environment, ready }: ProgramStart): Promise<ChildProcess> {
    const log = openSync(join(this.folder, `${name}.log`), "a");
    const child = spawn(file, args, { env: { ...process.env, ...environment }, stdio: ["ignore", log, log] });
    closeSync(log);
    this.#children.push(child);
    let failed: Error | undefined;
    child.once("error", (error) => {
      failed = error;
    });
    await until(`${name} serves`, async () => {
      if (failed !== undefined || child.exitCode !== null || child.signalCode !== null) return true;
      return (await fetch(ready)).ok;
    });
    if (failed !== undefined || child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${name} ended at once: ${failed?.message ?? this.log(name).slice(-2000)}`);
    }
    return child;
  }

  /** What a program wrote. */
  log(name: string): string {
    return readFileSync(join(this.folder, `${name}.log`), "utf8");
  }

  /** Ends every program, the last one first, and removes the folder. */
  async stop(): Promise<void> {
    try {
      for (const child of this.#children.reverse()) {
        if (child.pid !== undefined) await end(child, "SIGTERM");
      }
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

/** The program, or undefined with the reason printed where it cannot be had. */
export async function orSkip<T>(what: string, find: Promise<T>): Promise<T | undefined> {
  try {
    return await find;
  } catch (error) {
    console.warn(
      `    SKIPPED: no tests with a real ${what}, because ${error instanceof Error ? error.message : error}`,
    );
    return undefined;
  }
}
