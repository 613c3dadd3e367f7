/** A real cluster of three primaries on loopback, with the access lists that a backup needs, for the tests of its backup. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ValkeyTls, valkeyRoles } from "../../../components/data/valkey-settings.ts";
import { end, until } from "../valkey/waiting.ts";
import type { Programs } from "./programs.ts";
import { ended, spawnInPod } from "./scripts.ts";

/** Passwords by user. */
export const passwords = { backup: "BackupSecret1", restore: "RestoreSecret2", tests: "TestsSecret3" } as const;

/** Servers without replicas. */
export class ValkeyCluster {
  readonly ports: number[];
  readonly #programs: Programs;
  readonly #folder: string;
  readonly #tls: ValkeyTls | undefined;
  readonly #processes: ChildProcess[] = [];

  private constructor(programs: Programs, folder: string, count: number, tls: ValkeyTls | undefined) {
    this.#programs = programs;
    this.#folder = folder;
    this.#tls = tls;
    // Client ports and those of the bus, 10000 above, lie below what the system hands out for outgoing connections.
    const first = 11_000 + Math.floor(Math.random() * 9_000);
    this.ports = Array.from({ length: count }, (_, index) => first + index);
  }

  /** The first port, where any server will do. */
  get port(): number {
    return this.ports[0] ?? 0;
  }

  /** A cluster that serves all slots; with `tls` it speaks nothing else. */
  static async start(programs: Programs, name: string, count = 3, tls?: ValkeyTls): Promise<ValkeyCluster> {
    const cluster = new ValkeyCluster(programs, programs.room(name), count, tls);
    try {
      await cluster.#form();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** One command on one server, as the user of the tests; input is given as lines of commands. */
  async call(port: number, words: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.#client(port, words, input);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  /** Runs commands, one a line, as a client would type them. */
  async load(commands: readonly string[]): Promise<void> {
    const said = await this.call(this.port, [], commands.map((line) => `${line}\n`).join(""));
    assert.doesNotMatch(said, /ERR|WRONG|NOPERM/);
  }

  /** All keys of the cluster. */
  async size(): Promise<number> {
    const sizes = await Promise.all(this.ports.map((port) => this.call(port, ["DBSIZE"])));
    return sizes.reduce((sum, one) => sum + Number(one), 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((one) => end(one, "SIGKILL")));
  }

  async #form(): Promise<void> {
    const users = join(this.#folder, "users.acl");
    const rules = { backup: valkeyRoles.backup, restore: valkeyRoles.restore, tests: "~* &* +@all" };
    const lines = Object.entries(passwords).map(
      ([user, password]) => `user ${user} on >${password} ${rules[user as keyof typeof rules]}`,
    );
    writeFileSync(users, `user default off\n${lines.join("\n")}\n`);
    for (const port of this.ports) {
      const args = [...this.#listen(port), "--bind", "127.0.0.1", "--dir", this.#folder, "--aclfile", users];
      const cluster = ["--cluster-enabled", "yes", "--cluster-config-file", `nodes-${port}.conf`];
      const server = spawnInPod(
        this.#programs,
        "valkey-server",
        [...args, ...cluster, "--save", "", "--repl-diskless-sync-delay", "0", "--dbfilename", `${port}.rdb`],
        {},
      );
      server.stdout?.resume();
      server.stderr?.resume();
      this.#processes.push(server);
      await until(`the server of port ${port} answers`, async () => (await this.call(port, ["PING"])) === "PONG");
    }
    const share = 16384 / this.ports.length;
    for (const [index, port] of this.ports.entries()) {
      const [from, to] = [Math.ceil(index * share), Math.ceil((index + 1) * share) - 1];
      assert.equal(await this.call(port, ["CLUSTER", "ADDSLOTSRANGE", String(from), String(to)]), "OK");
      assert.equal(await this.call(port, ["CLUSTER", "SET-CONFIG-EPOCH", String(index + 1)]), "OK");
      if (port !== this.port) await this.call(port, ["CLUSTER", "MEET", "127.0.0.1", String(this.port)]);
    }
    for (const port of this.ports) {
      await until(`the cluster is whole for ${port}`, async () => {
        const info = await this.call(port, ["CLUSTER", "INFO"]);
        return /cluster_state:ok/.test(info) && info.includes(`cluster_known_nodes:${this.ports.length}`);
      });
    }
  }

  #listen(port: number): string[] {
    if (this.#tls === undefined) return ["--port", String(port)];
    const { caFile, certFile, keyFile } = this.#tls;
    const files = ["--tls-ca-cert-file", caFile, "--tls-cert-file", certFile, "--tls-key-file", keyFile];
    return [
      "--port",
      "0",
      "--tls-port",
      String(port),
      "--tls-cluster",
      "yes",
      "--tls-auth-clients",
      "optional",
      ...files,
    ];
  }

  #client(port: number, words: readonly string[], input?: string) {
    const password = passwords.tests;
    const tls = this.#tls === undefined ? [] : ["--tls", "--cacert", this.#tls.caFile];
    const child = spawnInPod(
      this.#programs,
      "valkey-cli",
      ["-c", "-h", "127.0.0.1", "-p", String(port), "--user", "tests", "--no-auth-warning", ...tls, ...words],
      { REDISCLI_AUTH: password, VALKEYCLI_AUTH: password },
      { input },
    );
    return ended(child);
  }
}
