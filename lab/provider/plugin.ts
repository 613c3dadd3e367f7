// A resource plugin on the engine's own protocol. The SDK's provider server is no use here: it hides from a provider
// whether a call is a preview, and turns unknown values into plain ones.
import { connect } from "node:net";
import * as grpc from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import anys from "google-protobuf/google/protobuf/any_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import {
  type DiffResult,
  type EngineLog,
  type Failure,
  InitialisationError,
  type Operation,
  type ResourceProvider,
} from "./resource-provider.ts";
import { fromStruct, type JsonObject, toStruct } from "./values.ts";

/** Starts the plugin and prints its port, by which the engine finds it. */
export async function runPlugin(provider: ResourceProvider, engineAddress: string | undefined): Promise<void> {
  const { port } = await startPlugin(provider, engineAddress);
  process.stdout.write(`${port}\n`);
  endWithEngine(engineAddress);
}

// An engine that is killed cannot stop its plugins. Whose parent changes has lost it; where it was gone before we had
// started, nobody listens at its address.
function endWithEngine(engineAddress: string | undefined): void {
  const engineProcess = process.ppid;
  setInterval(() => {
    if (process.ppid !== engineProcess) process.exit(1);
  }, 1000).unref();
  const [, host, port] = /^(.*):(\d+)$/.exec(engineAddress ?? "") ?? [];
  if (host === undefined) return;
  setInterval(() => {
    const socket = connect(Number(port), host, () => socket.destroy());
    socket.on("error", () => process.exit(1));
  }, 5000).unref();
}

/** Starts the plugin on a free port of the loopback interface. */
export async function startPlugin(
  provider: ResourceProvider,
  engineAddress?: string,
): Promise<{ port: number; stop: () => void }> {
  const limits = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const server = new grpc.Server(limits);
  server.addService(service.ResourceProviderService, handlers(provider, new EngineConnection(engineAddress)));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, stop: () => server.forceShutdown() };
}

class EngineConnection {
  #client: InstanceType<typeof engineService.EngineClient> | undefined;

  constructor(address: string | undefined) {
    if (address !== undefined && address !== "") this.connect(address);
  }

  connect(address: string): void {
    this.#client ??= new engineService.EngineClient(address, grpc.credentials.createInsecure());
  }

  readonly log: EngineLog = (severity, message, urn = "") => {
    const request = new engine.LogRequest();
    request.setSeverity(severity === "info" ? engine.LogSeverity.INFO : engine.LogSeverity.WARNING);
    request.setMessage(message);
    request.setUrn(urn);
    this.#client?.log(request, (error) => {
      // The engine closes its side as soon as it is done; a message that comes later has no reader.
      if (error !== null) process.stderr.write(`log: ${error.message}\n`);
    });
  };
}

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

// The engine shows what a handler throws; anything else would leave it waiting for ever.
function unary<Request, Response>(handler: Handler<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(refusal(error)),
      );
  };
}

function refusal(error: unknown): grpc.ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof InitialisationError) {
    const detail = new proto.ErrorResourceInitFailed();
    detail.setId(error.stored.id);
    detail.setProperties(toStruct(error.stored.outputs));
    if (error.stored.inputs !== undefined) detail.setInputs(toStruct(error.stored.inputs));
    detail.setReasonsList([message]);
    const packed = new anys.Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statuses.Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(message);
    status.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}

function handlers(provider: ResourceProvider, connection: EngineConnection): grpc.UntypedServiceImplementation {
  const empty = () => new empties.Empty();
  return {
    handshake: unary((request: InstanceType<typeof proto.ProviderHandshakeRequest>) => {
      connection.connect(request.getEngineAddress());
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      return response;
    }),
    attach: unary((request: InstanceType<typeof plugins.PluginAttach>) => {
      connection.connect(request.getAddress());
      return empty();
    }),
    getPluginInfo: unary(() => {
      const response = new plugins.PluginInfo();
      response.setVersion(provider.version);
      return response;
    }),
    getSchema: unary(() => {
      const response = new proto.GetSchemaResponse();
      response.setSchema("{}");
      return response;
    }),
    checkConfig: unary((request: Check) => {
      const inputs = fromStruct(request.getNews());
      return checked(inputs, provider.checkConfig?.(inputs) ?? []);
    }),
    diffConfig: unary((request: Diff) => {
      const none: DiffResult = { detailed: new Map(), deleteBeforeReplace: false };
      const before = fromStruct(request.hasOldInputs() ? request.getOldInputs() : request.getOlds());
      return differences(provider.diffConfig?.(before, fromStruct(request.getNews())) ?? none);
    }),
    configure: unary(async (request: InstanceType<typeof proto.ConfigureRequest>) => {
      await provider.configure(fromStruct(request.getArgs()), connection.log);
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    check: unary(async (request: Check) => {
      const old = { olds: request.getOlds(), oldInputs: request.getOlds() };
      const { inputs, failures } = await provider.check(operation(request, { ...old, news: request.getNews() }));
      return checked(inputs, failures);
    }),
    diff: unary(async (request: Diff) => differences(await provider.diff(operation(request, structsOf(request))))),
    create: unary(async (request: InstanceType<typeof proto.CreateRequest>) => {
      const stored = await provider.create(operation(request, { news: request.getProperties() }));
      const response = new proto.CreateResponse();
      response.setId(stored.id);
      response.setProperties(toStruct(stored.outputs));
      return response;
    }),
    read: unary(async (request: InstanceType<typeof proto.ReadRequest>) => {
      const old = { olds: request.getProperties(), oldInputs: request.getInputs() };
      const stored = await provider.read(operation(request, old));
      const response = new proto.ReadResponse();
      if (stored === undefined) return response; // no id: the resource is gone
      response.setId(stored.id);
      response.setProperties(toStruct(stored.outputs));
      response.setInputs(toStruct(stored.inputs ?? {}));
      return response;
    }),
    update: unary(async (request: InstanceType<typeof proto.UpdateRequest>) => {
      const stored = await provider.update(operation(request, structsOf(request)));
      const response = new proto.UpdateResponse();
      response.setProperties(toStruct(stored.outputs));
      return response;
    }),
    delete: unary(async (request: InstanceType<typeof proto.DeleteRequest>) => {
      const old = { olds: request.getProperties(), oldInputs: request.getOldInputs() };
      await provider.delete(operation(request, old));
      return empty();
    }),
    invoke: unary((request: InstanceType<typeof proto.InvokeRequest>) => {
      throw new Error(`the loopback provider has no function ${request.getTok()}`);
    }),
    cancel: unary(() => {
      provider.cancel();
      return empty();
    }),
  };
}

type Struct = ReturnType<InstanceType<typeof proto.CheckRequest>["getNews"]>;
type Check = InstanceType<typeof proto.CheckRequest>;
type Diff = InstanceType<typeof proto.DiffRequest>;

interface Call {
  getUrn(): string;
  getType(): string;
  getId?(): string;
  getPreview?(): boolean;
  getTimeout?(): number;
  getIgnorechangesList?(): string[];
}

function structsOf(request: { getOlds(): Struct; getOldInputs(): Struct; getNews(): Struct }) {
  return { olds: request.getOlds(), oldInputs: request.getOldInputs(), news: request.getNews() };
}

function operation(call: Call, structs: { olds?: Struct; oldInputs?: Struct; news?: Struct }): Operation {
  return {
    urn: call.getUrn(),
    type: call.getType() || (call.getUrn().split("::")[2]?.split("$").at(-1) ?? ""),
    id: call.getId?.() ?? "",
    isPreview: call.getPreview?.() ?? false,
    timeout: call.getTimeout?.() ?? 0,
    inputs: fromStruct(structs.news),
    oldInputs: fromStruct(structs.oldInputs),
    oldOutputs: fromStruct(structs.olds),
    ignoreChanges: call.getIgnorechangesList?.() ?? [],
  };
}

function checked(inputs: JsonObject, failures: Failure[]) {
  const response = new proto.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new proto.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

function differences({ detailed, deleteBeforeReplace }: DiffResult) {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  const kinds = {
    add: [ADD, ADD_REPLACE],
    delete: [DELETE, DELETE_REPLACE],
    update: [UPDATE, UPDATE_REPLACE],
  } as const;
  const response = new proto.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  response.setChanges(detailed.size === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(true);
  response.setDeletebeforereplace(deleteBeforeReplace);
  for (const [path, { kind, replaces }] of detailed) {
    const difference = new proto.PropertyDiff();
    difference.setKind(kinds[kind][replaces ? 1 : 0]);
    difference.setInputdiff(true);
    response.getDetaileddiffMap().set(path, difference);
    response.getDiffsList().push(path.split(/[.[]/)[0] ?? path);
    if (replaces) response.getReplacesList().push(path);
  }
  return response;
}
