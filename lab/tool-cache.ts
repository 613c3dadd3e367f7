/** A cache of built tools: one folder per tool and content hash, complete or absent. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir, setPriority } from "node:os";
import { basename, dirname, join } from "node:path";
import { lock } from "./lock.ts";
import { tail } from "./processes.ts";

/** Receives one line of progress for people. */
export type Progress = (line: string) => void;

/** One tool to be made and kept. */
export interface CachedTool {
  /** Name for folders and messages, for example `kube`. */
  name: string;
  /** Hash of everything that decides the result. */
  hash: string;
  /** What people read when the work starts, for example `building kube (about 8 minutes)`. */
  announcement: string;
  /** Makes the tool in an empty folder. */
  make: (folder: string, run: RunCommand) => Promise<void>;
  /** Folder of the cache. @default toolchainFolder() */
  root?: string;
  onProgress: Progress;
  signal?: AbortSignal;
  /** Time between two lines that say how long the work has taken, in milliseconds. @default 15000 */
  elapsedEvery?: number;
}

/** Runs one command of a build; its output goes to the log of the tool. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  options: { folder: string; env?: Record<string, string>; output?: string },
) => Promise<void>;

/** Where built tools are kept. */
export function toolchainFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(environment.REALMGRID_CACHE || join(cache, "realmgrid"), "toolchain");
}

/** Hash of the content of files and of values that decide a build; the names of the files count, their folder does not. */
export function contentHash(files: readonly string[], values: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(values));
  for (const file of files) hash.update(`\0${basename(dirname(file))}/${basename(file)}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

/** Folder of a tool in the cache; it exists only when the tool is complete. */
export function cachedFolder(name: string, hash: string, root = toolchainFolder()): string {
  return join(root, `${name}-${hash}`);
}

/** Returns the folder of the tool, made now if the cache does not have it. Two makers at the same time do not collide. */
export async function makeOnce(tool: CachedTool): Promise<string> {
  const folder = cachedFolder(tool.name, tool.hash, tool.root);
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const onWait = (pid: number) => tool.onProgress(`${tool.name}: waiting for process ${pid}, which makes it already`);
  const release = await lock(`${folder}.lock`, { onWait, signal: tool.signal });
  try {
    if (!existsSync(folder)) await make(tool, folder);
    return folder;
  } finally {
    release();
  }
}

async function make(tool: CachedTool, folder: string): Promise<void> {
  const partial = `${folder}.partial`;
  const logFile = `${folder}.log`;
  // The lock is ours, so a partial that is there was left by a maker that died.
  rmSync(partial, { recursive: true, force: true });
  rmSync(logFile, { force: true });
  mkdirSync(partial);
  const started = Date.now();
  const elapsed = () => duration(Date.now() - started);
  tool.onProgress(tool.announcement);
  const ticker = setInterval(() => tool.onProgress(`${tool.name}: ${elapsed()} so far`), tool.elapsedEvery ?? 15000);
  try {
    await tool.make(partial, (command, args, options) =>
      runCommand(command, args, { ...options, logFile, signal: tool.signal }),
    );
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (tool.signal?.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${tool.name}: ${reason}\n${tail(logFile, 20)}\nThe whole log is in ${logFile}`, { cause: error });
  } finally {
    clearInterval(ticker);
  }
  rmSync(logFile, { force: true });
  tool.onProgress(`${tool.name}: ready after ${elapsed()}`);
}

async function runCommand(
  command: string,
  args: readonly string[],
  options: { folder: string; env?: Record<string, string>; output?: string; logFile: string; signal?: AbortSignal },
): Promise<void> {
  const log = openSync(options.logFile, "a");
  const output = options.output ? openSync(options.output, "w") : log;
  try {
    const child = spawn(command, args, {
      cwd: options.folder,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", output, log],
      signal: options.signal,
    });
    // A build is background work; whoever uses the machine goes first.
    child.once("spawn", () => child.pid !== undefined && setPriority(child.pid, 10));
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`\`${command} ${args.join(" ")}\` ended with ${signal ?? `exit code ${code}`}`));
      });
    });
  } finally {
    if (output !== log) closeSync(output);
    closeSync(log);
  }
}

/** A duration for people, for example `2 min 5 s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
