import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all, everything, find, first, regionNames } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import {
  containersOf,
  environment,
  selects,
  type Template,
  templateOf,
  templates,
  type Workload,
} from "../support/pods.ts";
import { registrationsOf } from "../support/registrations.ts";
import { runOf, runWith } from "../support/runs.ts";
import { configOf } from "../support/stacks.ts";

interface Reference {
  from: string;
  kind: string;
  name: string;
}

function hosts(template: Workload): string[] {
  return containersOf(template).flatMap((container) =>
    (container.env ?? []).flatMap(({ name, value = "" }) => {
      if (name.endsWith("_URL")) return [new URL(value).hostname];
      // Names of pods, each below its Service.
      if (name === "PEERS") return value.split(" ").map((host) => host.split(".")[1] ?? host);
      return /(_HOST|_PEERS|^SERVICE)$/.test(name) ? [value] : [];
    }),
  );
}

function references(template: Workload): Reference[] {
  const { spec } = template;
  const from = `${template.kind} ${template.name}`;
  const ref = (kind: string, name: unknown): Reference[] => [{ from, kind, name: String(name) }];
  return [
    ...(spec.serviceAccountName === undefined ? [] : ref("ServiceAccount", spec.serviceAccountName)),
    ...ref("PriorityClass", spec.priorityClassName),
    ...(spec.volumes ?? []).flatMap((one) => (one.configMap ? ref("ConfigMap", one.configMap.name) : [])),
    ...(spec.volumes ?? []).flatMap((one) => (one.secret ? ref("Secret", one.secret.secretName) : [])),
    ...(spec.volumes ?? []).flatMap((one) =>
      (one.projected?.sources ?? []).flatMap(({ secret }) => (secret ? ref("Secret", secret.name) : [])),
    ),
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
  const administrators = everything(run)
    .filter((one) => one.kind === "InnoDBCluster" && one.region === region)
    .map(({ name, resource }) => ({
      from: `InnoDBCluster ${name}`,
      kind: "Secret",
      name: (resource.inputs["spec"] as { secretName: string }).secretName,
    }));
  // What a job says that somebody else makes, by kind and name.
  const elsewhere = ({ owner }: Template) =>
    owner.object.metadata.annotations?.["realmgrid.io/made-elsewhere"]?.split(" ") ?? [];
  const ours = templates(run, region).flatMap((template) =>
    references(template).filter(({ kind, name }) => !elsewhere(template).includes(`${kind}/${name}`)),
  );
  return [...ours, ...operatedWorkloads(run, region).flatMap(references), ...administrators]
    .filter(({ kind, name }) => !there.has(`${kind} ${name}`))
    .map(({ kind, name }) => `${kind} ${name}`);
}

describe("names that objects refer to", () => {
  for (const stack of ["dev", "prod"] as const) {
    it(`are objects of the same region in ${stack}: the original named 21 things that nothing defined`, async () => {
      const run = await runOf(stack);
      for (const region of regionNames(run)) {
        assert.deepEqual(unresolved(run, region), []);
      }
    });
  }

  it("are found missing by this test when they are", async () => {
    const run = await runOf("dev");
    for (const [resource, name] of [
      ["us-west-game-environment", "ConfigMap game-server-env"],
      ["us-west-data-mysql-readers", "Service mysql-replica-service"],
      ["us-west-data-redis-peers", "Service redis-cluster-peers"],
      ["us-west-data-credentials-redis-backup", "Secret redis-backup"],
      ["us-west-data-credentials-mysql-migrations", "Secret mysql-migrations"],
      ["us-west-data-credentials-mysql-operator-root", "Secret mysql-operator-root"],
      ["us-west-cluster-priority-data", "PriorityClass game-data"],
    ] as const) {
      const resources = run.resources.filter((one) => one.name !== resource);
      assert.equal(resources.length, run.resources.length - 1, resource);
      assert.ok(unresolved({ ...run, resources }, "us-west").includes(name), name);
    }
  });

  it("lead to Secrets that have the keys", async () => {
    const keysOf = new Map(
      (await registrationsOf("dev"))
        .filter((one) => one.type === "kubernetes:core/v1:Secret")
        .map(({ raw }) => {
          const { metadata, data } = raw as { metadata: { name: string }; data: { value: object } };
          return [metadata.name, Object.keys(data.value)];
        }),
    );
    const wanted = templates(await runOf("dev")).flatMap((template) => [
      ...containersOf(template).flatMap((one) =>
        (one.env ?? []).flatMap(({ valueFrom }) => {
          const ref = valueFrom?.secretKeyRef;
          return ref ? [`${ref.name} ${ref.key}`] : [];
        }),
      ),
      ...(template.spec.volumes ?? []).flatMap((volume) =>
        (volume.projected?.sources ?? []).flatMap(({ secret }) =>
          secret.items.map((item) => `${secret.name} ${item.key}`),
        ),
      ),
    ]);
    // The keys that the operator of MySQL looks for in the administrator's Secret.
    wanted.push(...["rootUser", "rootPassword", "rootHost"].map((key) => `mysql-operator-root ${key}`));
    assert.ok(wanted.includes("game-server-secrets SESSION_SIGNING_KEY"));
    assert.ok(wanted.includes("mysql-auth-service password"));
    assert.ok(wanted.includes("redis-replication previous-password"));
    for (const one of wanted) {
      const [name = "", key = ""] = one.split(" ");
      assert.ok(keysOf.get(name)?.includes(key), `the Secret ${name} has no ${key}`);
    }
    // The script that sets users reads files by these names.
    for (const [name, keys] of keysOf) {
      if (name.startsWith("mysql-") || name.startsWith("redis-"))
        for (const key of ["username", "password", "previous-password"])
          assert.ok(keys.includes(key), `${name} ${key}`);
    }
  });

  it("are plain text in every object: a pod that hung on an output of another resource had every world deleted", async () => {
    const registrations = await registrationsOf("dev");
    const hanging = registrations.filter((one) => one.type.startsWith("kubernetes:") && one.outputsOf.length > 0);
    for (const one of hanging) {
      assert.equal(one.type, "kubernetes:core/v1:Secret", one.name);
      assert.ok(
        one.outputsOf.every((urn) => urn.includes("RandomPassword")),
        one.name,
      );
    }
    assert.equal(hanging.length, all(await runOf("dev"), "Secret").length);
  });

  it("of mounted volumes are volumes of the pod or claims of its set", async () => {
    for (const template of templates(await runOf("prod"))) {
      const { object } = template.owner;
      const claims =
        object.kind === "StatefulSet" ? object.spec.volumeClaimTemplates.map((one) => one.metadata.name) : [];
      if (object.kind === "StatefulSet") {
        assert.equal(claims.length, 1, template.name);
        const mounted = template.spec.containers.flatMap((one) => (one.volumeMounts ?? []).map((mount) => mount.name));
        assert.ok(mounted.includes(claims[0] ?? ""), `${template.name} does not mount its own volume`);
      }
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
      const made = operatedWorkloads(run, region).filter((one) => selects(object.spec.selector, one.labels));
      assert.ok(behind.length + made.length > 0, `${name} has no pods`);
      assert.ok(made.length === 0 || behind.length === 0, `${name} has pods of two kinds`);
      for (const template of behind) {
        const ports = containersOf(template).flatMap((one) => one.ports ?? []);
        for (const port of object.spec.ports) {
          const target = ports.find((one) => one.name === port.targetPort);
          assert.equal(target?.containerPort, port.port, `${name} ${port.name}`);
          assert.ok(port.appProtocol, `${name} ${port.name} says no protocol`);
        }
      }
      // The operator names no port that is known here; these are fixed in its routers.
      for (const template of made) {
        assert.equal(template.name, "mysql-cluster-router", name);
        for (const port of object.spec.ports) {
          const fixed: Record<string, number> = { "mysql-primary-service": 6446, "mysql-replica-service": 6447 };
          assert.deepEqual([port.port, port.targetPort], [3306, fixed[name]], name);
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

  it("of a store's peers are the pods of its own set, each once", async () => {
    for (const [stack, count] of [
      ["dev", 1],
      ["prod", 6],
    ] as const) {
      const run = await runOf(stack);
      const { name, spec } = templateOf(run, "redis-cluster");
      const set = find(run, "StatefulSet", name).spec;
      const wanted = Array.from(
        { length: count },
        (_, index) => `${name}-${set.ordinals.start + index}.${set.serviceName}.mmorpg-game.svc`,
      );
      assert.equal(set.replicas, count);
      for (const container of [...spec.containers.slice(0, 2), ...spec.initContainers])
        assert.deepEqual(environment(container, "PEERS")?.value?.split(" "), wanted, container.name);
    }
  });

  it("of autoscalers and recommenders are workloads: the original scaled a Deployment that did not exist", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const known = [...templates(run, region), ...operatedWorkloads(run, region)];
      const workloads = known.map((one) => `${one.kind} ${one.name}`);
      const scaled = all(run, "ScaledObject", region).map(({ object }) => object.spec.scaleTargetRef);
      const recommended = all(run, "VerticalPodAutoscaler", region).map(({ object }) => object.spec?.targetRef);
      assert.equal(scaled.length, 6);
      // Those, worlds and the two stores.
      assert.equal(recommended.length, 9);
      for (const target of [...scaled, ...recommended])
        assert.ok(workloads.includes(`${target?.kind} ${target?.name}`));
      for (const { object } of all(run, "VerticalPodAutoscaler", region)) {
        const template = known.find((one) => one.name === object.spec?.targetRef.name);
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
    const run = await runOf("prod");
    const claims = [
      ...all(run, "StatefulSet").flatMap(({ object }) => object.spec.volumeClaimTemplates.map((one) => one.spec)),
      ...operatedWorkloads(run).flatMap((one) => one.claims),
    ];
    assert.equal(claims.length, 3 * regionNames(run).length);
    for (const claim of claims) assert.equal(claim.storageClassName, configOf("prod").cluster.storageClass.name);
  });

  it("of the backup job are the claim, the Service and the labels of the worlds", async () => {
    const run = await runOf("prod");
    const job = templateOf(run, "world-backup");
    const worlds = templateOf(run, "game-world-servers");
    const set = find(run, "StatefulSet", "game-world-servers");
    const value = (name: string) => environment(job.spec.containers[0], name)?.value ?? "";
    const [key = "", label = ""] = value("SELECTOR").split("=");
    assert.equal(worlds.labels[key], label);
    assert.equal(value("CLAIM"), set.spec.volumeClaimTemplates[0]?.metadata.name);
    assert.equal(value("SERVICE"), set.spec.serviceName);
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
