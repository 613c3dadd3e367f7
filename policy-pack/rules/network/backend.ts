import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule, Report } from "../../core/rule.ts";
import { type KubeObject, nameOf, namespaceOf } from "../../kube/objects.ts";
import { unknown } from "../../kube/tree.ts";
import { type Backend, backendsOfIngress, backendsOfRoute } from "./backends.ts";
import { ingress, ingressTo, operated, plainService, release, route, routeTo } from "./cases.ts";
import { elsewhereOf } from "./elsewhere.ts";
import { isGatewayApi, isIngress, routeKinds } from "./ingress-rules.ts";
import { ServiceIndex } from "./services.ts";
import type { NetworkSettings } from "./settings.ts";

/** A cluster as routes see it. */
interface View {
  cluster: Cluster;
  services: ServiceIndex;
  /** Namespaces in which the stack has something: there it can be expected to have the Service too. */
  own: ReadonlySet<string>;
  elsewhere: ReadonlySet<string>;
}

function checkPort(service: KubeObject, { object, port }: Backend, report: Report): void {
  const [ports, type] = [service.root.at("spec", "ports"), service.root.at("spec", "type")];
  // The API server itself asks for a port.
  if (port.absent || service.partial || (type.text === "ExternalName" && ports.absent)) return;
  const noPort = type.unknown && ports.absent;
  if (port.unknown || noPort) {
    report.undecidable({ field: port, object });
    return;
  }
  const known = ports.items().map((one) => one.at(port.text === undefined ? "port" : "name"));
  if (known.some((one) => one.value === port.value)) return;
  if (known.some((one) => one.unknown)) report.undecidable({ field: port, object });
  else report.violated({ field: port, object }, "the Service has no such port");
}

function checkBackend(backend: Backend, view: View, report: Report): void {
  const { object, name } = backend;
  const own = backend.namespace === undefined || backend.namespace.absent;
  const namespace = own ? namespaceOf(object) : backend.namespace?.text;
  if (name.unknown || namespace === undefined || name.text === undefined) {
    if (!name.absent) report.undecidable({ field: name, object });
    return;
  }
  const service = view.services.get(namespace, name.text);
  if (service !== undefined) checkPort(service, backend, report);
  else if (view.elsewhere.has(`${namespace}/${name.text}`)) return;
  else if (
    view.services.mayHave(namespace) ||
    elsewhereOf(view.cluster).mayMake(namespace) ||
    !view.own.has(namespace)
  ) {
    report.undecidable({ field: name, object }, "the Service may be made elsewhere");
  } else report.violated({ field: name, object }, `the stack has no Service "${name.text}" in ${namespace}`);
}

/** Backends of Ingresses and of routes of the Gateway API, mirrors too. */
export const backend: ClusterRule<NetworkSettings> = {
  id: "backend",
  subject: "cluster",
  level: "mandatory",
  title: "Routes lead to Services that exist, by ports that they have.",
  why: "A route to nothing answers every player with an error, and the one that replaces it may be anybody's.",
  fix: "write name and port of the Service, not of its pods; list Services that others make in elsewhereServices",
  check(cluster, report, settings) {
    const backends = [
      ...cluster.ofKind("Ingress").filter(isIngress).flatMap(backendsOfIngress),
      ...cluster
        .ofKind(...routeKinds)
        .filter(isGatewayApi)
        .flatMap(backendsOfRoute),
    ];
    if (backends.length === 0) return;
    const namespaces = cluster
      .ofKind("Namespace")
      .map(nameOf)
      .filter((name) => name !== undefined);
    const view = {
      cluster,
      services: new ServiceIndex(cluster),
      own: new Set([...cluster.namespaces(), ...namespaces]),
      elsewhere: new Set(settings.elsewhereServices),
    };
    for (const one of backends) checkBackend(one, view, report);
  },
  good: [
    { name: "an Ingress by number", objects: [ingress(), plainService()] },
    {
      name: "an Ingress by name",
      objects: [ingressTo({ service: { name: "sample", port: { name: "http" } } }), plainService()],
    },
    {
      name: "an Ingress of an old version",
      objects: [
        {
          ...ingressTo({ serviceName: "sample", servicePort: "http" }),
          apiVersion: "extensions/v1beta1",
        },
        plainService(),
      ],
    },
    {
      name: "a bucket",
      objects: [ingressTo({ resource: { kind: "Bucket", name: "x" } })],
    },
    ...routeKinds.map((kind) => ({ name: `a ${kind}`, objects: [route({}, kind), plainService()] })),
    {
      name: "a backend of another kind",
      objects: [routeTo({ kind: "Bucket", name: "x" })],
    },
    {
      name: "the second port",
      objects: [
        ingress(),
        plainService({
          ports: [
            { name: "a", port: 81 },
            { name: "b", port: 80 },
          ],
        }),
      ],
    },
    {
      name: "a patch of a Service says only what it changes",
      objects: [ingress(), { type: "kubernetes:core/v1:ServicePatch", props: plainService({ ports: undefined }) }],
    },
    { name: "a Service made elsewhere", objects: [ingress()], settings: { elsewhereServices: ["sample/sample"] } },
    {
      name: "a Service that is another name of a place",
      objects: [ingress(), plainService({ type: "ExternalName", externalName: "a.example.com", ports: undefined })],
    },
  ],
  bad: [
    {
      name: "no Service",
      objects: [ingress()],
      expect: [{ path: "spec.rules[0].http.paths[0].backend.service.name" }],
    },
    {
      name: "the Service is in another namespace",
      objects: [ingress(), { ...plainService(), metadata: { name: "sample", namespace: "other" } }],
      expect: [{ path: "spec.rules[0].http.paths[0].backend.service.name" }],
    },
    {
      name: "the port of the pods instead of the Service's",
      objects: [
        ingressTo({ service: { name: "sample", port: { number: 8080 } } }),
        plainService({ ports: [{ port: 80, targetPort: 8080 }] }),
      ],
      expect: [{ path: "spec.rules[0].http.paths[0].backend.service.port.number" }],
    },
    {
      name: "no port of that name",
      objects: [ingressTo({ service: { name: "sample", port: { name: "web" } } }), plainService()],
      expect: [{ path: "spec.rules[0].http.paths[0].backend.service.port.name" }],
    },
    {
      name: "the default backend",
      objects: [
        ingress({ tls: [{}], defaultBackend: { service: { name: "other", port: { number: 80 } } } }),
        plainService(),
      ],
      expect: [{ path: "spec.defaultBackend.service.name" }, { path: "spec.defaultBackend", rule: "wildcard-host" }],
    },
    {
      name: "a port of an old version",
      objects: [
        {
          ...ingressTo({ serviceName: "sample", servicePort: 81 }),
          apiVersion: "networking.k8s.io/v1beta1",
        },
        plainService(),
      ],
      expect: [{ path: "spec.rules[0].http.paths[0].backend.servicePort" }],
    },
    ...routeKinds.map((kind) => ({
      name: `a ${kind} without its Service, and without its port`,
      objects: [
        route(
          {
            rules: [
              {
                backendRefs: [
                  { name: "other", port: 80 },
                  { name: "sample", port: 81 },
                ],
              },
            ],
          },
          kind,
        ),
        plainService(),
      ],
      expect: [{ path: "spec.rules[0].backendRefs[0].name" }, { path: "spec.rules[0].backendRefs[1].port" }],
    })),
    {
      name: "a mirror",
      objects: [
        route({
          rules: [{ filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name: "x", port: 80 } } }] }],
        }),
      ],
      expect: [{ path: "spec.rules[0].filters[0].requestMirror.backendRef.name" }],
    },
    {
      name: "a namespace in which the stack has nothing",
      objects: [routeTo({ name: "sample", namespace: "other", port: 80 })],
      expect: [{ path: "spec.rules[0].backendRefs[0].name", verdict: "undecidable" }],
    },
    {
      name: "an operator or a Helm release may make the Service",
      objects: [ingress(), operated(), release("sample")],
      expect: [{ path: "spec.rules[0].http.paths[0].backend.service.name", verdict: "undecidable" }],
    },
    {
      name: "a place with another name has ports, but not this one",
      objects: [
        ingress(),
        plainService({ type: "ExternalName", externalName: "a.example.com", ports: [{ name: "a", port: 81 }] }),
      ],
      expect: [{ path: "spec.rules[0].http.paths[0].backend.service.port.number" }],
    },
    {
      name: "a Service without ports that may turn out to be another name of a place",
      objects: [ingress(), plainService({ type: unknown, ports: undefined })],
      expect: [
        { path: "spec.rules[0].http.paths[0].backend.service.port.number", verdict: "undecidable" },
        { path: "spec.type", verdict: "undecidable", rule: "service-exposure" },
        { path: "spec.type", verdict: "undecidable", rule: "load-balancer-source-ranges" },
      ],
    },
    {
      name: "backends, names and ports that are not known yet",
      objects: [
        routeTo(
          { name: unknown, port: 80 },
          { name: "sample", port: unknown },
          { name: "sample", namespace: unknown, port: 80 },
        ),
        ingressTo(unknown),
        plainService(),
      ],
      expect: [
        { path: "spec.rules[0].backendRefs[0].name", verdict: "undecidable" },
        { path: "spec.rules[0].backendRefs[1].port", verdict: "undecidable" },
        { path: "spec.rules[0].backendRefs[2].name", verdict: "undecidable" },
        { path: "spec.rules[0].http.paths[0].backend", verdict: "undecidable" },
      ],
    },
    {
      name: "a port among others of which one is not known yet",
      objects: [
        routeTo({ name: "sample", port: 80 }, { name: "sample", port: 81 }),
        plainService({
          ports: [
            { name: "a", port: 80 },
            { name: "b", port: unknown },
          ],
        }),
      ],
      expect: [{ path: "spec.rules[0].backendRefs[1].port", verdict: "undecidable" }],
    },
    {
      name: "a port that is not known yet, beside a Service that is missing",
      objects: [
        routeTo({ name: "sample", port: 80 }, { name: "other", port: 80 }),
        plainService({ ports: [{ port: unknown }] }),
      ],
      expect: [
        { path: "spec.rules[0].backendRefs[0].port", verdict: "undecidable" },
        { path: "spec.rules[0].backendRefs[1].name" },
      ],
    },
    {
      name: "a Service whose name is not known yet",
      objects: [ingress(), { ...plainService(), metadata: { name: unknown, namespace: "sample" } }],
      expect: [{ path: "spec.rules[0].http.paths[0].backend.service.name", verdict: "undecidable" }],
    },
  ],
};
