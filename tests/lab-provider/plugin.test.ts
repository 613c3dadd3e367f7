import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import { KubernetesProvider } from "../../lab/provider/kubernetes.ts";
import { startPlugin } from "../../lab/provider/plugin.ts";
import { fromStruct, isSecret, type JsonObject, secret, toStruct, unknownMarker } from "../../lab/provider/values.ts";
import { FakeApiServer } from "./fake-api-server.ts";

const urn = (kind: string, name = "one") => `urn:pulumi:dev::realmgrid::kubernetes:${kind}::${name}`;
const services = "/api/v1/namespaces/game/services";

function object(kind: string, rest: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: "v1", kind, metadata: { name: "one", namespace: "game", ...metadata }, ...rest };
}

describe("the Kubernetes plugin over gRPC", () => {
  let api: FakeApiServer;
  let client: InstanceType<typeof service.ResourceProviderClient>;
  let stop: () => void;
  let server = "";

  beforeEach(async () => {
    api = new FakeApiServer();
    server = await api.start();
    const plugin = await startPlugin(new KubernetesProvider());
    client = new service.ResourceProviderClient(`127.0.0.1:${plugin.port}`, grpc.credentials.createInsecure());
    stop = plugin.stop;
  });

  afterEach(async () => {
    client.close();
    stop();
    await api.stop();
  });

  const kubeconfig = () =>
    JSON.stringify({
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server } }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    });

  function call<Response>(
    send: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      send((error, response) => (error === null ? resolve(response) : reject(error)));
    });
  }

  async function configure(args: JsonObject = {}) {
    const request = new proto.ConfigureRequest();
    request.setArgs(toStruct({ kubeconfig: kubeconfig(), ...args }));
    return call<InstanceType<typeof proto.ConfigureResponse>>((done) => client.configure(request, done));
  }

  async function create(inputs: JsonObject, options: { preview?: boolean; timeout?: number } = {}) {
    const request = new proto.CreateRequest();
    request.setUrn(urn(`core/v1:${String(inputs.kind)}`));
    request.setProperties(toStruct(inputs));
    request.setPreview(options.preview ?? false);
    request.setTimeout(options.timeout ?? 0);
    const response = await call<InstanceType<typeof proto.CreateResponse>>((done) => client.create(request, done));
    return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
  }

  async function update(news: JsonObject, preview = false) {
    const request = new proto.UpdateRequest();
    request.setId("game/one");
    request.setUrn(urn(`core/v1:${String(news.kind)}`));
    request.setNews(toStruct(news));
    request.setPreview(preview);
    const response = await call<InstanceType<typeof proto.UpdateResponse>>((done) => client.update(request, done));
    return fromStruct(response.getProperties());
  }

  async function check(inputs: JsonObject, kind = "core/v1:Service") {
    const request = new proto.CheckRequest();
    request.setUrn(urn(kind));
    request.setNews(toStruct(inputs));
    const response = await call<InstanceType<typeof proto.CheckResponse>>((done) => client.check(request, done));
    const failures = response.getFailuresList().map((one) => `${one.getProperty()}: ${one.getReason()}`);
    return { inputs: fromStruct(response.getInputs()), failures };
  }

  async function read(inputs: JsonObject) {
    const request = new proto.ReadRequest();
    request.setId("game/one");
    request.setUrn(urn(`core/v1:${String(inputs.kind)}`));
    request.setInputs(toStruct(inputs));
    const response = await call<InstanceType<typeof proto.ReadResponse>>((done) => client.read(request, done));
    return {
      id: response.getId(),
      inputs: fromStruct(response.getInputs()),
      outputs: fromStruct(response.getProperties()),
    };
  }

  it("takes secrets, previews with unknowns, and has the version the SDK asks for", async () => {
    const response = await configure();
    assert.equal(response.getAcceptsecrets(), true);
    assert.equal(response.getSupportspreview(), true);
  });

  it("fills the namespace of a namespaced kind and leaves a cluster-wide one alone", async () => {
    await configure();
    const service = await check({ apiVersion: "v1", kind: "Service", metadata: { name: "one" } });
    assert.deepEqual(service.inputs.metadata, { name: "one", namespace: "default" });
    const namespace = await check(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "one" } },
      "core/v1:Namespace",
    );
    assert.deepEqual(namespace.inputs.metadata, { name: "one" });
  });

  it("keeps secrets and unknowns through a check", async () => {
    await configure();
    const inputs = object("Secret", { stringData: { a: secret("b"), c: unknownMarker } });
    assert.deepEqual((await check(inputs, "core/v1:Secret")).inputs, inputs);
  });

  it("refuses an object without a name", async () => {
    await configure();
    const { failures } = await check({ apiVersion: "v1", kind: "Service", metadata: {} });
    assert.match(failures.join(), /^metadata\.name: wanted a fixed name/);
  });

  it("refuses Helm with the way out", async () => {
    await configure();
    await assert.rejects(check({ chart: "keda" }, "helm.sh/v3:Release"), /install: existing/);
  });

  it("creates an object under its own field manager", async () => {
    await configure();
    const { id, outputs } = await create(object("ConfigMap", { data: { a: "1" } }));
    assert.equal(id, "game/one");
    assert.deepEqual(outputs.data, { a: "1" });
    assert.equal(Object.hasOwn(outputs.metadata as JsonObject, "managedFields"), false);
    const [request] = api.requests("POST");
    assert.equal(request?.query.get("fieldManager"), "pulumi-kubernetes");
    assert.equal(request?.query.has("dryRun"), false);
  });

  it("does not create what exists, in the API server's words", async () => {
    await configure();
    api.objects.set(`${services}/one`, object("Service"));
    await assert.rejects(create(object("Service")), /services "one" already exists/);
  });

  it("takes over what exists when the provider says so", async () => {
    await configure({ upsertExistingObjects: "true" });
    api.objects.set(`${services}/one`, object("Service", { spec: { old: true } }));
    const { id, outputs } = await create(object("Service", { spec: { selector: { app: "a" } } }));
    assert.equal(id, "game/one");
    assert.deepEqual(outputs.spec, { selector: { app: "a" } });
    assert.equal(api.requests("PATCH").at(-1)?.query.get("force"), "false");
  });

  it("takes fields over that others have applied only when the provider says so", async () => {
    await configure({ upsertExistingObjects: "true", enablePatchForce: "true" });
    api.objects.set(`${services}/one`, object("Service"));
    await create(object("Service", { spec: { selector: { app: "a" } } }));
    assert.equal(api.requests("PATCH").at(-1)?.query.get("force"), "true");
  });

  it("previews a creation by a dry run", async () => {
    await configure();
    const { id, outputs } = await create(object("ConfigMap", { data: { a: "1" } }), { preview: true });
    assert.equal(id, "");
    assert.deepEqual(outputs.data, { a: "1" });
    assert.equal(api.requests("POST")[0]?.query.get("dryRun"), "All");
    assert.equal(api.objects.size, 0);
  });

  it("previews without asking when an input is unknown", async () => {
    await configure();
    const inputs = object("ConfigMap", { data: { a: unknownMarker } });
    assert.deepEqual((await create(inputs, { preview: true })).outputs, inputs);
    assert.equal(api.requests("POST").length, 0);
  });

  it("previews without a failure while the namespace is not there", async () => {
    await configure();
    const refusal = { status: 404, reason: "NotFound", message: 'namespaces "game" not found' };
    api.refusals.set("POST /api/v1/namespaces/game/configmaps", refusal);
    const inputs = object("ConfigMap", { data: {} });
    assert.deepEqual((await create(inputs, { preview: true })).outputs, inputs);
  });

  it("previews without a cluster, and does nothing else without one", async () => {
    server = "http://127.0.0.1:1";
    await configure();
    const inputs = object("ConfigMap", { data: {} });
    assert.deepEqual((await create(inputs, { preview: true })).outputs, inputs);
    await assert.rejects(create(inputs), /cluster is unreachable/);
  });

  it("names a kind that is not served", async () => {
    await configure();
    const unknown = {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "one", namespace: "game" },
    };
    await assert.rejects(create(unknown), /no matches for kind "ScaledObject" in version "keda.sh\/v1alpha1"/);
  });

  it("applies an update without force, and with it where the annotation says so", async () => {
    await configure();
    api.objects.set(`${services}/one`, object("Service"));
    await update(object("Service", { spec: {} }));
    await update(object("Service", { spec: {} }, { annotations: { "pulumi.com/patchForce": "true" } }));
    const applied = api.requests("PATCH").filter(({ body }) => !Array.isArray(body));
    assert.deepEqual(
      applied.map(({ query }) => query.get("force")),
      ["false", "true"],
    );
  });

  it("tells a conflict by field and owner", async () => {
    await configure();
    api.objects.set(`${services}/one`, object("Service"));
    const causes = [{ field: ".spec.replicas", message: 'conflict with "keda"', reason: "FieldManagerConflict" }];
    const refusal = { status: 409, reason: "Conflict", message: "Apply failed", details: { causes } };
    api.refusals.set(`PATCH ${services}/one`, refusal);
    await assert.rejects(update(object("Service")), /\.spec\.replicas: conflict with "keda"/);
  });

  it("says that an object is gone when it is read", async () => {
    await configure();
    assert.equal((await read(object("Service"))).id, "");
  });

  it("reads what was changed by hand into the inputs", async () => {
    await configure();
    api.objects.set("/api/v1/namespaces/game/configmaps/one", object("ConfigMap", { data: { a: "by hand", b: "2" } }));
    const { inputs } = await read(object("ConfigMap", { data: { a: "1" } }));
    assert.deepEqual(inputs, object("ConfigMap", { data: { a: "by hand" } }));
  });

  it("keeps a Secret's content secret, whatever the program marked", async () => {
    await configure();
    const { outputs } = await create(object("Secret", { stringData: { a: "b" } }));
    assert.equal(isSecret(outputs.data), true);
    const { outputs: again, inputs } = await read(object("Secret", { stringData: { a: secret("b") } }));
    assert.equal(isSecret(again.data), true);
    assert.equal(isSecret(inputs.stringData), true);
  });

  it("deletes dependents first, and takes an object that is gone for deleted", async () => {
    await configure();
    const request = new proto.DeleteRequest();
    request.setId("game/one");
    request.setUrn(urn("core/v1:Service"));
    request.setOldInputs(toStruct(object("Service")));
    api.objects.set(`${services}/one`, object("Service"));
    for (let times = 0; times < 2; times += 1) await call((done) => client.delete(request, done));
    assert.equal(api.requests("DELETE")[0]?.body.propagationPolicy, "Foreground");
    assert.equal(api.objects.size, 0);
  });

  it("hands a failed job to the engine as existing but not right", async () => {
    await configure();
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "one", namespace: "game" }, spec: {} };
    const failed = {
      ...job,
      status: { conditions: [{ type: "Failed", status: "True", message: "too many retries" }] },
    };
    api.objects.set("/apis/batch/v1/namespaces/game/jobs/one", failed);
    await configure({ upsertExistingObjects: "true" });
    const error = await create(job).then(
      () => undefined,
      (refusal: grpc.ServiceError) => refusal,
    );
    assert.match(error?.details ?? "", /Job game\/one: too many retries/);
    const [packed] = error?.metadata.get("grpc-status-details-bin") ?? [];
    const [detail] = statuses.Status.deserializeBinary(packed as Buffer).getDetailsList();
    const failure = proto.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() ?? new Uint8Array());
    assert.equal(failure.getId(), "game/one");
    assert.deepEqual(fromStruct(failure.getProperties()).kind, "Job");
  });

  it("reports a difference with its path, and a replacement of a fixed name as delete first", async () => {
    await configure();
    const request = new proto.DiffRequest();
    request.setUrn(urn("core/v1:ConfigMap"));
    request.setOldInputs(toStruct(object("ConfigMap", { data: { a: "1" } })));
    request.setNews(toStruct(object("ConfigMap", { data: { a: "2" } })));
    const diff = () => call<InstanceType<typeof proto.DiffResponse>>((done) => client.diff(request, done));
    const replacing = await diff();
    assert.deepEqual(replacing.getReplacesList(), ["data.a"]);
    assert.equal(replacing.getDeletebeforereplace(), true);
    assert.equal(replacing.getDetaileddiffMap().get("data.a")?.getKind(), proto.PropertyDiff.Kind.UPDATE_REPLACE);
    await configure({ enableConfigMapMutable: "true" });
    const updating = await diff();
    assert.deepEqual(updating.getReplacesList(), []);
    assert.equal(updating.getChanges(), proto.DiffResponse.DiffChanges.DIFF_SOME);
    request.setIgnorechangesList(["data"]);
    assert.equal((await diff()).getChanges(), proto.DiffResponse.DiffChanges.DIFF_NONE);
  });
});
