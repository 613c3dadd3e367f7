import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameStores } from "../../components/kube/stores.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all, everything, find, first, regionNames } from "../support/objects.ts";
import { containersOf, environment, selects, type Template, templates } from "../support/pods.ts";
import { registrationsOf } from "../support/registrations.ts";
import { runOf, runWith } from "../support/runs.ts";
import { configOf } from "../support/stacks.ts";

/** Hosts of the data tier: the contract of kube/stores.ts, the only names that nothing in the program defines. */
const outside = [gameStores.mysql.service, gameStores.redis.service];

interface Reference {
  from: string;
  kind: string;
  name: string;
}

function hosts(template: Template): string[] {
  return containersOf(template).flatMap((container) =>
    (container.env ?? []).flatMap(({ name, value = "" }) => {
      if (name.endsWith("_URL")) return [new URL(value).hostname];
      return /(_HOST|_PEERS|^SERVICE)$/.test(name) ? [value] : [];
    }),
  );
}

function references(template: Template): Reference[] {
  const { spec } = template;
  const from = `${template.kind} ${template.name}`;
  const ref = (kind: string, name: unknown): Reference[] => [{ from, kind, name: String(name) }];
  return [
    ...ref("ServiceAccount", spec.serviceAccountName),
    ...ref("PriorityClass", spec.priorityClassName),
    ...(spec.volumes ?? []).flatMap((one) => (one.configMap ? ref("ConfigMap", one.configMap.name) : [])),
    ...(spec.volumes ?? []).flatMap((one) => (one.secret ? ref("Secret", one.secret.secretName) : [])),
    ...containersOf(template).flatMap((container) => [
      ...(container.envFrom ?? []).flatMap((one) => [
        ...(one.configMapRef ? ref("ConfigMap", one.configMapRef.name) : []),
        ...(one.secretRef ? ref("Secret", one.secretRef.name) : []),
      ]),
      ...(container.env ?? []).flatMap(({ valueFrom }) => [
        ...(valueFrom?.secretKeyRef ? ref("Secret", valueFrom.secretKeyRef.name) : []),
        ...(valueFrom?.configMapKeyRef ? ref("ConfigMap", valueFrom.configMapKeyRef.name) : []),
      ]),
    ]),
    ...hosts(template).flatMap((host) => ref("Service", host)),
  ];
}

function unresolved(run: OfflineRun, region: string): string[] {
  const there = new Set(
    everything(run)
      .filter((one) => one.region === region)
      .map((one) => `${one.kind} ${one.name}`),
  );
  return templates(run, region)
    .flatMap(references)
    .filter(({ kind, name }) => !there.has(`${kind} ${name}`))
    .map(({ kind, name }) => `${kind} ${name}`);
}

describe("names that objects refer to", () => {
  for (const stack of ["dev", "prod"] as const) {
    it(`are objects of the same region in ${stack}, but for the hosts of the data tier: the original named 21 things that nothing defined`, async () => {
      const run = await runOf(stack);
      for (const region of regionNames(run)) {
        assert.deepEqual([...new Set(unresolved(run, region))].sort(), outside.map((host) => `Service ${host}`).sort());
      }
    });
  }

  it("are found missing by this test when they are", async () => {
    const run = await runOf("dev");
    const without = { ...run, resources: run.resources.filter((one) => one.name !== "us-west-game-environment") };
    assert.ok(unresolved(without, "us-west").includes("ConfigMap game-server-env"));
  });

  it("lead to Secrets that have the keys", async () => {
    const secret = (await registrationsOf("dev")).find((one) => one.type === "kubernetes:core/v1:Secret");
    const data = JSON.stringify((secret?.raw as { data?: unknown } | undefined)?.data);
    const keys = new Set(
      templates(await runOf("dev")).flatMap((template) =>
        containersOf(template).flatMap((one) =>
          (one.env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.key ?? []),
        ),
      ),
    );
    assert.deepEqual([...keys].sort(), ["SESSION_SIGNING_KEY", "WORLD_MESH_KEY"]);
    for (const key of keys) assert.ok(data.includes(`"${key}"`), `the Secret has no ${key}`);
  });

  it("are plain text in every object: a pod that hung on an output of another resource had every world deleted", async () => {
    const registrations = await registrationsOf("dev");
    const hanging = registrations.filter((one) => one.type.startsWith("kubernetes:") && one.outputsOf.length > 0);
    assert.deepEqual(
      hanging.map((one) => [one.type, one.outputsOf.every((urn) => urn.includes("RandomPassword"))]),
      [["kubernetes:core/v1:Secret", true]],
    );
  });

  it("of mounted volumes are volumes of the pod or claims of its set", async () => {
    for (const template of templates(await runOf("prod"))) {
      const claims = template.kind === "StatefulSet" ? ["world-data"] : [];
      const volumes = [...(template.spec.volumes ?? []).map((one) => one.name), ...claims];
      for (const container of containersOf(template)) {
        for (const mount of container.volumeMounts ?? [])
          assert.ok(volumes.includes(mount.name), `${template.name} ${mount.name}`);
        const paths = (container.volumeMounts ?? []).map((one) => one.mountPath);
        assert.equal(new Set(paths).size, paths.length, template.name);
      }
    }
  });

  it("of ports are ports of the pods behind the Service", async () => {
    const run = await runOf("prod");
    for (const { object, region, name } of all(run, "Service")) {
      const behind = templates(run, region).filter((one) => selects(object.spec.selector, one.labels));
      assert.ok(behind.length > 0, `${name} has no pods`);
      for (const template of behind) {
        const ports = containersOf(template).flatMap((one) => one.ports ?? []);
        for (const port of object.spec.ports) {
          const target = ports.find((one) => one.name === port.targetPort);
          assert.equal(target?.containerPort, port.port, `${name} ${port.name}`);
          assert.ok(port.appProtocol, `${name} ${port.name} says no protocol`);
        }
      }
    }
  });

  it("of a StatefulSet's Service are a headless Service of its pods", async () => {
    const run = await runOf("prod");
    for (const { object, region } of all(run, "StatefulSet")) {
      const service = find(run, "Service", object.spec.serviceName, region);
      assert.equal(service.spec.clusterIP, "None");
      assert.ok(selects(service.spec.selector, object.spec.template.metadata.labels));
    }
  });

  it("of autoscalers and recommenders are workloads: the original scaled a Deployment that did not exist", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const workloads = templates(run, region).map((one) => `${one.kind} ${one.name}`);
      const scaled = all(run, "ScaledObject", region).map(({ object }) => object.spec.scaleTargetRef);
      const recommended = all(run, "VerticalPodAutoscaler", region).map(({ object }) => object.spec?.targetRef);
      assert.equal(scaled.length, 6);
      assert.equal(recommended.length, 7);
      for (const target of [...scaled, ...recommended])
        assert.ok(workloads.includes(`${target?.kind} ${target?.name}`));
      for (const { object } of all(run, "VerticalPodAutoscaler", region)) {
        const template = templates(run, region).find((one) => one.name === object.spec?.targetRef.name);
        const container = object.spec?.resourcePolicy?.containerPolicies?.[0]?.containerName;
        assert.ok(
          template?.spec.containers.some((one) => one.name === container),
          container,
        );
      }
    }
  });

  it("of a role are those of its binding and of the account that is bound", async () => {
    const run = await runOf("prod");
    for (const { object, region } of all(run, "RoleBinding")) {
      find(run, "Role", object.roleRef.name, region);
      for (const subject of object.subjects) find(run, "ServiceAccount", subject.name, region);
    }
  });

  it("of the storage class are what the configuration says", async () => {
    for (const { object } of all(await runOf("prod"), "StatefulSet")) {
      const [claim] = object.spec.volumeClaimTemplates;
      assert.equal(claim?.spec.storageClassName, configOf("prod").cluster.storageClass.name);
    }
  });

  it("of the backup job are the claim, the Service and the labels of the worlds", async () => {
    const run = await runOf("prod");
    const job = first(templates(run, "us-west").filter((one) => one.kind === "CronJob"));
    const worlds = first(templates(run, "us-west").filter((one) => one.kind === "StatefulSet"));
    const value = (name: string) => environment(job.spec.containers[0], name)?.value ?? "";
    const [key = "", label = ""] = value("SELECTOR").split("=");
    assert.equal(worlds.labels[key], label);
    assert.equal(
      value("CLAIM"),
      first(all(run, "StatefulSet", "us-west")).object.spec.volumeClaimTemplates[0]?.metadata.name,
    );
    assert.equal(value("SERVICE"), first(all(run, "StatefulSet", "us-west")).object.spec.serviceName);
    assert.ok(worlds.spec.containers[0]?.ports.some((port) => String(port.containerPort) === value("PORT")));
  });

  it("of the scaling metrics are the pods of the region's own Deployment", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const { triggers } = find(run, "ScaledObject", `game-server-${region}`, region).spec;
      const query = String(triggers.find((one) => one.type === "prometheus")?.metadata["query"]);
      const pattern = new RegExp(`^(?:${/pod=~"([^"]+)"/.exec(query)?.[1]})$`);
      assert.match(`game-server-${region}-7d9f8b6c5-x2x4z`, pattern);
      assert.doesNotMatch("game-world-servers-0", pattern);
      assert.match(query, /namespace="mmorpg-game"/);
    }
    const address = first(
      (await runWith("dev", { "cluster.prometheusUrl": "http://other:9090" })).resources.filter(
        (one) => one.type.endsWith("ScaledObject") && one.name.includes("servers"),
      ),
    );
    assert.match(JSON.stringify(address.inputs), /"serverAddress":"http:\/\/other:9090"/);
  });
});
