/**
 * Workloads that operators make of their custom resources, as far as the resource says what they will be. A quota counts
 * their pods, Services and network policies select them, and no manifest of the stack has them.
 */
import { build, type Made, type Mapping, mapping, or } from "./made.ts";
import type { KubeObject } from "./objects.ts";
import { alertmanager, prometheus } from "./operated-prometheus.ts";
import type { Field, Tree } from "./tree.ts";

/** MySQL Operator: a StatefulSet of servers and a Deployment of routers (mysqloperator, cluster_objects.py). */
function mysql(cluster: KubeObject): Made[] {
  const spec = cluster.root.at("spec");
  const name: Tree = cluster.root.at("metadata", "name").value;
  const router = spec.at("router");
  const common: Readonly<Record<string, Tree>> = {
    "app.kubernetes.io/name": "mysql-innodbcluster",
    "mysql.oracle.com/cluster": name,
  };
  return [
    {
      kind: "StatefulSet",
      suffix: "",
      replicas: or(spec.at("instances"), 1),
      labels: [spec.at("podLabels")],
      ownLabels: { ...common, component: "mysqld", tier: "mysql" },
      annotations: spec.at("podAnnotations"),
      spec: or(spec.at("podSpec"), mapping({})),
      claims: [or(spec.at("datadirVolumeClaimTemplate"), mapping({}))],
    },
    {
      kind: "Deployment",
      suffix: "-router",
      replicas: or(router.at("instances"), router.absent ? 0 : 1),
      labels: [router.at("podLabels")],
      ownLabels: { ...common, component: "mysqlrouter", tier: "mysql" },
      annotations: router.at("podAnnotations"),
      spec: or(router.at("podSpec"), mapping({})),
    },
  ];
}

function container(name: string, resources: Field): Mapping {
  return mapping({ name, resources: resources.value });
}

function claim(storage: Field): Tree {
  const size = storage.at("size");
  return size.unknown
    ? size.value
    : mapping({
        accessModes: ["ReadWriteOnce"],
        resources: mapping({ requests: mapping({ storage: size.value }) }),
        // CloudNativePG's name of the field, and Strimzi's.
        storageClassName: or(storage.at("storageClass"), storage.at("class").value),
      });
}

/** CloudNativePG: pods of its own, which here are a StatefulSet; the init container has the size of the server. */
function postgres(cluster: KubeObject): Made[] {
  const spec = cluster.root.at("spec");
  const name: Tree = cluster.root.at("metadata", "name").value;
  const resources = spec.at("resources");
  return [
    {
      kind: "StatefulSet",
      suffix: "",
      replicas: or(spec.at("instances"), 1),
      labels: [spec.at("inheritedMetadata", "labels")],
      ownLabels: { "cnpg.io/cluster": name, "cnpg.io/podRole": "instance" },
      annotations: spec.at("inheritedMetadata", "annotations"),
      spec: mapping({
        // Half an hour unless it is told otherwise.
        terminationGracePeriodSeconds: or(spec.at("stopDelay"), 1800),
        initContainers: [container("bootstrap-controller", resources)],
        containers: [container("postgres", resources)],
      }),
      claims: [spec.at("storage"), spec.at("walStorage")].filter((storage) => !storage.absent).map(claim),
    },
  ];
}

// The operator's program is copied in first, by a container that gets what the namespace gives to those without a size.
function started(template: Field): Tree {
  if (template.unknown) return template.value;
  const entries = template.entries().map(([key, value]): [string, Tree] => [key, value.value]);
  const before = template.at("initContainers");
  if (before.unknown) return mapping(Object.fromEntries(entries));
  const containers = [mapping({ name: "bootstrap-controller" }), ...before.items().map((one) => one.value)];
  return mapping({ ...Object.fromEntries(entries), initContainers: containers });
}

/** CloudNativePG: a Deployment of PgBouncer. */
function pooler(object: KubeObject): Made[] {
  const spec = object.root.at("spec");
  return [
    {
      kind: "Deployment",
      suffix: "",
      replicas: or(spec.at("instances"), 1),
      labels: [spec.at("template", "metadata", "labels")],
      ownLabels: { "cnpg.io/poolerName": object.root.at("metadata", "name").value },
      annotations: spec.at("template", "metadata", "annotations"),
      strategy: spec.at("deploymentStrategy").value,
      spec: started(spec.at("template", "spec")),
    },
  ];
}

/** Strimzi: the grace of the pods of a part, as its template says it. */
function grace(part: Field): Tree {
  return or(part.at("template", "pod", "terminationGracePeriodSeconds"), 30);
}

/** Strimzi: a set of brokers or controllers for each node pool. */
function kafkaPool(pool: KubeObject): Made[] {
  const spec = pool.root.at("spec");
  const cluster: Tree = pool.root.at("metadata", "labels", "strimzi.io/cluster").value;
  const name: Tree = pool.root.at("metadata", "name").value;
  const storage = spec.at("storage");
  const volumes = storage.at("type").text === "jbod" ? storage.at("volumes").items() : [storage];
  const claims = volumes.filter((volume) => volume.at("type").text !== "ephemeral").map(claim);
  return [
    {
      kind: "StatefulSet",
      suffix: "",
      ...(typeof cluster === "string" && typeof name === "string" ? { name: `${cluster}-${name}` } : {}),
      replicas: or(spec.at("replicas"), 1),
      labels: [spec.at("template", "pod", "metadata", "labels")],
      annotations: spec.at("template", "pod", "metadata", "annotations"),
      ownLabels: {
        "strimzi.io/cluster": cluster,
        "strimzi.io/name": typeof cluster === "string" ? `${cluster}-kafka` : cluster,
        "strimzi.io/pool-name": name,
      },
      spec: mapping({
        terminationGracePeriodSeconds: grace(spec),
        containers: [container("kafka", spec.at("resources"))],
      }),
      ...(claims.length === 0 ? {} : { claims }),
    },
  ];
}

/** Strimzi: the operator of topics and users; brokers come with the node pools. */
function kafka(object: KubeObject): Made[] {
  const entity = object.root.at("spec", "entityOperator");
  if (entity.absent) return [];
  const containers = ["topicOperator", "userOperator"]
    .map((key) => ({ key, field: entity.at(key) }))
    .filter(({ field }) => !field.absent)
    .map(({ key, field }) => container(key.replace(/O/, "-o"), field.at("resources")));
  const name: Tree = object.root.at("metadata", "name").value;
  return [
    {
      kind: "Deployment",
      suffix: "-entity-operator",
      replicas: 1,
      labels: [entity.at("template", "pod", "metadata", "labels")],
      annotations: entity.at("template", "pod", "metadata", "annotations"),
      strategy: mapping({ type: or(entity.at("template", "deployment", "deploymentStrategy"), "RollingUpdate") }),
      ownLabels: {
        "strimzi.io/cluster": name,
        "strimzi.io/name": typeof name === "string" ? `${name}-entity-operator` : name,
      },
      spec: mapping({ terminationGracePeriodSeconds: grace(entity), containers }),
    },
  ];
}

const makers: Readonly<Record<string, (object: KubeObject) => Made[]>> = {
  "mysql.oracle.com/InnoDBCluster": mysql,
  "postgresql.cnpg.io/Cluster": postgres,
  "postgresql.cnpg.io/Pooler": pooler,
  "kafka.strimzi.io/KafkaNodePool": kafkaPool,
  "kafka.strimzi.io/Kafka": kafka,
  "monitoring.coreos.com/Prometheus": prometheus,
  "monitoring.coreos.com/Alertmanager": alertmanager,
};

/** What an operator makes of the object is known here, so that the object itself hides nothing. */
export function isOperated(object: KubeObject): boolean {
  return Object.hasOwn(makers, `${object.group}/${object.kind}`) && !object.partial;
}

// Sums are asked for again after each object that arrives, and remember what they know of an object by its identity.
const known = new WeakMap<KubeObject, KubeObject[]>();

/** The workloads that an operator makes of the object; none for other objects. */
export function operatedBy(object: KubeObject): KubeObject[] {
  const make = isOperated(object) ? makers[`${object.group}/${object.kind}`] : undefined;
  if (make === undefined) return [];
  const before = known.get(object);
  if (before !== undefined) return before;
  const made = make(object).map((one) => build(object, one));
  known.set(object, made);
  return made;
}
