/** Exporters as they run: what they may ask, how often there are any, and what of a node they see. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { exceptionsAnnotation, runsOnceAnnotation } from "../../components/kube/labels.ts";
import { blackboxSettings, watchedKinds } from "../../components/monitoring/exporters.ts";
import { all, everything, find, first, regionNames } from "../support/objects.ts";
import { templateOf } from "../support/pods.ts";
import { runOf } from "../support/runs.ts";

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

const exceptionsOf = ({ annotations }: { annotations: Readonly<Record<string, string>> }) =>
  (JSON.parse(annotations[exceptionsAnnotation] ?? "[]") as { allow: string }[]).map((one) => one.allow);

describe("kube-state-metrics", () => {
  it("watches what alerts and dashboards speak of, and never a Secret or a setting", async () => {
    const run = await runOf("prod");
    const kinds = Object.values(watchedKinds).flat();
    for (const kind of kinds) assert.doesNotMatch(kind, /secret|configmap|token|certificate/);
    for (const region of regionNames(run)) {
      const role = first(
        everything(run).filter((one) => one.region === region && one.name === "monitoring-kube-state-metrics"),
      );
      assert.equal(role.kind, "ClusterRole");
      const rules = role.resource.inputs["rules"] as Rule[];
      assert.deepEqual(
        rules.map(({ apiGroups, resources, verbs }) => [apiGroups, resources, verbs]),
        Object.entries(watchedKinds).map(([group, resources]) => [[group], resources, ["list", "watch"]]),
      );
      // Asked for more than it may see, it would say so in its log without end.
      const [container] = templateOf(run, "kube-state-metrics", region).spec.containers;
      const asked = container?.args.find((one) => one.startsWith("--resources="))?.split("=")[1];
      assert.deepEqual(asked?.split(","), kinds.toSorted());
    }
  });

  it("runs once, says why, and is stopped before its successor starts: two would count everything twice", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const { metadata, spec } = find(run, "Deployment", "kube-state-metrics", region);
      assert.deepEqual([spec.replicas, spec.strategy.type], [1, "Recreate"]);
      assert.match(metadata.annotations[runsOnceAnnotation] ?? "", /\w+ \w+ \w+/);
      const template = templateOf(run, "kube-state-metrics", region);
      assert.equal(template.spec.automountServiceAccountToken, true);
      assert.deepEqual(exceptionsOf(template), ["service-account-token"]);
    }
  });
});

describe("the blackbox exporter", () => {
  it("runs twice, without a token, and asks by TLS alone", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      assert.equal(find(run, "Deployment", "blackbox-exporter", region).spec.replicas, 2);
      const template = templateOf(run, "blackbox-exporter", region);
      assert.deepEqual([template.spec.automountServiceAccountToken, exceptionsOf(template)], [false, []]);
      const [container] = template.spec.containers;
      const file = container?.args.find((one) => one.startsWith("--config.file="))?.split("=")[1] ?? "";
      const mount = container?.volumeMounts.find((one) => file.startsWith(`${one.mountPath}/`));
      const volume = template.spec.volumes.find((one) => one.name === mount?.name);
      const settings = find(run, "ConfigMap", volume?.configMap.name ?? "", region).data;
      assert.deepEqual(parse(settings[file.split("/").at(-1) ?? ""] ?? ""), blackboxSettings);
    }
    const { http } = blackboxSettings.modules.https_answers;
    assert.equal(http.fail_if_not_ssl, true);
    // A gateway answers 502, 503 or 504 for a service that is gone.
    assert.ok(http.valid_status_codes.every((code) => code < 500));
  });
});

describe("node-exporter", () => {
  it("sees the node's network, processes and files, reads them only, and says why", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const template = templateOf(run, "node-exporter", region);
      const { spec } = template;
      assert.deepEqual([spec.hostNetwork, spec.hostPID, spec.automountServiceAccountToken], [true, true, false]);
      assert.deepEqual(exceptionsOf(template).sort(), ["host-namespaces", "host-path"]);
      const volumes = spec.volumes.filter((one) => one.hostPath !== undefined);
      assert.deepEqual(
        volumes.map((one) => one.hostPath.path),
        ["/"],
      );
      const [container, ...others] = spec.containers;
      assert.deepEqual(others, []);
      const mount = container?.volumeMounts.find((one) => one.name === volumes[0]?.name);
      assert.equal(mount?.readOnly, true);
      for (const path of ["rootfs=", "procfs=", "sysfs="])
        assert.ok(
          container?.args.some((one) => one.startsWith(`--path.${path}${mount?.mountPath}`)),
          path,
        );
      // It is no root, so that what belongs to root alone stays closed to it.
      assert.deepEqual([spec.securityContext.runAsNonRoot, spec.securityContext.runAsUser], [true, 1000]);
    }
  });

  it("runs on every node, whatever its taints: a node that nobody asks is one that nobody misses", async () => {
    const run = await runOf("prod");
    const sets = all(run, "DaemonSet");
    assert.equal(sets.length, 2 * regionNames(run).length);
    for (const { object, name } of sets) {
      const { spec } = object.spec.template;
      assert.deepEqual(spec.tolerations, [{ operator: "Exists" }], name);
      assert.deepEqual([spec.nodeSelector, spec.affinity], [undefined, undefined], name);
    }
  });
});
