import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { describe as describeObject } from "../../../policy-pack/kube/objects.ts";
import { operatedBy } from "../../../policy-pack/kube/operated.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { objectsOf } from "../support/findings.ts";
import { needText, objectIn } from "../support/quota-stacks.ts";

function sized(name: string, cpu = "100m"): Manifest {
  return { name, resources: { requests: { cpu } } };
}

function brokers(spec: Manifest): Manifest {
  return objectIn(
    "KafkaNodePool",
    { spec: { storage: { type: "ephemeral" }, ...spec } },
    "kafka.strimzi.io/v1",
    "brokers",
  );
}

function mysql(spec: Manifest = {}): Manifest {
  const servers = {
    initContainers: [sized("initconf"), sized("initmysql")],
    containers: [sized("sidecar"), sized("mysql", "1")],
  };
  return objectIn(
    "InnoDBCluster",
    {
      spec: {
        instances: 3,
        datadirPermissions: { setRightsUsingInitContainer: false },
        datadirVolumeClaimTemplate: { resources: { requests: { storage: "10Gi" } } },
        podSpec: servers,
        router: { instances: 2, podSpec: { containers: [sized("router", "250m")] } },
        ...spec,
      },
    },
    "mysql.oracle.com/v2",
    "db",
  );
}

const postgres = objectIn(
  "Cluster",
  { spec: { instances: 2, resources: { requests: { cpu: "1" } }, storage: { size: "5Gi" } } },
  "postgresql.cnpg.io/v1",
);

const reloader = sized("config-reloader", "50m");

function whole(cpu: string, memory: string): Manifest {
  return { requests: { cpu, memory }, limits: { cpu, memory } };
}

const laidOver = {
  containers: [{ name: "config-reloader", resources: whole("50m", "128Mi") }],
  initContainers: [{ name: "init-config-reloader", resources: whole("50m", "128Mi") }],
};

const starting = (cpu: string) => ({
  initContainers: [{ name: "init-config-reloader", resources: whole(cpu, "128Mi") }],
});

function monitoring(kind: "Prometheus" | "Alertmanager", spec: Manifest = {}): Manifest {
  const own = { resources: whole("1", "2Gi"), ...laidOver, ...spec };
  return objectIn(kind, { spec: own }, "monitoring.coreos.com/v1", "main");
}

const prometheus = (spec: Manifest = {}) => monitoring("Prometheus", spec);
const alertmanager = (spec: Manifest = {}) => monitoring("Alertmanager", spec);
const storage = { volumeClaimTemplate: { spec: { resources: { requests: { storage: "10Gi" } } } } };

describe("what operators make", () => {
  const cases: readonly [what: string, resource: string, objects: readonly Manifest[], want: string][] = [
    ["servers, and routers with all that a rollout adds", "pods", [mysql()], "7"],
    ["servers of 1100m and routers of 250m", "requests.cpu", [mysql()], "4300m"],
    ["a claim of each server", "requests.storage", [mysql()], "30Gi"],
    [
      "a claim of each server, of which nobody says how large",
      "requests.storage",
      [mysql({ datadirVolumeClaimTemplate: null })],
      "0",
    ],
    ["two Services", "services", [mysql()], "2"],
    ["three accounts", "secrets", [mysql()], "3"],
    ["settings, beside the root certificates", "configmaps", [mysql()], "3"],
    [
      "an exporter of which nobody says how large it is",
      "requests.cpu",
      [mysql({ metrics: { enable: true } })],
      "4300m?",
    ],
    [
      "an init container of which nobody says how large it is",
      "requests.cpu",
      [mysql({ datadirPermissions: null })],
      "4300m?",
    ],
    ["servers of which nobody says anything", "requests.cpu", [mysql({ podSpec: null })], "1?"],
    ["an unknown number of servers", "pods", [mysql({ instances: unknown })], "4?"],
    ["no routers", "pods", [mysql({ router: null })], "3"],
    ["servers of PostgreSQL", "requests.cpu", [postgres], "2"],
    ["claims of PostgreSQL", "requests.storage", [postgres], "10Gi"],
    ["certificates of PostgreSQL", "secrets", [postgres], "3"],
    ["settings of as many brokers as are not known yet", "configmaps", [brokers({ replicas: unknown })], "1?"],
    ["one Prometheus with its reloader", "requests.cpu", [prometheus()], "1050m"],
    ["two Prometheuses", "requests.memory", [prometheus({ replicas: 2 })], "4352Mi"],
    ["two of each of three shards", "pods", [prometheus({ replicas: 2, shards: 3 })], "6"],
    ["no shard, which is one", "pods", [prometheus({ replicas: 2, shards: 0 })], "2"],
    ["shards that are not known yet", "pods", [prometheus({ replicas: 2, shards: unknown })], "0?"],
    ["replicas that are not known yet, of two shards", "pods", [prometheus({ replicas: unknown, shards: 2 })], "0?"],
    ["three Alertmanagers", "limits.memory", [alertmanager({ replicas: 3 })], "6528Mi"],
    ["an init container that needs most", "requests.cpu", [prometheus(starting("3"))], "3"],
    [
      "a server whose resources are laid over those of the resource",
      "requests.cpu",
      [prometheus({ containers: [sized("prometheus", "4"), ...laidOver.containers] })],
      "4050m",
    ],
    [
      "a limit of the resource, where a container says a request alone",
      "limits.cpu",
      [prometheus({ containers: [sized("prometheus", "500m"), ...laidOver.containers] })],
      "1050m",
    ],
    [
      "a container beside those of the operator",
      "requests.cpu",
      [alertmanager({ containers: [...laidOver.containers, sized("beside", "2")] })],
      "3050m",
    ],
    [
      "a Thanos sidecar",
      "requests.cpu",
      [prometheus({ thanos: { resources: { requests: { cpu: "500m" } } } })],
      "1550m",
    ],
    ["a Thanos sidecar of which nobody says how large", "requests.cpu", [prometheus({ thanos: {} })], "1050m?"],
    ["a Thanos sidecar that may be there", "requests.cpu", [prometheus({ thanos: unknown })], "1050m?"],
    ["a server of which nobody says how large", "requests.cpu", [prometheus({ resources: null })], "50m?"],
    ["a reloader of which nobody says how large", "requests.cpu", [prometheus({ containers: [] })], "1?"],
    [
      "a reloader that says a part, to which the operator adds",
      "requests.cpu",
      [prometheus({ containers: [reloader] })],
      "1050m?",
    ],
    [
      "an init reloader of which nobody says how large",
      "requests.cpu",
      [prometheus({ initContainers: null })],
      "1050m?",
    ],
    ["containers that are not known yet", "requests.cpu", [prometheus({ containers: unknown })], "50m?"],
    [
      "a container whose name is not known yet",
      "requests.cpu",
      [prometheus({ containers: [...laidOver.containers, { name: unknown }] })],
      "50m?",
    ],
    [
      "the memory that the operator requests where nobody does",
      "requests.memory",
      [alertmanager({ resources: {} })],
      "328Mi",
    ],
    ["a claim of each Prometheus", "requests.storage", [prometheus({ replicas: 2, storage })], "20Gi"],
    ["claims of Alertmanagers", "persistentvolumeclaims", [alertmanager({ replicas: 3, storage })], "3"],
    ["no claims without storage", "persistentvolumeclaims", [prometheus()], "0"],
    [
      "no claims for an emptyDir",
      "persistentvolumeclaims",
      [prometheus({ storage: { ...storage, emptyDir: {} } })],
      "0",
    ],
    [
      "a claim that ends with its pod",
      "requests.storage",
      [prometheus({ replicas: 2, storage: { ephemeral: storage } })],
      "20Gi",
    ],
    ["storage that is not known yet", "persistentvolumeclaims", [prometheus({ storage: unknown })], "0?"],
    [
      "whether storage ends with its pod is not known yet",
      "requests.storage",
      [prometheus({ storage: { ...storage, ephemeral: unknown } })],
      "0?",
    ],
    ["the governing Services", "services", [prometheus(), alertmanager()], "2"],
    ["a governing Service that somebody else makes", "services", [prometheus({ serviceName: "own" })], "0"],
    ["a governing Service that may be somebody else's", "services", [prometheus({ serviceName: unknown })], "0?"],
    ["rules, beside the root certificates", "configmaps", [prometheus(), alertmanager()], "2"],
    ["settings of a Prometheus", "secrets", [prometheus({ replicas: 2 })], "4"],
    ["settings of an Alertmanager", "secrets", [alertmanager()], "4"],
    ["certificates of three brokers", "secrets", [brokers({ replicas: 3 })], "3"],
  ];

  for (const [what, resource, objects, want] of cases) {
    it(`of ${resource}: ${what}`, () => {
      assert.equal(needText(objects, resource), want);
    });
  }
});

describe("pods of the Prometheus operator", () => {
  const madeOf = (manifest: Manifest) => {
    const [found] = objectsOf([manifest]).flatMap(operatedBy);
    if (found === undefined) throw new Error("nothing is made");
    return found;
  };
  const labelsOf = (manifest: Manifest): Record<string, unknown> => {
    const labels = madeOf(manifest).root.at("spec", "template", "metadata", "labels");
    return Object.fromEntries(labels.entries().map(([key, field]) => [key, field.value]));
  };
  const podOf = (manifest: Manifest) => madeOf(manifest).root.at("spec", "template", "spec");

  it("are a set that is named after its kind", () => {
    const names = [prometheus(), alertmanager()].map((one) => describeObject(madeOf(one)));
    assert.deepEqual(names, [
      "StatefulSet sample/prometheus-main (made of the Prometheus)",
      "StatefulSet sample/alertmanager-main (made of the Alertmanager)",
    ]);
  });

  it("carry the labels of the resource, except where the operator writes its own", () => {
    const podMetadata = { labels: { app: "prometheus", "app.kubernetes.io/managed-by": "somebody", more: "a" } };
    assert.deepEqual(labelsOf(prometheus({ podMetadata, version: "v3.8.0" })), {
      app: "prometheus",
      more: "a",
      "app.kubernetes.io/name": "prometheus",
      "app.kubernetes.io/instance": "main",
      "app.kubernetes.io/managed-by": "prometheus-operator",
      "app.kubernetes.io/version": "3.8.0",
      "operator.prometheus.io/name": "main",
      "operator.prometheus.io/shard": "0",
      prometheus: "main",
    });
    assert.deepEqual(labelsOf(alertmanager({ podMetadata: { labels: { "app.kubernetes.io/version": "own" } } })), {
      "app.kubernetes.io/name": "alertmanager",
      "app.kubernetes.io/instance": "main",
      "app.kubernetes.io/managed-by": "prometheus-operator",
      "app.kubernetes.io/version": "own",
      alertmanager: "main",
    });
  });

  it("have the number of their shard, which several do not share", () => {
    assert.equal(labelsOf(prometheus({ shards: 2 }))["operator.prometheus.io/shard"], unknown);
  });

  it("have the time to stop that the operator gives, or that the resource says", () => {
    const graces = [prometheus(), alertmanager(), prometheus({ terminationGracePeriodSeconds: 30 })].map(
      (one) => podOf(one).at("terminationGracePeriodSeconds").value,
    );
    assert.deepEqual(graces, [600, 120, 30]);
  });

  it("have what the resource says of pods, and what it lists as volumes", () => {
    const pod = podOf(
      prometheus({ serviceAccountName: "prometheus", hostNetwork: true, secrets: ["ca"], configMaps: ["b"] }),
    );
    assert.deepEqual(
      [pod.at("serviceAccountName").value, pod.at("hostNetwork").value, pod.at("resources").value],
      ["prometheus", true, undefined],
    );
    assert.deepEqual(JSON.parse(JSON.stringify(pod.at("volumes").value)), [
      { name: "secret-ca", secret: { secretName: "ca" } },
      { name: "configmap-b", configMap: { name: "b" } },
    ]);
  });
});
