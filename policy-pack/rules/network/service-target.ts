import type { ClusterRule } from "../../core/rule.ts";
import { namespaceOf } from "../../kube/objects.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { alertmanager, container, guarded, operated, plainService, release, service, workload } from "./cases.ts";
import { elsewhereOf, listsSelectedByMap, othersMay } from "./elsewhere.ts";
import type { Selection } from "./pod-index.ts";
import { portsOf } from "./pod-ports.ts";
import { selectingServices, targetsOf } from "./services.ts";
import type { NetworkSettings } from "./settings.ts";

function checkPort(
  port: Field,
  targets: Selection,
  refuse: (field: Field, sure: boolean, message: string) => void,
): void {
  const [target, protocol] = [port.at("targetPort"), port.at("protocol")];
  if (target.text === undefined && !target.unknown) return;
  const name = `${protocol.text ?? "TCP"}/${target.text}`;
  const ports = targets.pods.map(portsOf);
  if (!target.unknown && !protocol.unknown && ports.some((one) => one.names.has(name))) return;
  const sure = !target.unknown && !protocol.unknown && !targets.maybe && !ports.some((one) => one.vague);
  refuse(target, sure, `no selected pod has a port ${name}`);
}

/** Where Services lead. Without a selector, or as ExternalName, they lead where somebody else says. */
export const serviceTarget: ClusterRule<NetworkSettings> = {
  id: "service-target",
  subject: "cluster",
  level: "mandatory",
  title: "A Service selects pods, and the ports that it names are theirs.",
  why: "A Service without end points refuses every connection, and nothing else says so.",
  fix: "write the labels and port names of the pods; list pods that others make in the setting elsewherePods",
  check(cluster, report, settings) {
    for (const object of selectingServices(cluster)) {
      const selector = object.root.at("spec", "selector");
      const [namespace, targets] = [namespaceOf(object), targetsOf(cluster, object)];
      const type = object.root.at("spec", "type");
      const refuse = (field: Field, sure: boolean, message: string) => {
        // As ExternalName it would lead elsewhere.
        if (sure && !type.unknown) report.violated({ field, object }, message);
        else report.undecidable({ field, object });
      };
      if (namespace === undefined || targets === undefined) report.undecidable({ field: selector, object });
      else if (targets.pods.length === 0) {
        const listed = listsSelectedByMap(settings, namespace, selector);
        if (listed === true) continue;
        const known = !targets.maybe && listed === false;
        if (known && elsewhereOf(cluster).mayMake(namespace))
          report.undecidable({ field: selector, object }, othersMay);
        else refuse(selector, known, "selects no pod of the stack");
      } else for (const port of object.root.at("spec", "ports").items()) checkPort(port, targets, refuse);
    }
  },
  good: [
    { name: "pods with the named port", objects: guarded(service()) },
    { name: "no selector", objects: [plainService()] },
    { name: "an empty selector", objects: [service({ selector: {} })] },
    { name: "another name of a place", objects: [service({ type: "ExternalName", externalName: "a.example.com" })] },
    {
      name: "one pod of a StatefulSet",
      objects: guarded(
        workload({ app: "world" }, {}, { kind: "StatefulSet", metadata: { name: "world", namespace: "sample" } }),
        service({ selector: { app: "world", "statefulset.kubernetes.io/pod-name": "world-0" } }),
      ),
    },
    {
      name: "a port of a sidecar",
      objects: guarded(
        workload(
          { app: "x" },
          { initContainers: [{ ...container([{ name: "admin", containerPort: 9 }]), restartPolicy: "Always" }] },
          { kind: "StatefulSet" },
        ),
        service({ selector: { app: "x" }, ports: [{ port: 80, targetPort: "admin" }] }),
      ),
    },
    {
      name: "one of two workloads has the port",
      objects: guarded(
        workload({ app: "x" }, {}, { kind: "StatefulSet" }),
        workload(
          { app: "x" },
          { containers: [container([{ name: "other", containerPort: 1 }])] },
          { kind: "DaemonSet" },
        ),
        service({ selector: { app: "x" } }),
      ),
    },
    { name: "a Service of another group", objects: [{ ...service(), apiVersion: "serving.knative.dev/v1" }] },
    { name: "a patch of a Service", objects: [{ type: "kubernetes:core/v1:ServicePatch", props: service() }] },
    {
      name: "ports of an Alertmanager, which the operator names",
      objects: guarded(
        alertmanager(),
        service({
          selector: { app: "x" },
          ports: [
            { port: 80, targetPort: "web" },
            { port: 81, targetPort: "mesh-udp", protocol: "UDP" },
            { port: 82, targetPort: "reloader-web" },
          ],
        }),
      ),
    },
    { name: "a store that an operator makes", objects: [service({ selector: { app: "mysql" } })] },
    {
      name: "pods that an operator labels, with one label of the template",
      objects: guarded(
        {
          apiVersion: "agones.dev/v1",
          kind: "GameServer",
          metadata: { name: "a", namespace: "sample" },
          spec: { template: { metadata: { labels: { app: "gs" } }, spec: { containers: [container()] } } },
        },
        service({ selector: { app: "gs" } }),
      ),
    },
  ],
  bad: [
    { name: "no pods", objects: [service()], expect: [{ path: "spec.selector" }] },
    {
      name: "another label",
      objects: guarded(service({ selector: { app: "sample", tier: "x" } })),
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "pods of another namespace",
      objects: guarded({ ...service(), metadata: { name: "sample", namespace: "other" } }),
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "no port of that name",
      objects: guarded(service({ ports: [{ port: 80, targetPort: "web" }] })),
      expect: [{ path: "spec.ports[0].targetPort" }],
    },
    {
      name: "a port of that name, of another protocol",
      objects: guarded(service({ ports: [{ port: 80, targetPort: "http", protocol: "UDP" }] })),
      expect: [{ path: "spec.ports[0].targetPort" }],
    },
    {
      name: "a port of an init container that ends",
      objects: guarded(
        workload(
          { app: "x" },
          { initContainers: [container([{ name: "admin", containerPort: 9 }])] },
          { kind: "StatefulSet" },
        ),
        service({ selector: { app: "x" }, ports: [{ port: 80, targetPort: "admin" }] }),
      ),
      expect: [{ path: "spec.ports[0].targetPort" }],
    },
    {
      name: "an Alertmanager that listens for its own pod alone",
      objects: guarded(
        alertmanager({ listenLocal: true }),
        service({ selector: { app: "x" }, ports: [{ port: 80, targetPort: "web" }] }),
      ),
      expect: [{ path: "spec.ports[0].targetPort" }],
    },
    {
      name: "an operator may bring the pods",
      objects: [service({ selector: { app: "x" } }), operated()],
      expect: [{ path: "spec.selector", verdict: "undecidable" }],
    },
    {
      name: "a Helm release may bring the pods",
      objects: [service({ selector: { app: "x" } }), release(unknown)],
      expect: [{ path: "spec.selector", verdict: "undecidable" }],
    },
    {
      name: "an operator may add the label to the pods of its template",
      objects: guarded(
        {
          apiVersion: "agones.dev/v1",
          kind: "GameServer",
          metadata: { name: "a", namespace: "sample" },
          spec: { template: { metadata: { labels: { app: "gs" } }, spec: { containers: [container()] } } },
        },
        service({ selector: { app: "gs", "agones.dev/role": "gameserver" } }),
      ),
      expect: [{ path: "spec.selector", verdict: "undecidable" }],
    },
    {
      name: "a namespace of the Service that is not known yet",
      objects: [{ ...service(), metadata: { name: "sample", namespace: unknown } }],
      expect: [{ path: "spec.selector", verdict: "undecidable" }],
    },
    {
      name: "a whole selector, a protocol and a restart policy that are not known yet",
      objects: guarded(
        service({ selector: unknown }),
        service({ ports: [{ port: 80, protocol: unknown, targetPort: "http" }] }),
        workload(
          { app: "y" },
          { initContainers: [{ ...container([{ name: "admin", containerPort: 9 }]), restartPolicy: unknown }] },
          { kind: "StatefulSet" },
        ),
        service({
          selector: { app: "y" },
          ports: [
            { port: 81, targetPort: "http" },
            { port: 80, targetPort: "admin" },
          ],
        }),
      ),
      expect: [
        { path: "spec.selector", verdict: "undecidable" },
        { path: "spec.ports[0].targetPort", verdict: "undecidable" },
        { path: "spec.ports[1].targetPort", verdict: "undecidable" },
      ],
    },
    {
      name: "a type that is not known yet",
      objects: [service({ type: unknown })],
      expect: [
        { path: "spec.selector", verdict: "undecidable" },
        { path: "spec.type", verdict: "undecidable", rule: "service-exposure" },
        { path: "spec.type", verdict: "undecidable", rule: "load-balancer-source-ranges" },
      ],
    },
    {
      name: "a selector that is not known yet",
      objects: guarded(service({ selector: { app: unknown } })),
      expect: [{ path: "spec.selector", verdict: "undecidable" }],
    },
    {
      name: "a selector of which one label is not known yet and another is of no pod",
      objects: guarded(service({ selector: { tier: unknown, app: "x" } })),
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "a name of a container's port that is not known yet, and one that is there",
      objects: guarded(
        workload(
          { app: "x" },
          {
            containers: [
              container([
                { name: unknown, containerPort: 9 },
                { name: "http", containerPort: 80 },
              ]),
            ],
          },
          { kind: "StatefulSet" },
        ),
        service({
          selector: { app: "x" },
          ports: [
            { port: 80, targetPort: "http" },
            { port: 81, targetPort: "web" },
          ],
        }),
      ),
      expect: [
        { path: "spec.ports[1].targetPort", verdict: "undecidable" },
        { path: "spec.template.spec.containers[0].ports[0].name", verdict: "undecidable", rule: "port-name" },
      ],
    },
  ],
};
