/** Runs the backup scripts as a pod does: another user, no home, a folder for temporary files, nothing else to write to. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { asRoot, type Programs, podUser } from "./programs.ts";

/** Folder of the scripts as they ship. */
export const scriptFolder = fileURLToPath(new URL("../../../components/data/", import.meta.url));

/** What a run came to. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Options of `runScript`. */
export interface ScriptOptions {
  /** Command that runs the script. @default ["sh"] */
  shell?: readonly string[];
  /** PATH has nothing but the programs of the test. @default false */
  onlyPrograms?: boolean;
  /** Called with the process as soon as it runs. */
  started?: (child: ChildProcess) => void;
}

/** Starts a program as the user of the pods. */
export function spawnInPod(
  programs: Programs,
  command: string,
  args: readonly string[],
  environment: Record<string, string>,
  options: { onlyPrograms?: boolean; input?: string } = {},
): ChildProcess {
  const child = spawn(command, args, {
    env: {
      PATH: programs.path(options.onlyPrograms),
      HOME: "/nonexistent",
      TMPDIR: programs.room("tmp"),
      ...programs.environment,
      ...environment,
    },
    cwd: programs.folder,
    stdio: ["pipe", "pipe", "pipe"],
    ...(asRoot ? { uid: podUser, gid: podUser } : {}),
  });
  // A process that has failed already does not read.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  return child;
}

/** Waits for the end of a process and collects what it says. */
export function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += String(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** One script to its end. */
export function runScript(
  programs: Programs,
  name: string,
  environment: Record<string, string>,
  options: ScriptOptions = {},
): Promise<Ended> {
  const [shell = "sh", ...words] = options.shell ?? ["sh"];
  const args = [...words, join(scriptFolder, `${name}.sh`)];
  const child = spawnInPod(programs, shell, args, environment, options);
  options.started?.(child);
  return ended(child);
}

/** A mounted Secret: a folder with one file for each key. */
export function secretFolder(programs: Programs, name: string, values: Readonly<Record<string, string>>): string {
  const folder = join(programs.folder, name);
  mkdirSync(folder, { recursive: true });
  for (const [key, value] of Object.entries(values)) writeFileSync(join(folder, key), value);
  chmodSync(folder, 0o755);
  return folder;
}
