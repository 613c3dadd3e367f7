/** Runs the script that sets MySQL's users as it ships, with the files that its pod would have. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type MySqlUser, mysqlUserFiles, mysqlUsersScript } from "../../../components/data/mysql-users.ts";
import type { Ended, MySqlServer, MySqlServers } from "./server.ts";

/** The two passwords of a user's Secret. */
export interface Passwords {
  password: string;
  previous: string;
}

/** Name of the administrator on the server, and of its folder of credentials. */
export const administrator = "operator-root";

/** Every call of the client is written down, and the whole group of processes can be ended at one of them. */
const client = `#!/bin/sh
printf '%s\\n' "$*" >>"$FAKE/calls"
number=$(wc -l <"$FAKE/calls")
if [ "$number" -eq "\${DIE_BEFORE:-0}" ]; then kill -KILL 0; fi
"$REAL_MYSQL" "$@"
code=$?
if [ "$number" -eq "\${DIE_AFTER:-0}" ]; then kill -KILL 0; fi
exit "$code"
`;

/** The pod of the script, with one server. */
export class Accounts {
  readonly #family: MySqlServers;
  readonly #server: MySqlServer;
  readonly #folder: string;
  #runs = "";

  constructor(family: MySqlServers, server: MySqlServer, folder: string) {
    this.#family = family;
    this.#server = server;
    this.#folder = folder;
    for (const name of ["config", "credentials", "work", "bin"]) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, "mysql-users.sh"), mysqlUsersScript);
    writeFileSync(join(folder, "bin", "mysql"), client);
    chmodSync(join(folder, "bin", "mysql"), 0o755);
  }

  /** What the ConfigMap has. */
  declare(database: string, users: readonly MySqlUser[]): void {
    const config = join(this.#folder, "config");
    rmSync(config, { recursive: true });
    mkdirSync(config);
    for (const [name, text] of Object.entries(mysqlUserFiles(database, users))) writeFileSync(join(config, name), text);
  }

  /** What the Secret of a user has. */
  secret(user: string, { password, previous }: Passwords): void {
    const folder = join(this.#folder, "credentials", user);
    mkdirSync(folder, { recursive: true });
    const files = { username: user, rootUser: user, password, "previous-password": previous };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  }

  /** Runs the script to its end. */
  run(options: { environment?: Record<string, string>; shell?: readonly string[] } = {}): Promise<Ended> {
    rmSync(join(this.#folder, "calls"), { force: true });
    const real = this.#family.program("cli");
    const environment = {
      PATH: [join(this.#folder, "bin"), process.env["PATH"], dirname(real)].join(":"),
      REAL_MYSQL: real,
      FAKE: this.#folder,
      MYSQL_HOST: "127.0.0.1",
      MYSQL_PORT: String(this.#server.port),
      WAIT_SECONDS: "0",
      WORK: join(this.#folder, "work"),
      CONFIG: join(this.#folder, "config"),
      CREDENTIALS: join(this.#folder, "credentials"),
      ADMIN: administrator,
      ...options.environment,
    };
    const [shell = "sh", ...before] = options.shell ?? ["sh"];
    return new Promise((resolve, reject) => {
      // A group of its own, so that a test can end all of it as a lost node does.
      const child = spawn(shell, [...before, join(this.#folder, "mysql-users.sh")], {
        env: environment,
        detached: true,
      });
      const output = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output.stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        output.stderr += text;
      });
      child.once("error", reject);
      child.once("close", (code) => {
        this.#runs += output.stdout + output.stderr + this.calls().join("\n");
        resolve({ code, ...output });
      });
    });
  }

  /** Command lines of the client in the last run. */
  calls(): string[] {
    const file = join(this.#folder, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }

  /** All output and all command lines of every run. */
  everything(): string {
    return this.#runs;
  }
}
