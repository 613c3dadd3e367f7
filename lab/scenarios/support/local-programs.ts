/** Real programs of a scenario, beside those of a region: on loopback, with folder and logs in the region's. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isHealthy } from "../../health.ts";
import { type StartedProcess, startProcess, stopProcesses, tail } from "../../processes.ts";
import { expect } from "./deployment.ts";

/** How a program is started. */
export interface LocalProgram {
  /** File name of the program, and of its log. */
  name: string;
  file: string;
  /** One of them names a file in the region's folder, by which the process is known again. */
  args: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Address that answers 200 as soon as it serves. */
  ready: string;
}

/** Time for a program to serve on a machine with other work. */
const startLimitMs = 120_000;

/** Programs in the folder of one region. */
export class LocalPrograms {
  readonly folder: string;
  readonly #signal: AbortSignal;
  readonly #running: StartedProcess[] = [];

  constructor(folder: string, signal: AbortSignal) {
    this.folder = folder;
    this.#signal = signal;
  }

  /** Starts a program and waits until it serves. */
  async start({ name, file, args, environment, ready }: LocalProgram): Promise<void> {
    const logFile = join(this.folder, `${name}.log`);
    const options = { folder: this.folder, logFile, env: { ...environment } };
    const started = await startProcess(name, file, args, options);
    this.#running.push(started);
    const authority = join(this.folder, "ca.crt");
    for (const limit = Date.now() + startLimitMs; !(await isHealthy(ready, authority)); ) {
      const log = () => `its last lines (${logFile}):\n${tail(logFile)}`;
      expect(started.ended() === undefined, () => `${name} ended with ${started.ended()}; ${log()}`);
      expect(Date.now() < limit, () => `${name} does not serve after ${startLimitMs / 1000} s; ${log()}`);
      await sleep(200, undefined, { signal: this.#signal });
    }
  }

  /** Stops one program, or all of them, the last one first. */
  async stop(name?: string): Promise<void> {
    for (const one of this.#running.toReversed()) {
      if (name !== undefined && one.name !== name) continue;
      await stopProcesses([one], this.folder);
      this.#running.splice(this.#running.indexOf(one), 1);
    }
  }

  /** Throws when a program has ended by itself. */
  check(): void {
    for (const { name, logFile, ended } of this.#running) {
      expect(ended() === undefined, () => `${name} ended with ${ended()}; its last lines:\n${tail(logFile)}`);
    }
  }
}
