/** The pack in a process of its own, spoken to over gRPC as the engine does. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { projectFolder } from "../../../tools/offline/stack-file.ts";

const require = createRequire(import.meta.url);
const proto = require("@pulumi/pulumi/proto/analyzer_pb.js") as typeof import("@pulumi/pulumi/proto/analyzer_pb.js");
const { AnalyzerClient } = require("@pulumi/pulumi/proto/analyzer_grpc_pb.js") as {
  AnalyzerClient: new (address: string, credentials: grpc.ChannelCredentials) => Client;
};
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js") as { Empty: new () => object };

type Reply<T> = (error: Error | null, answer: T) => void;
interface Client {
  analyze(request: object, reply: Reply<Answer>): void;
  analyzeStack(request: object, reply: Reply<Answer>): void;
  getAnalyzerInfo(request: object, reply: Reply<Info>): void;
  configure(request: object, reply: Reply<object>): void;
  close(): void;
}
interface Answer {
  getDiagnosticsList(): {
    getMessage(): string;
    getPolicyname(): string;
    getEnforcementlevel(): number;
    getUrn(): string;
  }[];
}
interface Info {
  getName(): string;
  getPoliciesList(): { getName(): string; getEnforcementlevel(): number }[];
}

/** What the pack says, as the engine hears it. */
export interface Said {
  policy: string;
  message: string;
  level: "advisory" | "mandatory" | "disabled";
  urn: string;
}

/** A resource as the engine sends it. */
export interface SentResource {
  type: string;
  name: string;
  props: Manifest;
}

const levels = ["advisory", "mandatory", "disabled"] as const;

/** Type token of a manifest, for example `kubernetes:core/v1:Pod`. */
export function tokenOf(manifest: Manifest): string {
  const apiVersion = String(manifest["apiVersion"]);
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${String(manifest["kind"])}`;
}

/** A running pack. */
export class PackProcess {
  readonly #child: ChildProcess;
  readonly #client: Client;

  private constructor(child: ChildProcess, client: Client) {
    this.#child = child;
    this.#client = client;
  }

  /** Starts the pack with the SDK's own launcher, in the folder of the pack. */
  static async start(folder = join(projectFolder, "policy-pack")): Promise<PackProcess> {
    const launcher = require.resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js");
    const child = spawn(process.execPath, [launcher, "127.0.0.1:1", "."], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += String(chunk)));
    const port = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the pack ended with ${code}: ${errors}`)));
      createInterface({ input: child.stdout }).once("line", resolve);
    });
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    return new PackProcess(child, client);
  }

  /** Ends the process. */
  stop(): void {
    this.#client.close();
    this.#child.kill();
  }

  /** The policies that the pack declares. */
  async info(): Promise<{ name: string; policies: { name: string; level: string }[] }> {
    const info = await this.#call<Info>("getAnalyzerInfo", new Empty());
    const policies = info
      .getPoliciesList()
      .map((one) => ({ name: one.getName(), level: String(levels[one.getEnforcementlevel()]) }));
    return { name: info.getName(), policies };
  }

  /** Gives the pack its configuration. */
  async configure(config: Readonly<Record<string, Manifest>>): Promise<void> {
    const request = new proto.ConfigureAnalyzerRequest();
    for (const [family, settings] of Object.entries(config)) {
      const one = new proto.PolicyConfig();
      one.setEnforcementlevel(proto.EnforcementLevel.MANDATORY);
      one.setProperties(struct(settings));
      request.getPolicyconfigMap().set(family, one);
    }
    await this.#call("configure", request);
  }

  /** One resource, as it is registered. */
  async analyze(resource: SentResource): Promise<Said[]> {
    return said(await this.#call<Answer>("analyze", fill(new proto.AnalyzeRequest(), resource)));
  }

  /** All resources, as they are at the end. */
  async analyzeStack(resources: readonly SentResource[]): Promise<Said[]> {
    const request = new proto.AnalyzeStackRequest();
    request.setResourcesList(resources.map((one) => fill(new proto.AnalyzerResource(), one)));
    return said(await this.#call<Answer>("analyzeStack", request));
  }

  #call<T>(method: Exclude<keyof Client, "close">, request: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const reply = (error: Error | null, answer: unknown) => (error === null ? resolve(answer as T) : reject(error));
      const call = this.#client[method] as (request: object, reply: Reply<unknown>) => void;
      call.call(this.#client, request, reply);
    });
  }
}

type Request = InstanceType<typeof proto.AnalyzeRequest> | InstanceType<typeof proto.AnalyzerResource>;

function fill<T extends Request>(request: T, { type, name, props }: SentResource): T {
  request.setType(type);
  request.setName(name);
  request.setUrn(`urn:pulumi:test::realmgrid::${type}::${name}`);
  request.setProperties(struct(props));
  request.setOptions(new proto.AnalyzerResourceOptions());
  return request;
}

function struct(value: Manifest): structPb.Struct {
  // What the wire cannot carry (a key without a value) never reaches a pack.
  return structPb.Struct.fromJavaScript(JSON.parse(JSON.stringify(value)));
}

function said(answer: Answer): Said[] {
  return answer.getDiagnosticsList().map((one) => ({
    policy: one.getPolicyname(),
    message: one.getMessage(),
    level: levels[one.getEnforcementlevel()] ?? "advisory",
    urn: one.getUrn(),
  }));
}
