import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
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
    ["certificates of three brokers", "secrets", [brokers({ replicas: 3 })], "3"],
  ];

  for (const [what, resource, objects, want] of cases) {
    it(`of ${resource}: ${what}`, () => {
      assert.equal(needText(objects, resource), want);
    });
  }
});
