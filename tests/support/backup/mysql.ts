/** A real MySQL server on loopback for the tests of its backup. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { end, until } from "../valkey/waiting.ts";
import { freePort } from "./ports.ts";
import type { Programs } from "./programs.ts";
import { ended, spawnInPod } from "./scripts.ts";

/** One server with data in the folder of the test. */
export class MySqlServer {
  readonly port: number;
  readonly folder: string;
  readonly #programs: Programs;
  #process: ChildProcess | undefined;

  private constructor(programs: Programs, folder: string, port: number) {
    this.#programs = programs;
    this.folder = folder;
    this.port = port;
  }

  /** A server without any database, with GTIDs as in a group. */
  static async start(programs: Programs, name: string): Promise<MySqlServer> {
    const server = new MySqlServer(programs, programs.room(name), await freePort());
    const data = join(server.folder, "data");
    const made = await ended(
      spawnInPod(programs, "mysqld", ["--no-defaults", "--initialize-insecure", `--datadir=${data}`], {}),
    );
    assert.equal(made.code, 0, made.stderr);
    server.#process = spawnInPod(
      programs,
      "mysqld",
      [
        "--no-defaults",
        `--datadir=${data}`,
        `--socket=${join(server.folder, "socket")}`,
        `--port=${server.port}`,
        "--bind-address=127.0.0.1",
        "--mysqlx=OFF",
        "--secure-file-priv=NULL",
        "--gtid-mode=ON",
        "--enforce-gtid-consistency=ON",
        "--innodb-flush-log-at-trx-commit=0",
        "--sync-binlog=0",
        "--max-allowed-packet=64M",
        "--log-error-verbosity=1",
      ],
      {},
    );
    let said = "";
    server.#process.stdout?.resume();
    server.#process.stderr?.on("data", (chunk: Buffer) => {
      said += String(chunk);
    });
    try {
      await until("MySQL answers", async () => {
        assert.equal(server.#process?.exitCode, null, said);
        const { code, stderr } = await server.try("SELECT 1");
        assert.equal(code, 0, stderr);
        return true;
      });
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Runs statements as root; answers the lines of what they print. */
  async sql(statements: string): Promise<string[]> {
    const result = await this.try(statements);
    assert.equal(result.code, 0, result.stderr);
    return result.stdout.split("\n").filter(Boolean);
  }

  /** Runs statements and says how it went. */
  try(statements: string) {
    return ended(this.#client([`--execute=${statements}`]));
  }

  /** Runs a file of statements, with DELIMITER and all. */
  async file(text: string): Promise<void> {
    const { code, stderr } = await ended(this.#client([], text));
    assert.equal(code, 0, stderr);
  }

  #client(more: readonly string[], input?: string): ChildProcess {
    const login = [`--socket=${join(this.folder, "socket")}`, "--user=root"];
    const form = ["--default-character-set=utf8mb4", "--max-allowed-packet=64M", "--batch", "--skip-column-names"];
    return spawnInPod(this.#programs, "mysql", ["--no-defaults", ...login, ...form, ...more], {}, { input });
  }

  async stop(): Promise<void> {
    await end(this.#process, "SIGKILL");
  }
}
