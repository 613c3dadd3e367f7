/** A real PostgreSQL server on loopback for the tests of its backup. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { end, until } from "../valkey/waiting.ts";
import { freePort } from "./ports.ts";
import type { Programs } from "./programs.ts";
import { ended, spawnInPod } from "./scripts.ts";

/** Superuser of the server. */
export const superuser = "postgres";

/** One server with data in the folder of the test. */
export class PostgresServer {
  readonly port: number;
  readonly folder: string;
  readonly #programs: Programs;
  #process: ChildProcess | undefined;

  private constructor(programs: Programs, folder: string, port: number) {
    this.#programs = programs;
    this.folder = folder;
    this.port = port;
  }

  /** A server that wants passwords from loopback and none on its socket. */
  static async start(programs: Programs, name: string): Promise<PostgresServer> {
    const server = new PostgresServer(programs, programs.room(name), await freePort());
    const data = join(server.folder, "data");
    const args = [`--pgdata=${data}`, `--username=${superuser}`, "--auth-local=trust", "--auth-host=scram-sha-256"];
    const made = await ended(server.#spawn("initdb", [...args, "--encoding=UTF8", "--locale=C", "--no-sync"]));
    assert.equal(made.code, 0, made.stderr);
    const settings = {
      listen_addresses: "127.0.0.1",
      port: server.port,
      unix_socket_directories: server.folder,
      fsync: "off",
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    server.#process = server.#spawn("postgres", ["-D", data, ...options]);
    server.#process.stdout?.resume();
    server.#process.stderr?.resume();
    try {
      await until("PostgreSQL answers", async () => {
        const { code, stderr } = await server.try("postgres", "SELECT 1");
        assert.equal(code, 0, stderr);
        return true;
      });
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Runs statements as superuser; answers the lines of what they print. */
  async sql(database: string, statements: string): Promise<string[]> {
    const { code, stdout, stderr } = await this.try(database, statements);
    assert.equal(code, 0, stderr);
    return stdout.split("\n").filter(Boolean);
  }

  /** Runs statements and says how it went. */
  try(database: string, statements: string) {
    // By a file: a statement may be longer than an argument.
    const file = join(this.folder, "statements.sql");
    writeFileSync(file, statements);
    const args = ["--no-psqlrc", "-qAt", "--set=ON_ERROR_STOP=1", `--username=${superuser}`, `--file=${file}`];
    return ended(
      this.#spawn("psql", [...args, `--host=${this.folder}`, `--port=${this.port}`, `--dbname=${database}`]),
    );
  }

  async stop(): Promise<void> {
    await end(this.#process, "SIGQUIT");
  }

  #spawn(command: string, args: readonly string[]): ChildProcess {
    const passwd = join(this.folder, "passwd");
    const id = process.getuid?.() === 0 ? 1000 : process.getuid?.();
    writeFileSync(passwd, `tests:x:${id}:${id}::${this.folder}:/bin/false\n`);
    return spawnInPod(this.#programs, command, args, {
      LD_PRELOAD: this.#programs.environment["NSS_WRAPPER"] ?? "",
      NSS_WRAPPER_PASSWD: passwd,
      NSS_WRAPPER_GROUP: passwd,
    });
  }
}
