import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameNamespace } from "../../components/game/workloads.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all, everything, regionNames } from "../support/objects.ts";
import { isWhollyKnown, type OperatedWorkload, operatedWorkloads, toldPods } from "../support/operated.ts";
import {
  adTemplates,
  containersOf,
  environment,
  objectAt,
  type Place,
  selects,
  type Template,
  templates,
  together,
  type Workload,
} from "../support/pods.ts";
import { registrationsOf } from "../support/registrations.ts";
import { runOf } from "../support/runs.ts";

interface Reference {
  kind: string;
  /** Absent for kinds that no namespace holds. */
  namespace?: string;
  name: string;
}

/** A reference, or an object that one may mean, as one text: `Secret mmorpg-game/redis-backup`. */
function textOf({ kind, namespace = "", name }: Reference): string {
  return `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
}

/** The Service that a name of the cluster's DNS stands for: `service`, `service.namespace`, `service.namespace.svc`. */
function serviceOf(host: string, own: string): Reference {
  const [name = "", namespace = own] = host.split(".");
  return { kind: "Service", namespace, name };
}

function hosts(template: Workload): Reference[] {
  const service = (host: string) => serviceOf(host, template.namespace);
  return containersOf(template).flatMap((container) =>
    (container.env ?? []).flatMap(({ name, value, valueFrom }) => {
      // An address with a login is a key of a Secret; where that leads is looked at with the keys.
      if (valueFrom !== undefined || value === undefined) return [];
      if (name.endsWith("_URL")) return [service(new URL(value).hostname)];
      // Names of pods, each below its Service.
      if (name === "PEERS") return value.split(" ").map((host) => service(host.split(".").slice(1).join(".")));
      // Host and port, with nothing before them.
      if (name.endsWith("_BROKERS")) return value.split(",").map((one) => service(one.replace(/:\d+$/, "")));
      return /(_HOST|_PEERS|^SERVICE)$/.test(name) ? [service(value)] : [];
    }),
  );
}

function references(template: Workload | OperatedWorkload): Reference[] {
  const { spec, namespace } = template;
  const ref = (kind: string, name: unknown): Reference[] => [{ kind, namespace, name: String(name) }];
  return [
    ...(spec.serviceAccountName === undefined ? [] : ref("ServiceAccount", spec.serviceAccountName)),
    // Of pods that an operator writes itself, the class is among `ofResources`.
    ...("madeBy" in template && !isWhollyKnown(template)
      ? []
      : [{ kind: "PriorityClass", name: String(spec.priorityClassName) }]),
    ...(spec.volumes ?? []).flatMap((one) => (one.configMap ? ref("ConfigMap", one.configMap.name) : [])),
    ...(spec.volumes ?? []).flatMap((one) => (one.secret ? ref("Secret", one.secret.secretName) : [])),
    ...(spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
      claim ? ref("PersistentVolumeClaim", claim.claimName) : [],
    ),
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
    ...hosts(template),
  ];
}

/** The parts of custom resources that name other objects. */
interface Naming {
  metadata: { labels?: Record<string, string> };
  spec: {
    secretName: string;
    bootstrap: { initdb: { secret: { name: string } } };
    managed: { roles: { passwordSecret: { name: string } }[] };
    cluster: { name: string };
    authentication: { password: { valueFrom: { secretKeyRef: { name: string; key: string } } } };
  };
}

function namingOf(object: { resource: { inputs: unknown } }): Naming {
  return object.resource.inputs as Naming;
}

/** What the resources of operators name: administrators, users, and the cluster that a part belongs to. */
function ofResources(run: OfflineRun, region: string): Reference[] {
  const named = everything(run)
    .filter((one) => one.region === region)
    .flatMap((object): Reference[] => {
      const { namespace } = object;
      const { metadata, spec } = namingOf(object);
      const secrets = (...names: string[]) => names.map((name) => ({ kind: "Secret", namespace, name }));
      const kafka = { kind: "Kafka", namespace, name: String(metadata.labels?.["strimzi.io/cluster"]) };
      switch (object.kind) {
        case "InnoDBCluster":
          return secrets(spec.secretName);
        case "Cluster":
          return secrets(
            spec.bootstrap.initdb.secret.name,
            ...spec.managed.roles.map((role) => role.passwordSecret.name),
          );
        case "Pooler":
          return [{ kind: "Cluster", namespace, name: spec.cluster.name }];
        case "KafkaUser":
          return [kafka, ...secrets(spec.authentication.password.valueFrom.secretKeyRef.name)];
        case "KafkaNodePool":
        case "KafkaTopic":
          return [kafka];
        default:
          return [];
      }
    });
  const classes = toldPods(run, region).map((one) => ({ kind: "PriorityClass", name: one.priorityClassName }));
  return [...named, ...classes];
}

// Services that an operator makes of a resource, by what stands after its name.
const madeServices: Readonly<Record<string, readonly string[]>> = {
  Cluster: ["-rw", "-ro", "-r"],
  Pooler: [""],
  Kafka: ["-kafka-bootstrap", "-kafka-brokers"],
};

function unresolved(run: OfflineRun, region: string): string[] {
  const there = new Set(
    everything(run)
      .filter((one) => one.region === region)
      .flatMap((one) => [
        textOf(one),
        ...(madeServices[one.kind] ?? []).map((suffix) =>
          textOf({ kind: "Service", namespace: one.namespace, name: `${one.name}${suffix}` }),
        ),
      ]),
  );
  // What a job, or a pod, says that somebody else makes, by kind and name.
  const elsewhere = ({ owner, annotations }: Template) =>
    [owner.object.metadata.annotations, annotations].flatMap(
      (one) => one?.["realmgrid.io/made-elsewhere"]?.split(" ") ?? [],
    );
  const ours = templates(run, region).flatMap((template) =>
    references(template).filter(({ kind, name }) => !elsewhere(template).includes(`${kind}/${name}`)),
  );
  return [...ours, ...operatedWorkloads(run, region).flatMap(references), ...ofResources(run, region)]
    .map(textOf)
    .filter((one) => !there.has(one));
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
      ["us-west-game-environment", "ConfigMap mmorpg-game/game-server-env"],
      ["us-west-data-mysql-readers", "Service mmorpg-game/mysql-replica-service"],
      // A store of the same name in the next namespace is no help.
      ["us-west-data-redis-peers", "Service mmorpg-game/redis-cluster-peers"],
      ["us-west-data-credentials-redis-backup", "Secret mmorpg-game/redis-backup"],
      ["us-west-data-credentials-mysql-migrations", "Secret mmorpg-game/mysql-migrations"],
      ["us-west-data-credentials-mysql-operator-root", "Secret mmorpg-game/mysql-operator-root"],
      ["us-west-cluster-priority-data", "PriorityClass stores"],
      ["us-west-cluster-priority-ads", "PriorityClass ad-services"],
      ["us-west-ad-platform-staging-settings", "ConfigMap ad-platform-staging/ad-platform-config"],
      ["us-west-ad-platform-staging-data-redis-peers", "Service ad-platform-staging/redis-cluster-peers"],
      ["us-west-ad-platform-staging-data-postgres-service", "Service ad-platform-staging/postgres-service"],
      ["us-west-ad-platform-staging-data-kafka-service", "Service ad-platform-staging/kafka-service"],
      ["us-west-ad-platform-staging-data-postgres", "Service ad-platform-staging/postgres-cluster-rw"],
      ["us-west-ad-platform-staging-data-postgres", "Cluster ad-platform-staging/postgres-cluster"],
      ["us-west-ad-platform-staging-data-kafka", "Kafka ad-platform-staging/ads"],
      ["us-west-ad-platform-staging-data-credentials-redis-backup", "Secret ad-platform-staging/redis-backup"],
      [
        "us-west-ad-platform-staging-data-credentials-postgres-migrations",
        "Secret ad-platform-staging/postgres-migrations",
      ],
      [
        "us-west-ad-platform-staging-data-credentials-postgres-analytics-service",
        "Secret ad-platform-staging/postgres-analytics-service",
      ],
      [
        "us-west-ad-platform-staging-data-credentials-kafka-bidding-service",
        "Secret ad-platform-staging/kafka-bidding-service",
      ],
    ] as const) {
      // A component may have the name of the object that it makes.
      const resources = run.resources.filter((one) => one.name !== resource || !one.type.startsWith("kubernetes:"));
      assert.equal(resources.length, run.resources.length - 1, resource);
      assert.ok(unresolved({ ...run, resources }, "us-west").includes(name), name);
    }
  });

  it("lead to Secrets that have the keys", async () => {
    const run = await runOf("dev");
    const dataOf = new Map(
      (await registrationsOf("dev"))
        .filter((one) => one.type === "kubernetes:core/v1:Secret")
        .map(({ raw }) => {
          const { metadata, data } = raw as {
            metadata: { name: string; namespace: string };
            data: { value: Record<string, string> };
          };
          return [`${metadata.namespace}/${metadata.name}`, data.value];
        }),
    );
    const wanted = templates(run).flatMap(({ namespace, ...template }) => [
      ...containersOf(template).flatMap((one) =>
        (one.env ?? []).flatMap(({ valueFrom }) => {
          const ref = valueFrom?.secretKeyRef;
          return ref ? [`${namespace}/${ref.name} ${ref.key}`] : [];
        }),
      ),
      ...(template.spec.volumes ?? []).flatMap((volume) =>
        (volume.projected?.sources ?? []).flatMap(({ secret }) =>
          secret.items.map((item) => `${namespace}/${secret.name} ${item.key}`),
        ),
      ),
    ]);
    // The keys that the operator of MySQL looks for in the administrator's Secret.
    const rootKeys = ["rootUser", "rootPassword", "rootHost"];
    wanted.push(...rootKeys.map((key) => `${gameNamespace}/mysql-operator-root ${key}`));
    for (const object of everything(run)) {
      const { kind, namespace } = object;
      const { spec } = namingOf(object);
      if (kind === "KafkaUser") {
        const { name, key } = spec.authentication.password.valueFrom.secretKeyRef;
        wanted.push(`${namespace}/${name} ${key}`);
      }
    }
    assert.ok(wanted.includes("mmorpg-game/game-server-secrets SESSION_SIGNING_KEY"));
    assert.ok(wanted.includes("mmorpg-game/mysql-auth-service password"));
    assert.ok(wanted.includes("mmorpg-game/redis-replication previous-password"));
    assert.ok(wanted.includes("ad-platform-staging/redis-replication previous-password"));
    assert.ok(wanted.includes("ad-platform-staging/postgres-campaign-service url"));
    assert.ok(wanted.includes("ad-platform-staging/kafka-bidding-service password"));
    for (const one of wanted) {
      const [name = "", key = ""] = one.split(" ");
      assert.ok(key in (dataOf.get(name) ?? {}), `the Secret ${name} has no ${key}`);
    }
    // The script that sets users reads files by these names, and so do the operators of PostgreSQL and Kafka.
    for (const [name, data] of dataOf) {
      if (/\/(mysql|redis|postgres|kafka)-/.test(name))
        for (const key of ["username", "password", "previous-password"]) assert.ok(key in data, `${name} ${key}`);
    }
  });

  it("stand in addresses with a login too, which are Secrets: those of the ads lead to poolers", async () => {
    const run = await runOf("dev");
    const registrations = await registrationsOf("dev");
    const seen = adTemplates(run).flatMap((template) => {
      const ref = environment(template.spec.containers[0], "DATABASE_URL")?.valueFrom?.secretKeyRef;
      if (ref === undefined) return [];
      const secret = registrations.find(({ type, raw }) => {
        const { metadata } = raw as { metadata?: Place & { name: string } };
        return (
          type === "kubernetes:core/v1:Secret" &&
          metadata?.name === ref.name &&
          metadata.namespace === template.namespace
        );
      });
      assert.ok(secret, ref.name);
      const { data } = secret.raw as { data: { value: Record<string, string> } };
      const url = new URL(Buffer.from(data.value[ref.key] ?? "", "base64").toString());
      assert.equal(url.username, template.name);
      const { namespace, name } = serviceOf(url.hostname, template.namespace);
      const service = objectAt(run, "Service", name, { region: template.region, namespace: namespace ?? "" });
      assert.equal(String(service.spec.ports[0]?.port), url.port);
      const behind = operatedWorkloads(run, template.region).filter(
        (one) => together(one, template) && selects(service.spec.selector, one.labels),
      );
      return [[template.name, ...behind.map((one) => one.name)]];
    });
    // Bids wait for no disk, so bidding-service has none.
    assert.deepEqual(seen.sort(), [
      ["analytics-service", "postgres-pooler"],
      ["campaign-service", "postgres-pooler"],
    ]);
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
});
