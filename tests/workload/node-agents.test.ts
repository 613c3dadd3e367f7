import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { exceptionsAnnotation } from "../../components/kube/labels.ts";
import { podTemplate } from "../../components/workload/pod.ts";
import { all, find, regionNames } from "../support/objects.ts";
import { serverSize } from "../support/plans.ts";
import { containersOf, objectAt, templateOf, templates } from "../support/pods.ts";
import { runOf } from "../support/runs.ts";
import { planOf } from "../support/stacks.ts";

/** What each agent of a node is excused from, and nothing else. */
const excuses: Readonly<Record<string, readonly string[]>> = {
  "node-exporter": ["host-namespaces", "host-path"],
  "otel-agent": ["host-path", "run-as-root"],
};

const agents = async (stack: "dev" | "prod") => {
  const found = templates(await runOf(stack)).filter((one) => one.kind === "DaemonSet");
  assert.ok(found.length > 0);
  return found;
};

describe("agents of nodes", () => {
  for (const stack of ["dev", "prod"] as const) {
    it(`of ${stack} stand in a namespace of their own, which alone may be less than restricted`, async () => {
      const run = await runOf(stack);
      for (const region of regionNames(run)) {
        const inside = templates(run, region).filter((one) => one.namespace === "monitoring-agents");
        assert.deepEqual(inside.map((one) => `${one.kind} ${one.name}`).sort(), [
          "DaemonSet node-exporter",
          "DaemonSet otel-agent",
        ]);
        assert.equal(all(run, "DaemonSet", region).length, inside.length);
        const profiles = all(run, "Namespace", region).map(({ name, object }) => [
          name,
          object.metadata.labels["pod-security.kubernetes.io/enforce"],
        ]);
        for (const [name, profile] of profiles)
          assert.equal(profile, name === "monitoring-agents" ? "privileged" : "restricted", name);
      }
    });

    it(`of ${stack} are excused from what they say and why, until a day, and from nothing else`, async () => {
      for (const template of await agents(stack)) {
        const { name, annotations, spec } = template;
        const exceptions: { allow: string; because: string; until: string }[] = JSON.parse(
          annotations[exceptionsAnnotation] ?? "[]",
        );
        assert.deepEqual(exceptions.map((one) => one.allow).sort(), excuses[name], name);
        for (const { because, until } of exceptions) {
          assert.match(because, /\w+ \w+ \w+/);
          assert.match(until, /^\d{4}-\d{2}-\d{2}$/);
        }
        const allowed = (what: string) => excuses[name]?.includes(what) ?? false;
        const { securityContext } = spec;
        assert.equal(securityContext.runAsNonRoot, !allowed("run-as-root"), name);
        assert.equal(securityContext.runAsUser === 0, allowed("run-as-root"), name);
        assert.deepEqual(securityContext.seccompProfile, { type: "RuntimeDefault" }, name);
        assert.equal(spec.hostNetwork ?? false, allowed("host-namespaces"), name);
        assert.equal(spec.hostPID ?? false, allowed("host-namespaces"), name);
        assert.equal(spec.hostIPC, undefined, name);
        assert.equal(spec.automountServiceAccountToken, false, name);
        for (const container of containersOf(template)) {
          assert.deepEqual(
            container.securityContext,
            { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, readOnlyRootFilesystem: true },
            `${name} ${container.name}`,
          );
          for (const { name: volume, hostPath } of spec.volumes.filter((one) => one.hostPath !== undefined)) {
            const mount = container.volumeMounts.find((one) => one.name === volume);
            // How far it has read outlives the pod, and is all that it writes on a node.
            const own = hostPath.path === "/var/lib/realmgrid-otel-agent";
            assert.equal(mount?.readOnly ?? false, !own, `${name} ${hostPath.path}`);
          }
        }
      }
    });
  }

  it("are on every node, so they neither spread nor move: no constraint, no budget, and every taint is tolerated", async () => {
    const run = await runOf("prod");
    for (const { spec, name, region } of await agents("prod")) {
      assert.deepEqual(
        [spec.topologySpreadConstraints, spec.affinity, spec.nodeSelector],
        Array(3).fill(undefined),
        name,
      );
      assert.deepEqual(spec.tolerations, [{ operator: "Exists" }], name);
      const budgets = all(run, "PodDisruptionBudget", region).filter((one) => one.namespace === "monitoring-agents");
      assert.deepEqual(budgets, [], name);
    }
  });

  it("are updated on a tenth of the nodes at a time", async () => {
    for (const template of await agents("prod")) {
      const { updateStrategy } = objectAt(await runOf("prod"), "DaemonSet", template.name, template).spec;
      assert.deepEqual(updateStrategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } });
    }
  });

  it("are as many as the pools of the region may have nodes", async () => {
    const run = await runOf("prod");
    for (const { name, pools } of planOf("prod").regions) {
      const nodes = pools.reduce((whole, one) => whole + one.maxNodes, 0);
      for (const agent of Object.keys(excuses)) {
        const { annotations } = find(run, "DaemonSet", agent, name).metadata;
        assert.equal(annotations["realmgrid.io/maximum-nodes"], String(nodes), `${name} ${agent}`);
        assert.equal(templateOf(run, agent, name).replicas, nodes);
      }
    }
  });

  it("are refused a folder of the node without an exception that says why", () => {
    const pod = {
      labels: { app: "agent" },
      account: "agent",
      containers: [{ name: "agent", image: "agent:v1", size: serverSize }],
      graceSeconds: 30,
      tolerationSeconds: 30,
      priorityClass: "monitoring",
      pool: "every-node" as const,
      volumes: [{ name: "logs", hostPath: { path: "/var/log/pods" } }],
    };
    const reason = { because: "it reads the logs of its node", until: "2027-01-31" };
    assert.throws(() => podTemplate(pod), /volume of the node needs the exception "host-path"/);
    const exceptions = [{ allow: "host-path" as const, ...reason }];
    assert.equal(podTemplate({ ...pod, exceptions }).metadata !== undefined, true);
  });
});
