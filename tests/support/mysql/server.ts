/** Real MySQL servers on loopback, each with a folder of its own. What a test starts it stops by its pid. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ArchiveServer, debianArchiveServer } from "../../../lab/toolchain/debian-archive.ts";

/** How long a server may take for anything before a test fails, in milliseconds: slow machines are no reason. */
const patience = 120_000;

/** How a program ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Login of a client; without it, root over the server's socket. */
export interface Login {
  user: string;
  password: string;
}

/** The MySQL of the archive; undefined where it cannot be had, which is said aloud. */
export async function realMySql(): Promise<ArchiveServer | undefined> {
  try {
    return await debianArchiveServer("mysql", { onProgress: (line) => console.log(`      ${line}`) });
  } catch (error) {
    console.log(`SKIPPED: tests with a real MySQL, because ${(error as Error).message}`);
    return undefined;
  }
}

/** Port of loopback that is free at present. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Asks until the answer is true; throws with the last error when patience ends. */
export async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + patience;
  let last: unknown;
  while (Date.now() < end) {
    try {
      if (await ask()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within ${patience / 1000} s: ${what}`, { cause: last });
}

/** A family of servers below one folder; they share one data folder as their beginning. */
export class MySqlServers {
  readonly mysql: ArchiveServer;
  readonly folder: string;
  readonly #servers: MySqlServer[] = [];

  private constructor(mysql: ArchiveServer) {
    this.mysql = mysql;
    this.folder = mkdtempSync(join(tmpdir(), "realmgrid-mysql-"));
  }

  /** Undefined where there is no MySQL; then the test skips itself. */
  static async create(): Promise<MySqlServers | undefined> {
    const mysql = await realMySql();
    if (mysql === undefined) return undefined;
    const servers = new MySqlServers(mysql);
    await servers.#initialize();
    return servers;
  }

  async #initialize(): Promise<void> {
    const settings = "[mysqld]\ninnodb_redo_log_capacity = 64M\n";
    const file = join(this.folder, "initialize.cnf");
    writeFileSync(file, `${settings}datadir = ${this.#pristine}\nsecure_file_priv = NULL\nmysqlx = OFF\nuser = root\n`);
    const { code, stderr } = await run(this.program("server"), [`--defaults-file=${file}`, "--initialize-insecure"]);
    if (code !== 0) throw new Error(`mysqld --initialize ended with ${code}: ${stderr}`);
  }

  get #pristine(): string {
    return join(this.folder, "pristine");
  }

  /** Path of a program of MySQL by its role. */
  program(role: string): string {
    const path = this.mysql.programs[role];
    if (path === undefined) throw new Error(`MySQL has no program ${role}`);
    return path;
  }

  /** A new server with these settings, as the operator would put them behind its own. Not started yet. */
  async server(settings: string, more: { id?: number; first?: string } = {}): Promise<MySqlServer> {
    const id = more.id ?? this.#servers.length + 1;
    const folder = join(this.folder, `server-${id}`);
    mkdirSync(folder);
    cpSync(this.#pristine, join(folder, "data"), { recursive: true });
    // Each server makes an identity of its own.
    rmSync(join(folder, "data", "auto.cnf"), { force: true });
    const server = new MySqlServer(this, folder, id, await freePort());
    writeFileSync(server.settingsFile, server.operatorSettings() + (more.first ?? "") + settings);
    this.#servers.push(server);
    return server;
  }

  /** Stops every server and removes the folder. */
  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One server. */
export class MySqlServer {
  readonly folder: string;
  readonly id: number;
  readonly port: number;
  readonly #family: MySqlServers;
  #process: ChildProcess | undefined;

  constructor(family: MySqlServers, folder: string, id: number, port: number) {
    this.#family = family;
    this.folder = folder;
    this.id = id;
    this.port = port;
  }

  get settingsFile(): string {
    return join(this.folder, "my.cnf");
  }

  get socket(): string {
    return join(this.folder, "s");
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** What the operator writes before `spec.mycnf`, with the paths and ports of a test. */
  operatorSettings(): string {
    return [
      "[mysqld]",
      `server_id = ${this.id}`,
      "report_host = 127.0.0.1",
      `report_port = ${this.port}`,
      `datadir = ${join(this.folder, "data")}`,
      `socket = ${this.socket}`,
      `pid_file = ${join(this.folder, "pid")}`,
      `log_error = ${this.logFile}`,
      "bind_address = 127.0.0.1",
      `port = ${this.port}`,
      "mysqlx = OFF",
      "secure_file_priv = NULL",
      "user = root",
      "log_bin = mysql-bin",
      "enforce_gtid_consistency = ON",
      "gtid_mode = ON",
      "skip_replica_start = 1",
      "",
    ].join("\n");
  }

  get logFile(): string {
    return join(this.folder, "error.log");
  }

  /** The error log so far. */
  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, "utf8") : "";
  }

  /** Whether the server accepts its own settings, without being started. */
  validate(): Promise<Ended> {
    return run(this.#family.program("server"), [`--defaults-file=${this.settingsFile}`, "--validate-config"]);
  }

  /** Starts the server and waits until it answers. */
  async start(): Promise<void> {
    const program = this.#family.program("server");
    const child = spawn(program, [`--defaults-file=${this.settingsFile}`], { stdio: "ignore" });
    this.#process = child;
    child.once("exit", () => {
      if (this.#process === child) this.#process = undefined;
    });
    await until(`server ${this.id} answers`, async () => {
      if (this.#process === undefined) throw new Error(`server ${this.id} has ended:\n${this.log().slice(-2000)}`);
      return (await this.sql("SELECT 1")) === "1";
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log().slice(-2000)}`, { cause: error });
    });
  }

  /** Ends the server as a lost node does, or politely. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  /** Runs statements and gives the rows as text, columns by tabs. Throws with MySQL's words. */
  async sql(statements: string, login?: Login): Promise<string> {
    const { code, stdout, stderr } = await this.trySql(statements, login);
    if (code !== 0) throw new Error(stderr.trim());
    return stdout.trimEnd();
  }

  /** Runs statements, whatever comes of them. */
  trySql(statements: string, login?: Login): Promise<Ended> {
    const where = login
      ? ["--host=127.0.0.1", `--port=${this.port}`, `--user=${login.user}`, "--protocol=tcp", "--ssl-mode=REQUIRED"]
      : [`--socket=${this.socket}`, "--user=root"];
    const args = ["--no-defaults", ...where, "--batch", "--raw", "--skip-column-names"];
    const environment: Record<string, string> = login ? { MYSQL_PWD: login.password } : {};
    return run(this.#family.program("cli"), args, { input: statements, environment });
  }

  /** A system variable. */
  variable(name: string): Promise<string> {
    return this.sql(`SELECT @@GLOBAL.${name}`);
  }

  /** Transactions that the server has executed, on one line. */
  async transactions(): Promise<string> {
    return (await this.variable("gtid_executed")).replaceAll("\n", "").replaceAll("\\n", "");
  }
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  options: { input?: string; environment?: Record<string, string> } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const settings = {
      env: { ...process.env, ...options.environment },
      maxBuffer: 2 ** 26,
      timeout: patience,
      killSignal: "SIGKILL",
    } as const;
    const child = execFile(program, [...args], settings, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number" && error.signal === undefined) reject(error);
      else resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : null, stdout, stderr });
    });
    // A client that refuses its login does not read what it was given.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}
