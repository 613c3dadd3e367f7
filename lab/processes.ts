/** Processes of a lab: started in the background, recognised later by their command line, stopped by their own id. */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { basename, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** One process of a cluster, as it is written to `lab.json`. */
export interface LabProcess {
  /** Name of the program, for example `kube-apiserver`. */
  name: string;
  /** Process id. */
  pid: number;
}

/** A background process whose end is noticed as long as this program runs. */
export interface StartedProcess extends LabProcess {
  /** File that holds what the process prints. */
  logFile: string;
  /** How the process ended; undefined while it runs. */
  ended: () => string | undefined;
}

const hasProc = existsSync("/proc/self/stat");

/** The words of the command line of a process, empty when there is no such process (a zombie counts as none). */
export function commandLine(pid: number): string {
  try {
    if (hasProc) return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch (error) {
    if (isNoSuchProcess(error)) return "";
    throw error;
  }
}

/** A mark that two processes with the same id do not share: the start time, empty when there is no such process. */
export function startMark(pid: number): string {
  try {
    if (!hasProc) return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program name in parentheses and may hold spaces; start time is field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "" : (fields[19] ?? "");
  } catch (error) {
    if (isNoSuchProcess(error)) return "";
    throw error;
  }
}

/** Whether this process id still belongs to the program that the lab in `folder` started under it. */
export function isOurs(process: LabProcess, folder: string): boolean {
  const line = commandLine(process.pid);
  const program = line.split(" ")[0] ?? "";
  return basename(program) === process.name && line.includes(folder + sep);
}

/** Starts a program in the background, in a session of its own so that Ctrl-C in the terminal does not reach it. */
export async function startProcess(
  name: string,
  program: string,
  args: readonly string[],
  options: { folder: string; logFile: string; env?: Record<string, string> },
): Promise<StartedProcess> {
  const log = openSync(options.logFile, "a");
  let end: string | undefined;
  try {
    const child = spawn(program, args, {
      cwd: options.folder,
      env: { ...process.env, ...options.env },
      detached: true,
      stdio: ["ignore", log, log],
    });
    child.once("exit", (code, signal) => {
      end = signal ? `signal ${signal}` : `exit code ${code}`;
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`${name}: the system gave no process id`);
    return { name, pid: child.pid, logFile: options.logFile, ended: () => end };
  } finally {
    closeSync(log);
  }
}

/**
 * Stops processes of the lab in `folder`: SIGTERM, then SIGKILL for those that still run after the grace. Process ids
 * that belong to somebody else by now are left alone. Returns the names of those that had to be killed.
 */
export async function stopProcesses(
  processes: readonly LabProcess[],
  folder: string,
  graceMilliseconds = 8000,
): Promise<string[]> {
  const running = () => processes.filter((process) => isOurs(process, folder));
  for (const process of running()) signal(process.pid, "SIGTERM");
  for (const end = Date.now() + graceMilliseconds; running().length > 0 && Date.now() < end; ) await sleep(50);
  const stubborn = running();
  for (const process of stubborn) signal(process.pid, "SIGKILL");
  for (const end = Date.now() + 5000; running().length > 0; ) {
    if (Date.now() > end) {
      throw new Error(`these processes cannot be stopped: ${running().map((p) => `${p.name} ${p.pid}`)}`);
    }
    await sleep(50);
  }
  return stubborn.map(({ name }) => name);
}

/** The last lines of a log file, for error messages. */
export function tail(file: string, lines = 15): string {
  if (!existsSync(file)) return "(no log)";
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended between the check and the signal, which is what was wanted.
    if (!isNoSuchProcess(error)) throw error;
  }
}

function isNoSuchProcess(error: unknown): boolean {
  const { code, status } = error as { code?: string; status?: number };
  return code === "ENOENT" || code === "ESRCH" || status === 1;
}
