/** Real servers and the shipped agent as processes of this machine; each pod has a loopback address of its own. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { platform, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ValkeySize, valkeySettings } from "../../../components/data/valkey-settings.ts";
import { type DebianServer, debianServer } from "../../../lab/toolchain/debian-packages.ts";
import { call, type Login, type Reply } from "./client.ts";
import { clientScript } from "./client-script.ts";
import { testPassword, writeUsers } from "./users.ts";
import { flaw, type NodeLine, parseNodes } from "./views.ts";
import { end, until } from "./waiting.ts";

/** The agent as it ships. */
export const agentScript = fileURLToPath(new URL("../../../components/data/valkey-agent.sh", import.meta.url));

/** One pod; its name, folder and data stay, its address does not. */
export interface ValkeyPod {
  ordinal: number;
  name: string;
  host: string;
  address: string;
  folder: string;
  server?: ChildProcess;
  agent?: ChildProcess;
}

/** What differs from a cluster of six pods with one replica for each primary. */
export interface ValkeyPodsOptions {
  count?: number;
  replicasPerPrimary?: number;
  /** Changes of the shipped configuration, whose files and ports are the test's. */
  settings?: Partial<ValkeySize>;
  /** Arguments of a server beside the shipped configuration. */
  serverArgs?: (pod: ValkeyPod) => string[];
  /** Environment of the agents beside what every pod has. */
  agentEnvironment?: (pod: ValkeyPod) => Record<string, string>;
  /** Command that runs the script. @default ["sh"] */
  shell?: string[];
  /** Folder of the tools that the script may use. @default all of PATH */
  toolsFolder?: string;
  /** Milliseconds until a node counts as failing; a test need not wait as long as production does. @default 2000 */
  nodeTimeout?: number;
  /** Client port of the pods, which may be that of something in front of the server. */
  port?: number;
}

/** Servers and agents of one cluster in one folder. */
export class ValkeyPods {
  readonly pods: ValkeyPod[];
  readonly folder: string;
  readonly port: number;
  private readonly program: DebianServer;
  private readonly options: ValkeyPodsOptions;
  private readonly network: string;
  private lastAddress = 10;

  private constructor(program: DebianServer, options: ValkeyPodsOptions) {
    this.program = program;
    this.options = options;
    // Client and bus port lie below those that the system hands out for outgoing connections.
    this.port = options.port ?? 11_000 + Math.floor(Math.random() * 10_000);
    this.folder = mkdtempSync(join(tmpdir(), "realmgrid-valkey-"));
    for (const name of ["hosts", "bin"]) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, "bin", "valkey-cli"), clientScript);
    chmodSync(join(this.folder, "bin", "valkey-cli"), 0o755);
    writeFileSync(join(this.folder, "argv"), "");
    writeUsers(this.folder);
    const random = () => 1 + Math.floor(Math.random() * 254);
    this.network = `127.${random()}.${random()}`;
    this.pods = Array.from({ length: options.count ?? 6 }, (_, ordinal) => {
      const name = `redis-cluster-${ordinal}`;
      const pod = { ordinal, name, host: `${name}.redis-cluster-nodes`, address: "", folder: join(this.folder, name) };
      this.readdress(pod);
      this.wipe(pod);
      return pod;
    });
  }

  /** Pods without any process yet; undefined, with the reason printed, where no server can be had. */
  static async create(options: ValkeyPodsOptions = {}): Promise<ValkeyPods | undefined> {
    try {
      if (platform() !== "linux") throw new Error("only Linux has all of 127.0.0.0/8 on its loopback interface");
      const program = await debianServer("redis-server");
      return new ValkeyPods(program, options);
    } catch (error) {
      console.warn(`    SKIPPED: no tests on real servers, because ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  }

  /** The pod of that ordinal. */
  pod(ordinal: number): ValkeyPod {
    const pod = this.pods[ordinal];
    assert.ok(pod, `there is no pod ${ordinal}`);
    return pod;
  }

  /** Gives the pod an address that none had before, as a new pod gets one. */
  readdress(pod: ValkeyPod, address = `${this.network}.${++this.lastAddress}`): void {
    pod.address = address;
    writeFileSync(join(this.folder, "hosts", pod.host), address);
  }

  /** Gives each pod the address that the one before it had: the worst that a cluster can do to remembered addresses. */
  rotateAddresses(): void {
    const addresses = this.pods.map((pod) => pod.address);
    for (const [index, pod] of this.pods.entries()) this.readdress(pod, addresses.at(index - 1));
  }

  /** Empties the pod's volume. */
  wipe(pod: ValkeyPod): void {
    rmSync(pod.folder, { recursive: true, force: true });
    mkdirSync(pod.folder);
  }

  /** Puts the volume of one pod in the place of another's. */
  copyVolume(from: string, to: ValkeyPod): void {
    this.wipe(to);
    cpSync(from, to.folder, { recursive: true });
  }

  /** Starts the server of a pod and waits for its answer, which one behind TLS does not give to us. */
  async startServer(pod: ValkeyPod, answers = true): Promise<void> {
    const settings = valkeySettings({
      memoryLimitBytes: 2 ** 28,
      port: this.port,
      dataFolder: pod.folder,
      usersFile: join(this.folder, "users.acl"),
      replicationFile: join(this.folder, "replication.conf"),
      ...this.options.settings,
    });
    const file = join(this.folder, `${pod.name}.conf`);
    writeFileSync(file, settings);
    const timeout = String(this.options.nodeTimeout ?? 2000);
    const args = ["--bind", pod.address, "--bind-source-addr", pod.address, "--cluster-node-timeout", timeout];
    const log = openSync(join(this.folder, `${pod.name}.log`), "a");
    pod.server = spawn(
      this.program.programs["server"] ?? "",
      [file, ...args, ...(this.options.serverArgs?.(pod) ?? [])],
      {
        env: { ...process.env, ...this.program.environment },
        stdio: ["ignore", log, log],
      },
    );
    closeSync(log);
    if (answers) await until(`${pod.name} answers`, async () => (await this.call(pod, "PING")) === "PONG");
  }

  /** Starts the agent of a pod, as the sidecar would. */
  startAgent(pod: ValkeyPod): void {
    const log = openSync(join(this.folder, "agents.log"), "a");
    const [shell = "sh", ...words] = this.options.shell ?? ["sh"];
    const env = this.environment(pod);
    pod.agent = spawn(shell, [...words, agentScript], { env, stdio: ["ignore", log, log] });
    closeSync(log);
  }

  /** Servers of all pods and then, if wanted, agents. */
  async startAll(agents: boolean): Promise<void> {
    await Promise.all(this.pods.map((pod) => this.startServer(pod)));
    if (agents) for (const pod of this.pods) this.startAgent(pod);
  }

  /** Ends server and agent of a pod at once, as the loss of its machine does. */
  async kill(pod: ValkeyPod): Promise<void> {
    await Promise.all([end(pod.agent, "SIGTERM"), end(pod.server, "SIGKILL")]);
    pod.agent = undefined;
    pod.server = undefined;
  }

  async stopAgents(): Promise<void> {
    await Promise.all(this.pods.map((pod) => end(pod.agent, "SIGTERM")));
    for (const pod of this.pods) pod.agent = undefined;
  }

  /** Ends everything and removes the folder. */
  async stop(): Promise<void> {
    await Promise.all(this.pods.map((pod) => this.kill(pod)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One call of the script in a pod, to its end; an object among the words changes its environment. */
  async run(
    pod: ValkeyPod,
    ...call: (string | Record<string, string>)[]
  ): Promise<{ code: number | null; output: string }> {
    const [shell = "sh", ...rest] = this.options.shell ?? ["sh"];
    const words = call.filter((one) => typeof one === "string");
    const env = Object.assign(this.environment(pod), ...call.filter((one) => typeof one !== "string"));
    const child = spawn(shell, [...rest, agentScript, ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += String(chunk)));
    const [code] = await new Promise<[number | null]>((resolve) => child.once("close", (status) => resolve([status])));
    appendFileSync(join(this.folder, "agents.log"), output);
    return { code, output };
  }

  /** Runs the real client, for what only it can do. */
  async tool(words: readonly string[]): Promise<void> {
    const env = {
      ...process.env,
      ...this.program.environment,
      REDISCLI_AUTH: testPassword,
      VALKEYCLI_AUTH: testPassword,
    };
    await promisify(execFile)(this.program.programs["cli"] ?? "", ["--user", "tests", ...words], {
      env,
      maxBuffer: 2 ** 26,
    });
  }

  /** Where and as whom a pod's server lets the tests look on. */
  login(pod: ValkeyPod): Login {
    return { address: pod.address, port: this.port, user: "tests", password: testPassword };
  }

  /** One command to a pod's server, which may do everything. */
  call(pod: ValkeyPod, ...words: string[]): Promise<Reply> {
    return call(this.login(pod), ...words);
  }

  /** The same as another user. */
  callAs(user: string, pod: ValkeyPod, ...words: string[]): Promise<Reply> {
    return call({ ...this.login(pod), user }, ...words);
  }

  /** The nodes as one pod knows them. */
  async view(pod: ValkeyPod): Promise<NodeLine[]> {
    return parseNodes(String(await this.call(pod, "CLUSTER", "NODES")));
  }

  /** Waits until all pods agree on a whole cluster, up to the copies of the replicas. */
  async whole(): Promise<NodeLine[]> {
    const replicas = this.options.replicasPerPrimary ?? 1;
    const primaries = this.pods.length / (1 + replicas);
    await until("the cluster is whole", async () => {
      const found = flaw(await Promise.all(this.pods.map((pod) => this.view(pod))), primaries, replicas);
      if (found !== undefined) throw new Error(found);
      for (const pod of this.pods) {
        assert.match(String(await this.call(pod, "CLUSTER", "INFO")), /cluster_state:ok/, pod.name);
        assert.doesNotMatch(String(await this.call(pod, "INFO", "replication")), /master_link_status:down/, pod.name);
      }
      return true;
    });
    return this.view(this.pod(0));
  }

  /** What the agents have printed so far. */
  log(): string {
    const file = join(this.folder, "agents.log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Arguments of every call of the client so far. */
  argumentLines(): string[] {
    return readFileSync(join(this.folder, "argv"), "utf8").trim().split("\n");
  }

  /** Environment of the scripts in a pod; the client that they find writes down its arguments. */
  environment(pod: ValkeyPod): Record<string, string> {
    return {
      PATH: [join(this.folder, "bin"), this.options.toolsFolder ?? process.env["PATH"]].join(delimiter),
      TEST_FOLDER: this.folder,
      TEST_CLIENT: this.program.programs["cli"] ?? "",
      TEST_LIBRARIES: this.program.environment["LD_LIBRARY_PATH"] ?? "",
      POD_NAME: pod.name,
      POD_IP: pod.address,
      PEERS: this.pods.map((one) => one.host).join(" "),
      PORT: String(this.port),
      REPLICAS_PER_PRIMARY: String(this.options.replicasPerPrimary ?? 1),
      AUTH_USER: "agent",
      REDISCLI_AUTH: testPassword,
      INTERVAL_SECONDS: "1",
      ...this.options.agentEnvironment?.(pod),
    };
  }
}
