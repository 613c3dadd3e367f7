/** Prometheus and Alertmanager of every region, as the objects that their operator reads. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { alertmanagerConfig } from "../../components/monitoring/alertmanager-config.ts";
import { ruleFile } from "../../components/monitoring/alerts/alert.ts";
import { rulesOf } from "../../components/monitoring/rules.ts";
import type { RegionPlan } from "../../components/plan.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { everything, first, regionNames } from "../support/objects.ts";
import { ofPrometheusOperator, operatedWorkloads } from "../support/operated.ts";
import { containersOf, objectAt } from "../support/pods.ts";
import { registrationsOf } from "../support/registrations.ts";
import { runOf, runWith } from "../support/runs.ts";
import { configOf, planOf, type StackName } from "../support/stacks.ts";
import { checkRules } from "./support/promtool.ts";
import { specsOf } from "./support/scraped.ts";

interface Reference {
  name: string;
  key: string;
}

interface PrometheusSpec {
  replicas: number;
  retention: string;
  retentionSize: string;
  externalLabels: Record<string, string>;
  evaluationInterval: string;
  enableAdminAPI: boolean;
  resources: { requests: Record<"cpu" | "memory", string>; limits: Record<"cpu" | "memory", string> };
  storage: { volumeClaimTemplate: { spec: { resources: { requests: { storage: string } } } } };
  alerting: { alertmanagers: { namespace: string; name: string; port: string }[] };
  remoteWrite?: { url: string; basicAuth?: { username: Reference; password: Reference } }[];
}

const prometheusOf = (run: OfflineRun, region: string) =>
  first(specsOf<PrometheusSpec>(run, "Prometheus", region)).spec;

const diskOf = ({ storage }: PrometheusSpec) => storage.volumeClaimTemplate.spec.resources.requests.storage;

function plannedRegion(stack: StackName, name: string): RegionPlan {
  return first(planOf(stack).regions.filter((one) => one.name === name));
}

const mebibytes = (text: string) => {
  const [, number = "", unit = ""] = /^(\d+)(Mi|Gi|MiB)$/.exec(text) ?? [];
  return Number(number) * (unit === "Gi" ? 1024 : 1);
};

const allRules = ({ monitoring }: RegionPlan) => rulesOf(monitoring.watched, monitoring.series.series);

describe("Prometheus", () => {
  it("keeps the days of the configuration on a volume computed from its series: the original kept nothing anywhere", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const spec = prometheusOf(run, region);
      const { series } = plannedRegion("prod", region).monitoring;
      assert.equal(spec.retention, `${configOf("prod").monitoring.prometheus.retentionDays}d`);
      assert.equal(mebibytes(diskOf(spec)), series.diskBytes / 2 ** 20, region);
      assert.equal(mebibytes(spec.resources.requests.memory), series.memoryBytes / 2 ** 20, region);
      // Above what the days need, so that they decide; below the volume, which a full log would stop.
      const share = mebibytes(spec.retentionSize) / mebibytes(diskOf(spec));
      assert.ok(share > 0.8 && share < 0.9, `${region}: ${share}`);
      assert.equal(spec.enableAdminAPI, false);
    }
    // The largest region has the most series.
    const disks = ["us-east", "us-west", "eu-west"].map((region) => mebibytes(diskOf(prometheusOf(run, region))));
    assert.deepEqual(
      disks,
      disks.toSorted((one, other) => one - other),
    );
    assert.ok((disks[0] ?? 0) < (disks[2] ?? 0));
  });

  it("has the volume and the days that somebody asks for instead", async () => {
    const changes = { "monitoring.prometheus.diskSize": "90Gi", "monitoring.prometheus.retentionDays": 9 };
    const spec = prometheusOf(await runWith("dev", changes), "us-west");
    assert.deepEqual([diskOf(spec), spec.retention, spec.retentionSize], ["90Gi", "9d", `${90 * 1024 * 0.85}MiB`]);
  });

  it("says its region in every series, and runs twice where a node may be lost", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const { externalLabels, replicas, evaluationInterval } = prometheusOf(run, region);
      assert.deepEqual([externalLabels, replicas, evaluationInterval], [{ region }, 2, "15s"]);
    }
    assert.equal(prometheusOf(await runOf("dev"), "us-west").replicas, 1);
  });

  it("tells the Alertmanagers of its own region: the original's told nobody, or one that never ran", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const [manager, ...others] = prometheusOf(run, region).alerting.alertmanagers;
      assert.deepEqual(others, []);
      assert.deepEqual(
        [manager?.namespace, manager?.name, manager?.port],
        ["monitoring", "alertmanager-operated", "web"],
      );
      const { name } = first(specsOf(run, "Alertmanager", region));
      const made = operatedWorkloads(run, region).find((one) => one.name === `alertmanager-${name}`);
      // Three agree on what was told, also while one of them is drained.
      assert.equal(made?.replicas, 3);
    }
  });

  it("sends what it has with a login that it reads from a Secret, and to nobody where nothing is said", async () => {
    const [one, ...others] = prometheusOf(await runOf("prod"), "us-west").remoteWrite ?? [];
    assert.deepEqual(others, []);
    assert.deepEqual(one, {
      url: "https://metrics.example.com/api/v1/write",
      basicAuth: {
        username: { name: "global-metrics", key: "username" },
        password: { name: "global-metrics", key: "password" },
      },
    });
    assert.equal(prometheusOf(await runOf("dev"), "us-west").remoteWrite, undefined);
    const open = { "monitoring.prometheus.remoteWrite": [{ url: "https://open.example.com/write" }] };
    assert.deepEqual(prometheusOf(await runWith("dev", open), "us-west").remoteWrite, [
      { url: "https://open.example.com/write" },
    ]);
  });

  it("and Alertmanager are hardened in every container, the operator's own included", async () => {
    for (const stack of ["dev", "prod"] as const) {
      for (const workload of ofPrometheusOperator(operatedWorkloads(await runOf(stack)))) {
        const { name, spec } = workload;
        const server = workload.madeBy.kind.toLowerCase();
        assert.deepEqual(
          containersOf(workload)
            .map((one) => one.name)
            .sort(),
          [...["config-reloader", "init-config-reloader", server].sort()],
        );
        assert.deepEqual(
          [spec.securityContext.runAsNonRoot, spec.securityContext.runAsUser, spec.securityContext.seccompProfile],
          [true, 1000, { type: "RuntimeDefault" }],
          name,
        );
        for (const { name: container, securityContext, resources } of containersOf(workload)) {
          assert.deepEqual(
            securityContext,
            { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, readOnlyRootFilesystem: true },
            `${name} ${container}`,
          );
          for (const part of ["requests", "limits"] as const)
            assert.deepEqual(Object.keys(resources[part]).sort(), ["cpu", "memory"], `${name} ${container}`);
        }
      }
    }
  });

  it("may look for pods and read the metrics of nodes, and nothing else", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const found = (kind: string) =>
        first(
          everything(run).filter((one) => one.region === region && one.kind === kind && /-prometheus$/.test(one.name)),
        );
      const look = ["get", "list", "watch"];
      assert.deepEqual(found("ClusterRole").resource.inputs["rules"], [
        { apiGroups: [""], resources: ["pods", "services", "endpoints"], verbs: look },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: look },
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      ]);
      const { roleRef, subjects } = found("ClusterRoleBinding").resource.inputs as {
        roleRef: { kind: string; name: string };
        subjects: unknown[];
      };
      assert.deepEqual([roleRef.kind, roleRef.name], ["ClusterRole", found("ClusterRole").name]);
      assert.deepEqual(subjects, [{ kind: "ServiceAccount", name: "prometheus", namespace: "monitoring" }]);
      const tokens = ofPrometheusOperator(operatedWorkloads(run, region)).map(({ spec, ...place }) => [
        spec.serviceAccountName,
        spec.automountServiceAccountToken,
        objectAt(run, "ServiceAccount", spec.serviceAccountName, place).automountServiceAccountToken,
      ]);
      assert.deepEqual(tokens.sort(), [
        ["alertmanager", false, false],
        ["prometheus", true, false],
      ]);
    }
  });
});

describe("the settings of Alertmanager", () => {
  it("are a Secret without a secret: what is one is read from a file of the user's own", async () => {
    const registrations = await registrationsOf("prod");
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const name = `${region}-monitoring-prometheus-alertmanager-settings`;
      const secret = first(registrations.filter((one) => one.name === name));
      const { metadata, data } = secret.raw as {
        metadata: { name: string };
        data: { value: Record<string, string> };
      };
      const text = Buffer.from(data.value["alertmanager.yaml"] ?? "", "base64").toString();
      const { monitoring } = configOf("prod");
      assert.deepEqual(parse(text), alertmanagerConfig(monitoring, { region, quietNamespaces: [] }));
      const { spec } = first(specsOf<{ configSecret: string; secrets: string[] }>(run, "Alertmanager", region));
      assert.deepEqual([spec.configSecret, spec.secrets], [metadata.name, ["alert-receivers"]]);
      // Fields that Alertmanager takes a secret in; each has a twin that names a file.
      assert.doesNotMatch(text, /\b(url|api_url|routing_key|service_key|password|credentials|auth_token):/);
      const files = [...text.matchAll(/_file: (\S+)/g)].map(([, file = ""]) => file);
      assert.deepEqual(
        files.sort(),
        ["heartbeat", "pagerduty", "slack"].map((key) => `/etc/alertmanager/secrets/alert-receivers/${key}`),
      );
    }
  });
});

describe("the rules of every region", () => {
  it("are one object, which the region's plan makes: the original's file was mounted by nothing", async () => {
    for (const stack of ["dev", "prod"] as const) {
      const run = await runOf(stack);
      for (const region of regionNames(run)) {
        const { spec } = first(specsOf(run, "PrometheusRule", region));
        const { runbookUrl } = configOf(stack).monitoring;
        assert.deepEqual(spec, ruleFile(allRules(plannedRegion(stack, region)), runbookUrl), `${stack} ${region}`);
        assert.equal(specsOf(run, "PrometheusRule", region).length, 1);
      }
    }
  });

  for (const stack of ["dev", "prod"] as const)
    for (const region of planOf(stack).regions)
      describe(`of ${region.name} in ${stack}`, () => checkRules(allRules(region)));
});
