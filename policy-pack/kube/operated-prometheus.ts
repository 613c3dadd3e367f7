/** What the Prometheus operator (0.93: pkg/prometheus/server/statefulset.go, pkg/alertmanager/statefulset.go) makes. */
import { type Made, type Mapping, mapping, or } from "./made.ts";
import type { KubeObject } from "./objects.ts";
import { Field, type Tree, unknown } from "./tree.ts";

// Fields of the resource that the operator hands on to the pods under the same name.
const podFields = [
  "affinity",
  "automountServiceAccountToken",
  "enableServiceLinks",
  "hostNetwork",
  "hostUsers",
  "imagePullSecrets",
  "nodeSelector",
  "priorityClassName",
  "securityContext",
  "serviceAccountName",
  "tolerations",
  "topologySpreadConstraints",
];

const reloaderName = "config-reloader";

function isMapping(tree: Tree): tree is Mapping {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree);
}

// As a strategic merge does it with what is written here: mappings by key, ports beside each other.
function laidOver(base: Tree, patch: Tree): Tree {
  if (patch === undefined || patch === null) return base;
  if (base === unknown && isMapping(patch)) return unknown;
  if (Array.isArray(base) && Array.isArray(patch)) return [...base, ...patch];
  if (!isMapping(base) || !isMapping(patch)) return patch;
  const keys = Object.keys({ ...base, ...patch });
  return mapping(Object.fromEntries(keys.map((key) => [key, laidOver(base[key], patch[key])])));
}

// Containers of the resource are laid over those of the operator by name; those of other names stand beside them.
function containers(own: readonly Mapping[], given: Field): Tree {
  const patches = given.items();
  if (patches.some((one) => one.at("name").unknown)) return unknown;
  const names = new Set(own.map((one) => one["name"]));
  const patchOf = (name: Tree) => patches.find((one) => one.at("name").value === name)?.value;
  return [
    ...own.map((one) => laidOver(one, patchOf(one["name"]))),
    ...patches.filter((one) => !names.has(one.at("name").value)).map((one) => one.value),
  ];
}

type Ports = Readonly<Record<string, number>>;

function portList(ports: Ports, protocol = "TCP"): Tree[] {
  return Object.entries(ports).map(([name, containerPort]) => mapping({ name, containerPort, protocol }));
}

// A server that listens for its own pod alone has no port for others.
function webPorts(spec: Field, ports: Ports): Tree {
  const local = spec.at("listenLocal");
  if (local.unknown) return unknown;
  return local.value === true ? [] : portList(ports);
}

// Secrets and ConfigMaps that the resource lists, a volume that ends with the pod, and its own volumes.
function volumes(spec: Field): Tree {
  const ephemeral = spec.at("storage", "ephemeral");
  return [
    ...spec
      .at("secrets")
      .items()
      .map((one) => mapping({ name: `secret-${one.text}`, secret: mapping({ secretName: one.value }) })),
    ...spec
      .at("configMaps")
      .items()
      .map((one) => mapping({ name: `configmap-${one.text}`, configMap: mapping({ name: one.value }) })),
    ...(ephemeral.absent || ephemeral.unknown ? [] : [mapping({ name: "db", ephemeral: ephemeral.value })]),
    ...spec
      .at("volumes")
      .items()
      .map((one) => one.value),
  ];
}

function claims(storage: Field): Made["claims"] {
  const otherwise = ["emptyDir", "ephemeral"].map((key) => storage.at(key));
  if (otherwise.some((one) => one.unknown)) return unknown;
  if (storage.absent || otherwise.some((one) => !one.absent)) return [];
  return [or(storage.at("volumeClaimTemplate", "spec"), mapping({}))];
}

interface Server {
  kind: "prometheus" | "alertmanager";
  graceSeconds: number;
  replicas: Tree;
  ownLabels: Readonly<Record<string, Tree>>;
  /** Containers of the operator beside its reloader. */
  containers: readonly Mapping[];
}

function made({ root }: KubeObject, server: Server): Made[] {
  const spec = root.at("spec");
  const name = root.at("metadata", "name");
  const version = spec.at("version");
  const own = new Field(
    mapping({ "app.kubernetes.io/version": version.text === undefined ? unknown : version.text.replace(/^v/, "") }),
  );
  const reloader = mapping({ name: reloaderName, ports: webPorts(spec, { "reloader-web": 8080 }) });
  const handedOn = podFields.map((key): [string, Tree] => [key, spec.at(key).value]);
  return [
    {
      kind: "StatefulSet",
      suffix: "",
      ...(name.text === undefined ? {} : { name: `${server.kind}-${name.text}` }),
      replicas: server.replicas,
      labels: [own, spec.at("podMetadata", "labels")],
      ownLabels: {
        "app.kubernetes.io/name": server.kind,
        "app.kubernetes.io/managed-by": "prometheus-operator",
        "app.kubernetes.io/instance": name.value,
        [server.kind]: name.value,
        ...server.ownLabels,
      },
      annotations: spec.at("podMetadata", "annotations"),
      spec: mapping({
        ...Object.fromEntries(handedOn),
        terminationGracePeriodSeconds: or(spec.at("terminationGracePeriodSeconds"), server.graceSeconds),
        initContainers: containers([mapping({ name: `init-${reloaderName}` })], spec.at("initContainers")),
        containers: containers([...server.containers, reloader], spec.at("containers")),
        volumes: volumes(spec),
      }),
      claims: claims(spec.at("storage")),
    },
  ];
}

// Each shard is a set of its own, all of one size.
function times(replicas: Tree, shards: Tree): Tree {
  if (shards === 1) return replicas;
  return typeof replicas === "number" && typeof shards === "number" ? replicas * Math.max(1, shards) : unknown;
}

/** A StatefulSet for each shard, which here are one. */
export function prometheus(object: KubeObject): Made[] {
  const spec = object.root.at("spec");
  const shards = or(spec.at("shards"), 1);
  const thanos = spec.at("thanos");
  return made(object, {
    kind: "prometheus",
    graceSeconds: 600,
    replicas: times(or(spec.at("replicas"), 1), shards),
    ownLabels: {
      "operator.prometheus.io/name": object.root.at("metadata", "name").value,
      "operator.prometheus.io/shard": shards === 1 ? "0" : unknown,
    },
    containers: [
      mapping({
        name: "prometheus",
        resources: spec.at("resources").value,
        ports: webPorts(spec, { [spec.at("portName").text ?? "web"]: 9090 }),
      }),
      ...(thanos.absent ? [] : [mapping({ name: "thanos-sidecar", resources: thanos.at("resources").value })]),
    ],
  });
}

/** A StatefulSet; without a request for memory it has one of 200Mi. */
export function alertmanager(object: KubeObject): Made[] {
  const spec = object.root.at("spec");
  const web = webPorts(spec, { [spec.at("portName").text ?? "web"]: 9093 });
  const mesh = [...portList({ "mesh-tcp": 9094 }), ...portList({ "mesh-udp": 9094 }, "UDP")];
  return made(object, {
    kind: "alertmanager",
    graceSeconds: 120,
    replicas: or(spec.at("replicas"), 1),
    ownLabels: {},
    containers: [
      mapping({
        name: "alertmanager",
        resources: laidOver(mapping({ requests: mapping({ memory: "200Mi" }) }), spec.at("resources").value),
        ports: Array.isArray(web) ? [...web, ...mesh] : web,
      }),
    ],
  });
}
