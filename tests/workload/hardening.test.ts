import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { exceptionsAnnotation } from "../../components/kube/labels.ts";
import { podTemplate } from "../../components/workload/pod.ts";
import { all } from "../support/objects.ts";
import { ofPrometheusOperator, operatedWorkloads, toldPods, whollyKnown } from "../support/operated.ts";
import { serverSize } from "../support/plans.ts";
import {
  adTemplates,
  containersOf,
  gameTemplates,
  objectAt,
  templateOf,
  templates,
  together,
} from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";

describe("every pod", () => {
  for (const stack of ["dev", "prod"] as const) {
    it(`of ${stack} passes the restricted Pod Security profile, init containers included: the original set no security context`, async () => {
      const agents: string[] = [];
      for (const template of templates(await runOf(stack))) {
        const { spec, name } = template;
        // Agents of nodes look at the node itself; what they are excused from is in tests/workload/node-agents.test.ts.
        if (template.namespace === "monitoring-agents") {
          agents.push(name);
          continue;
        }
        assert.equal(spec.securityContext.runAsNonRoot, true, name);
        assert.ok(spec.securityContext.runAsUser > 0, name);
        assert.deepEqual(spec.securityContext.seccompProfile, { type: "RuntimeDefault" }, name);
        assert.ok(!spec.hostNetwork && !spec.hostPID && !spec.hostIPC, name);
        for (const container of containersOf(template)) {
          const { securityContext, ports } = container;
          assert.equal(securityContext.allowPrivilegeEscalation, false, container.name);
          assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] }, container.name);
          assert.equal(securityContext.readOnlyRootFilesystem, true, container.name);
          assert.ok(!securityContext.privileged && securityContext.runAsUser !== 0, container.name);
          assert.ok(
            (ports ?? []).every((port) => port.hostPort === undefined),
            container.name,
          );
        }
        const kinds = (spec.volumes ?? []).flatMap((volume) => Object.keys(volume).filter((key) => key !== "name"));
        // Logins are files of the store, of the job that sets its users and of those who dump and restore; volumes of jobs.
        const more: Record<string, string[]> = {
          "redis-cluster": ["projected"],
          "mysql-users": ["secret"],
          "world-drill-check": ["persistentVolumeClaim"],
          // Dashboards, one ConfigMap for each.
          grafana: ["projected"],
          ...Object.fromEntries(
            ["mysql", "redis", "postgres"].flatMap((store) => [
              [`${store}-backup`, ["secret", "ephemeral", "persistentVolumeClaim"]],
              // Of a target outside only the key: the store itself is out of reach.
              [`${store}-drill`, ["ephemeral", stack === "dev" ? "persistentVolumeClaim" : "secret"]],
              [`${store}-restore`, ["secret", "ephemeral", "persistentVolumeClaim"]],
            ]),
          ),
        };
        assert.deepEqual(
          [...new Set(kinds)].filter((kind) => !["configMap", "emptyDir", ...(more[name] ?? [])].includes(kind)),
          [],
          name,
        );
        // A projected volume may bring a token too.
        for (const source of (spec.volumes ?? []).flatMap((volume) => volume.projected?.sources ?? []))
          assert.deepEqual(Object.keys(source), [name === "grafana" ? "configMap" : "secret"], name);
      }
      assert.deepEqual([...new Set(agents)].sort(), ["node-exporter", "otel-agent"]);
    });

    it(`of ${stack} that an operator makes takes nothing of the profile back, and adds what the operator leaves out`, async () => {
      // Of MySQL alone the whole pod is known; what PostgreSQL and Kafka are told is in the tests of their resources.
      for (const workload of whollyKnown(operatedWorkloads(await runOf(stack)))) {
        const { spec, name } = workload;
        assert.equal(spec.securityContext.runAsNonRoot, true, name);
        assert.deepEqual(spec.securityContext.seccompProfile, { type: "RuntimeDefault" }, name);
        assert.ok(!spec.hostNetwork && !spec.hostPID && !spec.hostIPC, name);
        assert.equal(spec.volumes, undefined, name);
        for (const container of containersOf(workload)) {
          assert.equal(container.securityContext, undefined, `${name} ${container.name}`);
          assert.equal(container.ports, undefined, `${name} ${container.name}`);
        }
      }
    });

    it(`of ${stack} has requests and limits in every container: the original's init container had none`, async () => {
      const run = await runOf(stack);
      for (const template of [...templates(run), ...operatedWorkloads(run)]) {
        for (const { name, resources } of containersOf(template)) {
          if (template.name === "postgres-pooler" && name === "bootstrap-controller") {
            // The operator adds it without a size, so that it has the one that its namespace gives.
            const ranges = all(run, "LimitRange", template.region).filter((one) => together(one, template));
            const given = ranges.flatMap(({ object }) => object.spec.limits).find((one) => one.type === "Container");
            for (const sizes of [given?.default, given?.defaultRequest])
              assert.deepEqual(Object.keys(sizes ?? {}).sort(), ["cpu", "memory"], template.namespace);
            assert.equal(resources, undefined);
            continue;
          }
          for (const part of ["requests", "limits"] as const) {
            assert.deepEqual(Object.keys(resources[part]).sort(), ["cpu", "memory"], `${template.name} ${name}`);
          }
        }
      }
    });
  }

  it("writes only to places with a limit: the original's logs could fill the node", async () => {
    for (const { spec, name } of templates(await runOf("prod"))) {
      for (const volume of (spec.volumes ?? []).filter((one) => one.emptyDir !== undefined)) {
        assert.match(volume.emptyDir.sizeLimit, /^\d+[MG]i$/, `${name} ${volume.name}`);
      }
      assert.ok(
        (spec.containers[0]?.volumeMounts ?? []).some((mount) => mount.mountPath === "/tmp" && !mount.readOnly),
      );
    }
  });

  it("runs as its own account and gets no token: the original ran everything as the default account", async () => {
    const run = await runOf("prod");
    const pods = templates(run, "us-west");
    const accounts = pods.map((one) => `${one.namespace} ${one.spec.serviceAccountName}`);
    assert.equal(new Set(accounts).size, pods.length);
    for (const { spec, name, owner } of pods) {
      const watching = ["world-backup", "world-drill", "kube-state-metrics"];
      assert.equal(spec.automountServiceAccountToken, watching.includes(name), name);
      assert.equal(objectAt(run, "ServiceAccount", spec.serviceAccountName, owner).automountServiceAccountToken, false);
    }
    // Accounts of PostgreSQL and Kafka are made by their operators, and no field of theirs keeps a token away.
    const made = whollyKnown(operatedWorkloads(run, "us-west")).map((one) => [
      one.name,
      one.spec.automountServiceAccountToken,
    ]);
    // The operator's program beside each server has no other way to keep its pod's labels.
    assert.deepEqual(made, [
      ["mysql-cluster", undefined],
      ["mysql-cluster-router", false],
    ]);
    const watchers = ofPrometheusOperator(operatedWorkloads(run, "us-west")).map(({ name, spec }) => [
      name,
      spec.automountServiceAccountToken,
    ]);
    assert.deepEqual(watchers.sort(), [
      ["alertmanager-realmgrid", false],
      ["prometheus-realmgrid", true],
    ]);
  });

  it("gets a token only by an exception that says why and until when, where policies read it", async () => {
    const run = await runOf("prod");
    // What agents of nodes are excused from, which is no token, is in tests/workload/node-agents.test.ts.
    const operated = operatedWorkloads(run);
    const excused = [
      ...templates(run).filter((one) => one.kind !== "DaemonSet"),
      ...whollyKnown(operated),
      ...ofPrometheusOperator(operated),
      ...toldPods(run),
    ].filter((one) => exceptionsAnnotation in one.annotations);
    // By namespace: a job of the same name elsewhere is not excused with it.
    assert.deepEqual([...new Set(excused.map((one) => `${one.namespace} ${one.name}`))].sort(), [
      "ad-platform Cluster postgres-cluster",
      "ad-platform Kafka ads",
      "ad-platform KafkaNodePool brokers",
      "ad-platform Pooler postgres-pooler",
      "mmorpg-game mysql-cluster",
      "mmorpg-game world-backup",
      "mmorpg-game world-drill",
      "monitoring kube-state-metrics",
      "monitoring prometheus-realmgrid",
    ]);
    for (const { annotations, name } of excused) {
      const exceptions: { allow: string; because: string; until: string }[] = JSON.parse(
        annotations[exceptionsAnnotation] ?? "[]",
      );
      // Strimzi's images write below their own folder.
      const more = name.startsWith("Kafka") ? ["writable-root-filesystem"] : [];
      assert.deepEqual(
        exceptions.map((one) => one.allow),
        ["service-account-token", ...more],
        name,
      );
      for (const { because, until } of exceptions) {
        assert.match(because, /\w+ \w+ \w+/);
        assert.match(until, /^\d{4}-\d{2}-\d{2}$/);
      }
    }
  });

  it("is refused when it mounts a token without such an exception", () => {
    const pod = {
      labels: { app: "job" },
      account: "job",
      mountToken: true,
      containers: [{ name: "job", image: "job:v1", size: serverSize }],
      graceSeconds: 30,
      tolerationSeconds: 30,
      priorityClass: "game-batch",
      pool: { name: "services", dedicated: true },
    } as const;
    const write = {
      allow: "writable-root-filesystem",
      because: "it writes beside its program",
      until: "2027-01-31",
    } as const;
    const arrays = { containers: [...pod.containers] };
    assert.throws(() => podTemplate({ ...pod, ...arrays }), /mountToken needs the exception/);
    assert.throws(() => podTemplate({ ...pod, ...arrays, exceptions: [write] }), /mountToken needs the exception/);
    const token = { ...write, allow: "service-account-token" as const };
    assert.equal(podTemplate({ ...pod, ...arrays, exceptions: [token] }).metadata !== undefined, true);
  });

  it("gets no variables of other Services, so that a new Service changes no pod", async () => {
    const run = await runOf("dev");
    const operated = operatedWorkloads(run);
    for (const { spec, name } of [...templates(run), ...whollyKnown(operated), ...ofPrometheusOperator(operated)])
      assert.equal(spec.enableServiceLinks, false, name);
    // A Cluster has no field for it: the pods of its servers are the operator's alone.
    const told = toldPods(run).filter((one) => !one.name.startsWith("Cluster "));
    assert.equal(told.length, 3);
    for (const { enableServiceLinks, name } of told) assert.equal(enableServiceLinks, false, name);
  });

  it("asks for no GPU: the original asked for none in so many words, which does nothing", async () => {
    const run = await runOf("prod");
    const specs = [...templates(run), ...operatedWorkloads(run)].map((one) => one.spec);
    assert.doesNotMatch(JSON.stringify(specs), /nvidia/);
  });

  it("is pulled by tag or digest, with the secret of the configuration", async () => {
    const run = await runWith("dev", {
      "images.pullSecret": "registry",
      "images.authService": `auth@sha256:${"b".repeat(64)}`,
      "images.biddingService": `bidding@sha256:${"c".repeat(64)}`,
    });
    assert.equal(templateOf(run, "auth-service").spec.containers[0]?.image, `auth@sha256:${"b".repeat(64)}`);
    assert.equal(templateOf(run, "bidding-service").spec.containers[0]?.image, `bidding@sha256:${"c".repeat(64)}`);
    const ours = [...gameTemplates(run), ...adTemplates(run)];
    for (const template of templates(run)) {
      for (const { image } of containersOf(template)) assert.match(image, /:v?\d|@sha256:/);
      // The secret is for the images of the configuration; stores and jobs run public ones.
      const own = ours.some((one) => together(one, template) && one.name === template.name);
      const wanted = own ? [{ name: "registry" }] : undefined;
      assert.deepEqual(template.spec.imagePullSecrets, wanted, template.name);
    }
    for (const name of ["auth-service", "bidding-service"])
      assert.equal(templateOf(await runOf("dev"), name).spec.imagePullSecrets, undefined);
  });
});
