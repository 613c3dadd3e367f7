import assert from "node:assert/strict";
import { compare } from "../../lab/provider/diff.ts";
import { type MutableModes, replacingChanges, replacingFields, takesSameName } from "../../lab/provider/replacement.ts";
import { type JsonObject, unknownMarker } from "../../lab/provider/values.ts";

const fixed: MutableModes = { configMaps: false, secrets: false };
const mutable: MutableModes = { configMaps: true, secrets: true };

function replaced(before: JsonObject, after: JsonObject, modes = fixed): string[] {
  const changes = compare(before, after);
  return replacingChanges(before, after, changes, replacingFields(after, modes)).map(({ path }) => path.join("."));
}

function object(apiVersion: string, kind: string, rest: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name: "one", namespace: "game" }, ...rest };
}

interface Row {
  kind: [apiVersion: string, kind: string];
  before: JsonObject;
  replaces: JsonObject[];
  updates: JsonObject[];
  modes?: MutableModes;
}

const selector = (app: string) => ({ matchLabels: { app } });
const claims = (storage: string) => [{ metadata: { name: "data" }, spec: { resources: { requests: { storage } } } }];

const rows: Row[] = [
  {
    kind: ["apps/v1", "StatefulSet"],
    before: {
      spec: {
        podManagementPolicy: "Parallel",
        revisionHistoryLimit: 3,
        selector: selector("world"),
        serviceName: "world",
        volumeClaimTemplates: claims("1Gi"),
        replicas: 3,
        template: { spec: { containers: [{ name: "world", image: "world:1" }] } },
      },
    },
    replaces: [
      { podManagementPolicy: "OrderedReady" },
      { revisionHistoryLimit: 4 },
      { selector: selector("other") },
      { serviceName: "other" },
      { volumeClaimTemplates: claims("2Gi") },
    ].map((spec) => ({ spec })),
    updates: [
      { replicas: 4 },
      { template: { spec: { containers: [{ name: "world", image: "world:2" }] } } },
      { template: unknownMarker },
      { updateStrategy: { type: "OnDelete" } },
    ].map((spec) => ({ spec })),
  },
  ...["Deployment", "DaemonSet"].map(
    (kind): Row => ({
      kind: ["apps/v1", kind],
      before: { spec: { selector: selector("a"), template: { metadata: { labels: { app: "a" } } } } },
      replaces: [{ spec: { selector: selector("b") } }],
      updates: [{ spec: { template: { metadata: { labels: { app: "a", version: "2" } } } } }],
    }),
  ),
  {
    kind: ["batch/v1", "Job"],
    before: { spec: { completions: 1, parallelism: 1, selector: selector("a"), template: { spec: {} } } },
    replaces: [
      { completions: 2 },
      { parallelism: 2 },
      { selector: selector("b") },
      { template: { spec: { restartPolicy: "Never" } } },
    ].map((spec) => ({ spec })),
    updates: [{ spec: { ttlSecondsAfterFinished: 5 } }],
  },
  {
    kind: ["v1", "PersistentVolumeClaim"],
    before: {
      spec: {
        accessModes: ["ReadWriteOnce"],
        selector: selector("a"),
        storageClassName: "fast",
        volumeName: "v",
        resources: { requests: { storage: "1Gi" } },
      },
    },
    replaces: [
      { accessModes: ["ReadWriteMany"] },
      { selector: selector("b") },
      { storageClassName: "slow" },
      { volumeName: "w" },
    ].map((spec) => ({ spec })),
    updates: [{ spec: { resources: { requests: { storage: "2Gi" } } } }],
  },
  {
    kind: ["v1", "ConfigMap"],
    before: { data: { a: "1" }, binaryData: { b: "AA==" } },
    replaces: [{ data: { a: "2" } }, { binaryData: { b: "AQ==" } }, { data: { a: "1", c: "3" } }],
    updates: [{ metadata: { name: "one", namespace: "game", labels: { a: "b" } } }],
  },
  {
    kind: ["v1", "ConfigMap"],
    modes: mutable,
    before: { data: { a: "1" } },
    replaces: [],
    updates: [{ data: { a: "2" } }, { binaryData: { b: "AQ==" } }, { data: unknownMarker }],
  },
  {
    kind: ["v1", "ConfigMap"],
    modes: mutable,
    before: { immutable: true, data: { a: "1" } },
    replaces: [{ data: { a: "2" } }],
    updates: [],
  },
  {
    kind: ["v1", "Secret"],
    before: { type: "Opaque", data: { a: "MQ==" }, stringData: { b: "2" } },
    replaces: [{ type: "kubernetes.io/tls" }, { data: { a: "Mg==" } }, { stringData: { b: "3" } }],
    updates: [{ metadata: { name: "one", namespace: "game", annotations: { a: "b" } } }],
  },
  {
    kind: ["v1", "Secret"],
    modes: mutable,
    before: { type: "Opaque", data: { a: "MQ==" }, stringData: { b: "2" } },
    replaces: [{ type: "kubernetes.io/tls" }],
    updates: [{ data: { a: "Mg==" } }, { stringData: { b: unknownMarker } }],
  },
  {
    kind: ["v1", "Service"],
    before: { spec: { clusterIP: "None", ports: [{ port: 80 }] } },
    replaces: [{ spec: { clusterIP: "10.0.0.1" } }],
    updates: [{ spec: { ports: [{ port: 81 }] } }],
  },
  {
    kind: ["storage.k8s.io/v1", "StorageClass"],
    before: { provisioner: "a", parameters: { type: "fast" }, allowVolumeExpansion: false },
    replaces: [{ provisioner: "b" }, { parameters: { type: "slow" } }],
    updates: [{ allowVolumeExpansion: true }],
  },
  ...["RoleBinding", "ClusterRoleBinding"].map(
    (kind): Row => ({
      kind: ["rbac.authorization.k8s.io/v1", kind],
      before: { roleRef: { name: "reader" }, subjects: [{ name: "a" }] },
      replaces: [{ roleRef: { name: "writer" } }],
      updates: [{ subjects: [{ name: "b" }] }],
    }),
  ),
  {
    kind: ["v1", "ResourceQuota"],
    before: { spec: { scopes: ["BestEffort"], hard: { pods: "1" } } },
    replaces: [{ spec: { scopes: ["NotBestEffort"] } }],
    updates: [{ spec: { hard: { pods: "2" } } }],
  },
  {
    kind: ["v1", "Pod"],
    before: { spec: { nodeName: "a", containers: [{ name: "a", image: "a:1", env: [{ name: "A", value: "1" }] }] } },
    replaces: [
      { nodeName: "b" },
      { containers: [{ name: "a", image: "a:2" }] },
      { containers: [{ name: "a", image: "a:1", env: [{ name: "A", value: "2" }] }] },
      { containers: unknownMarker },
    ].map((spec) => ({ spec })),
    updates: [
      { spec: { activeDeadlineSeconds: 5 } },
      { metadata: { name: "one", namespace: "game", labels: { a: "b" } } },
    ],
  },
  {
    kind: ["keda.sh/v1alpha1", "ScaledObject"],
    before: { spec: { selector: { a: "b" }, maxReplicaCount: 3 } },
    replaces: [],
    updates: [{ spec: { selector: { a: "c" } } }, { spec: unknownMarker }],
  },
];

// A row's change of one part leaves the other parts of that object as they are.
function merged(before: JsonObject, change: JsonObject): JsonObject {
  const result: JsonObject = { ...before };
  for (const [key, value] of Object.entries(change)) {
    const was = before[key];
    const isMerged = key === "spec" && typeof was === "object" && typeof value === "object";
    result[key] = isMerged ? { ...(was as JsonObject), ...(value as JsonObject) } : value;
  }
  return result;
}

describe("replacement rules", () => {
  for (const { kind, before, replaces, updates, modes = fixed } of rows) {
    const name = `${kind[1]}${modes === mutable ? " in mutable mode" : ""}${before.immutable ? ", immutable" : ""}`;
    const old = object(...kind, before);
    for (const change of replaces) {
      it(`replaces a ${name} on ${JSON.stringify(change)}`, () => {
        assert.notDeepEqual(replaced(old, merged(old, change), modes), []);
      });
    }
    for (const change of updates) {
      it(`updates a ${name} on ${JSON.stringify(change)}`, () => {
        const after = merged(old, change);
        assert.notDeepEqual(compare(old, after), []);
        assert.deepEqual(replaced(old, after, modes), []);
      });
    }
  }

  it("replaces any object whose name or namespace changes", () => {
    const before = object("v1", "Endpoints", {});
    for (const metadata of [
      { name: "two", namespace: "game" },
      { name: "one", namespace: "ads" },
    ]) {
      assert.notDeepEqual(replaced(before, { ...before, metadata }), []);
    }
  });

  it("replaces a StatefulSet whose whole spec is unknown, since its selector may be another one", () => {
    const before = object("apps/v1", "StatefulSet", { spec: { selector: selector("world"), replicas: 1 } });
    assert.deepEqual(replaced(before, { ...before, spec: unknownMarker }), ["spec"]);
  });

  it("replaces a StatefulSet with an unknown inside a replacing field", () => {
    const before = object("apps/v1", "StatefulSet", { spec: { selector: selector("world") } });
    const after = object("apps/v1", "StatefulSet", { spec: { selector: { matchLabels: { app: unknownMarker } } } });
    assert.deepEqual(replaced(before, after), ["spec.selector.matchLabels.app"]);
  });

  it("replaces a claim whose spec goes away", () => {
    const before = object("v1", "PersistentVolumeClaim", { spec: { storageClassName: "fast" } });
    assert.deepEqual(replaced(before, object("v1", "PersistentVolumeClaim", {})), ["spec"]);
  });

  it("deletes first when the new object takes the same name", () => {
    const one = object("v1", "Service", {});
    assert.equal(takesSameName(one, one), true);
    assert.equal(takesSameName(one, { ...one, metadata: { name: "two", namespace: "game" } }), false);
    assert.equal(takesSameName(one, { ...one, metadata: { name: "one", namespace: "ads" } }), false);
    assert.equal(takesSameName(one, { ...one, metadata: { name: unknownMarker, namespace: "game" } }), false);
  });
});
