import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { before, describe, it } from "mocha";
import { podSize, type WorkloadPlan } from "../../components/capacity/workload-plan.ts";
import { exceptionsAnnotation } from "../../components/kube/labels.ts";
import type { SecurityException } from "../../components/kube/security.ts";
import { TelemetryAgent } from "../../components/monitoring/agent/agent.ts";
import { agentStateFolder, podLogsFolder } from "../../components/monitoring/agent/agent-config.ts";
import { agentNode, agentSize } from "../../components/monitoring/agent/agent-plan.ts";
import { NodeAgent } from "../../components/workload/node-agent.ts";
import { type OfflineRun, secretMark } from "../../tools/offline/host.ts";
import { runAlone } from "../support/backup/component.ts";
import { all } from "../support/objects.ts";
import { agentArgs, foreignLogs, monitoring } from "./support/telemetry-args.ts";

const daemonSet: WorkloadPlan = {
  name: "otel-agent",
  kind: "DaemonSet",
  pool: "services",
  minReplicas: 9,
  maxReplicas: 9,
  surgePods: 0,
  graceSeconds: 30,
  minReadySeconds: 0,
  bootSeconds: 5,
  tolerationSeconds: 30,
  pod: podSize([agentSize]),
  objects: { services: 1, configMaps: 1, secrets: 1 },
};

type DaemonSet = types.output.apps.v1.DaemonSet;

function templateOf(run: OfflineRun): DaemonSet["spec"]["template"] {
  const set = run.resources.find(({ type }) => type.endsWith(":DaemonSet")) ?? assert.fail();
  return (set.inputs as unknown as DaemonSet).spec.template;
}

describe("the agent in a cluster", () => {
  let run: OfflineRun;
  let foreignRun: OfflineRun;
  const runWith = (args: typeof foreignLogs) =>
    runAlone((options) => {
      new TelemetryAgent("us-west-agent", { ...args, plan: daemonSet }, options);
    });
  before(async () => {
    run = await runWith(agentArgs());
    foreignRun = await runWith(foreignLogs);
  });

  it("runs on every node, whatever its taints, and reads the logs of the node without a way to change them", () => {
    const { spec } = templateOf(run);
    assert.deepEqual(spec.tolerations, [{ operator: "Exists" }]);
    assert.equal(spec.affinity, undefined);
    assert.deepEqual(
      spec.volumes.filter((volume) => volume.hostPath).map(({ name, hostPath }) => [name, hostPath.path]),
      [
        ["pod-logs", podLogsFolder],
        ["state", "/var/lib/realmgrid-otel-agent"],
      ],
    );
    const mounts = spec.containers[0]?.volumeMounts ?? [];
    assert.equal(mounts.find(({ name }) => name === "pod-logs")?.readOnly, true);
    assert.equal(mounts.find(({ name }) => name === "state")?.mountPath, agentStateFolder);
  });

  it("is root without a single right of root's, and says why and until when", () => {
    const { spec, metadata } = templateOf(run);
    assert.equal(spec.securityContext.runAsUser, 0);
    assert.equal(spec.securityContext.runAsNonRoot, false);
    assert.ok(spec.securityContext.runAsGroup > 0);
    assert.deepEqual(spec.containers[0]?.securityContext, {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
    const exceptions = JSON.parse(metadata.annotations[exceptionsAnnotation] ?? "[]") as { allow: string }[];
    assert.deepEqual(
      exceptions.map(({ allow }) => allow),
      ["run-as-root", "host-path"],
    );
    assert.deepEqual([spec.hostNetwork, spec.automountServiceAccountToken], [undefined, false]);
  });

  it("is reached by the pods of its own node only", () => {
    const service = all(run, "Service")[0]?.object ?? assert.fail();
    assert.equal(service.spec.internalTrafficPolicy, "Local");
    assert.deepEqual(
      service.spec.ports.map(({ port }) => port),
      [4317, 4318],
    );
  });

  it("has salt and header from Secrets and none of them in its settings", () => {
    const environment = (one: OfflineRun) =>
      templateOf(one).spec.containers[0]?.env.flatMap(({ name, valueFrom }) =>
        valueFrom?.secretKeyRef ? [`${name} ${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`] : [],
      );
    assert.deepEqual(environment(run), ["PLAYER_HASH_SALT otel-agent-salt/salt"]);
    assert.deepEqual(environment(foreignRun), [
      "PLAYER_HASH_SALT otel-agent-salt/salt",
      "LOGS_AUTHORIZATION logs-login/authorization",
    ]);
    // Recorded in place of a value that is secret.
    assert.deepEqual(all(run, "Secret")[0]?.object.data, secretMark);
  });

  it("calls the gateway and Loki, or the service that takes logs in place of Loki, and is called by workloads", () => {
    const node = (logs: typeof monitoring.logs) =>
      agentNode({ namespace: "monitoring-agents", callers: ["mmorpg-game"], logs, monitoringNamespace: "monitoring" });
    const there = (app: string, port: number) => ({
      to: "elsewhere",
      namespace: "monitoring",
      selector: { app },
      ports: [port],
    });
    assert.deepEqual(node(monitoring.logs).calls, [there("otel-gateway", 4317), there("loki", 3100)]);
    assert.deepEqual(node({ ...monitoring.logs, ...foreignLogs.logs }).calls, [
      there("otel-gateway", 4317),
      { to: "internet" },
    ]);
    assert.deepEqual(node(monitoring.logs).foreignCallers, [{ namespace: "mmorpg-game", ports: [4317, 4318] }]);
  });
});

describe("a pod on every node", () => {
  const until = "2027-12-31";
  const specWith = async (exceptions: SecurityException[], volumes: types.input.core.v1.Volume[] = []) => {
    const run = await runAlone((options) => {
      const containers = [{ name: "x", image: "x:1", size: agentSize }];
      const pod = { containers, volumes, exceptions, priorityClass: "x" };
      new NodeAgent("us-west-x", { plan: daemonSet, namespace: "x", labels: { app: "x" }, needs: [], pod }, options);
    });
    return templateOf(run).spec;
  };

  it("gets a folder of the node with an exception only", async () => {
    const volumes = [{ name: "logs", hostPath: { path: "/var/log" } }];
    await assert.rejects(
      specWith([], volumes),
      /pod of otel-agent: a volume of the node needs the exception "host-path" with a reason/,
    );
    const spec = await specWith([{ allow: "host-path", because: "it reads them", until }], volumes);
    assert.ok(spec.volumes.some(({ hostPath }) => hostPath?.path === "/var/log"));
  });

  it("is root, or in the namespaces of the node, by its exception and by nothing else", async () => {
    const plain = await specWith([]);
    assert.equal(plain.securityContext.runAsNonRoot, true);
    assert.deepEqual([plain.hostNetwork, plain.hostPID], [undefined, undefined]);
    const node = await specWith([{ allow: "host-namespaces", because: "it measures the node", until }]);
    assert.deepEqual([node.hostNetwork, node.hostPID, node.dnsPolicy], [true, true, "ClusterFirstWithHostNet"]);
    assert.equal(node.securityContext.runAsNonRoot, true);
  });
});
