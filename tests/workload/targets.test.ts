import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameNamespace } from "../../components/game/workloads.ts";
import { all, everything, find, regionNames } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import {
  adPlatforms,
  containersOf,
  environment,
  objectAt,
  selects,
  templateOf,
  templates,
  together,
  type Workload,
} from "../support/pods.ts";
import { runOf } from "../support/runs.ts";
import { configOf } from "../support/stacks.ts";

describe("names that objects refer to", () => {
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
    for (const service of all(run, "Service")) {
      const { object, region, name } = service;
      const here = (one: Workload) => together(one, service) && selects(object.spec.selector, one.labels);
      const behind = templates(run, region).filter(here);
      const made = operatedWorkloads(run, region).filter(here);
      assert.ok(behind.length + made.length > 0, `${name} has no pods`);
      assert.ok(made.length === 0 || behind.length === 0, `${name} has pods of two kinds`);
      for (const template of behind) {
        const ports = containersOf(template).flatMap((one) => one.ports ?? []);
        for (const port of object.spec.ports) {
          const target = ports.find((one) => one.name === port.targetPort);
          // Requests to the ads come at the port that a web address leaves out; every other port is the pod's own.
          const requests = adPlatforms.includes(service.namespace) && port.name === "http";
          assert.equal(target?.containerPort, requests ? 8080 : port.port, `${name} ${port.name}`);
          if (requests) assert.deepEqual([port.port, port.targetPort], [80, "http"], name);
        }
      }
      // Operators name no port that is known here; these are fixed in routers and poolers, or listeners of the resource.
      const fixed: Record<string, { of: string; ports: [port: number, target: number][] }> = {
        "mysql-primary-service": { of: "mysql-cluster-router", ports: [[3306, 6446]] },
        "mysql-replica-service": { of: "mysql-cluster-router", ports: [[3306, 6447]] },
        "postgres-service": { of: "postgres-pooler", ports: [[5432, 5432]] },
        "kafka-service": {
          of: "ads-brokers",
          ports: [
            [9092, 9092],
            [9093, 9093],
          ],
        },
      };
      for (const template of made) {
        assert.equal(template.name, fixed[name]?.of, name);
        const ports = object.spec.ports.map((port) => [port.port, port.targetPort]);
        assert.deepEqual(ports, fixed[name]?.ports, name);
      }
    }
  });

  it("of ports in addresses are ports of the Service: the original called a collector that had no Service", async () => {
    for (const stack of ["dev", "prod"] as const) {
      const run = await runOf(stack);
      for (const region of regionNames(run)) {
        const objects = everything(run).filter((one) => one.region === region);
        const texts = objects.map(({ resource }) => JSON.stringify(resource.inputs)).join("\n");
        const found = new Set(
          [...texts.matchAll(/([a-z0-9][a-z0-9-]*)\.([a-z0-9-]+)\.svc:(\d+)/g)].map((one) => one.slice(1).join(" ")),
        );
        // Made by the Prometheus operator, with the ports of its servers.
        const operated: Record<string, string> = { "prometheus-operated": "9090", "alertmanager-operated": "9093" };
        for (const one of found) {
          const [name = "", namespace = "", port = ""] = one.split(" ");
          if (operated[name] !== undefined) assert.equal(port, operated[name], one);
          else {
            const { ports } = objectAt(run, "Service", name, { region, namespace }).spec;
            assert.ok(
              ports.some((each) => String(each.port) === port),
              `${region} ${one}`,
            );
          }
        }
        assert.ok(found.has("otel-agent monitoring-agents 4317"));
        assert.ok(found.has("jaeger-collector monitoring 4317"));
        assert.ok(found.has("prometheus-operated monitoring 9090"));
        assert.equal(found.has("blackbox-exporter monitoring 9115"), stack === "prod");
      }
    }
  });

  it("of ports have a protocol, which gateways and meshes would otherwise guess", async () => {
    for (const { object, namespace, name } of all(await runOf("prod"), "Service")) {
      for (const port of object.spec.ports)
        assert.ok(port.appProtocol, `${namespace} ${name} ${port.name} says no protocol`);
    }
  });

  it("of a StatefulSet's Service are a headless Service of its pods, which call each other by name", async () => {
    const run = await runOf("prod");
    const alone: string[] = [];
    for (const set of all(run, "StatefulSet")) {
      const service = objectAt(run, "Service", set.object.spec.serviceName, set);
      assert.ok(selects(service.spec.selector, set.object.spec.template.metadata.labels));
      // A headless one gives each pod a name; who is alone has no peer that would need it.
      if (set.namespace === "monitoring") {
        assert.equal(set.object.spec.replicas, 1, set.name);
        alone.push(set.name);
      } else assert.equal(service.spec.clusterIP, "None", set.name);
    }
    assert.deepEqual([...new Set(alone)].sort(), ["grafana", "jaeger", "loki"]);
  });

  it("of a store's peers are the pods of its own set, each once", async () => {
    for (const [stack, count, ads] of [
      ["dev", 1, "ad-platform-staging"],
      ["prod", 6, "ad-platform"],
    ] as const) {
      const run = await runOf(stack);
      for (const namespace of [gameNamespace, ads]) {
        const { name, spec, owner } = templateOf(run, "redis-cluster", "us-west", namespace);
        const set = objectAt(run, "StatefulSet", name, owner).spec;
        const wanted = Array.from(
          { length: count },
          (_, index) => `${name}-${set.ordinals.start + index}.${set.serviceName}.${namespace}.svc`,
        );
        assert.equal(set.replicas, count);
        for (const container of [...spec.containers.slice(0, 2), ...spec.initContainers])
          assert.deepEqual(environment(container, "PEERS")?.value?.split(" "), wanted, container.name);
      }
    }
  });

  it("of autoscalers and recommenders are workloads: the original scaled a Deployment that did not exist", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const known = [...templates(run, region), ...operatedWorkloads(run, region)];
      const workloads = known.map((one) => `${one.namespace} ${one.kind} ${one.name}`);
      const scaled = all(run, "ScaledObject", region).map(({ object, namespace }) => ({
        namespace,
        target: object.spec.scaleTargetRef,
      }));
      const recommended = all(run, "VerticalPodAutoscaler", region).map(({ object, namespace }) => ({
        namespace,
        target: object.spec?.targetRef,
      }));
      const countIn = (list: readonly { namespace: string }[], namespace: string) =>
        list.filter((one) => one.namespace === namespace).length;
      // In the game those, worlds and the two stores; in the ads those and Valkey, since operators size the others.
      const ads = region === "us-east" ? [0, 0] : [3, 4];
      assert.deepEqual([countIn(scaled, gameNamespace), countIn(recommended, gameNamespace)], [6, 9]);
      assert.deepEqual([countIn(scaled, "ad-platform"), countIn(recommended, "ad-platform")], ads);
      // Of monitoring six, and none of Prometheus: its size is computed from its series.
      assert.deepEqual([countIn(scaled, "monitoring"), countIn(recommended, "monitoring")], [0, 6]);
      assert.equal(scaled.length + recommended.length, 15 + ads.reduce((sum, one) => sum + one, 0) + 6);
      for (const { namespace, target } of [...scaled, ...recommended])
        assert.ok(workloads.includes(`${namespace} ${target?.kind} ${target?.name}`), target?.name);
      for (const recommender of all(run, "VerticalPodAutoscaler", region)) {
        const { targetRef, resourcePolicy } = recommender.object.spec ?? {};
        const template = known.find((one) => together(one, recommender) && one.name === targetRef?.name);
        const container = resourcePolicy?.containerPolicies?.[0]?.containerName;
        assert.ok(
          template?.spec.containers.some((one) => one.name === container),
          container,
        );
      }
    }
  });

  it("of a role are those of its binding and of the account that is bound", async () => {
    const run = await runOf("prod");
    for (const binding of all(run, "RoleBinding")) {
      const { roleRef, subjects } = binding.object;
      objectAt(run, "Role", roleRef.name, binding);
      for (const subject of subjects) objectAt(run, "ServiceAccount", subject.name, binding);
    }
    // Those of the whole cluster, which Prometheus and kube-state-metrics have, are in tests/workload/references.test.ts.
  });

  it("of the storage class are what the configuration says", async () => {
    const run = await runOf("prod");
    const { name } = configOf("prod").cluster.storageClass;
    // The class of a volume has another name in Strimzi's resources, and is read there.
    const operated = operatedWorkloads(run).filter((one) => one.madeBy.kind !== "KafkaNodePool");
    const claims = [
      ...all(run, "StatefulSet").flatMap(({ object }) => object.spec.volumeClaimTemplates.map((one) => one.spec)),
      ...operated.flatMap((one) => one.claims),
    ];
    const volumes = everything(run)
      .filter((one) => one.kind === "KafkaNodePool")
      .flatMap(
        ({ resource }) => (resource.inputs["spec"] as { storage: { volumes: { class: string }[] } }).storage.volumes,
      );
    // Worlds, MySQL and Valkey; Prometheus, Alertmanager, Grafana, Jaeger and Loki; Valkey, PostgreSQL and its log, Kafka.
    assert.deepEqual([claims.length, volumes.length], [(3 + 5) * regionNames(run).length + 3 * 2, 2]);
    for (const claim of claims) assert.equal(claim.storageClassName, name);
    for (const volume of volumes) assert.equal(volume.class, name);
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
});
