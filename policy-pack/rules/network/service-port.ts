import type { ClusterRule } from "../../core/rule.ts";
import type { Field } from "../../kube/tree.ts";
import { unknown } from "../../kube/tree.ts";
import { container, guarded, service, workload } from "./cases.ts";
import { portsOf } from "./pod-ports.ts";
import { selectingServices, targetsOf } from "./services.ts";
import type { NetworkSettings } from "./settings.ts";

// Absent and 0 mean the port of the Service.
function targetOf(port: Field): Field {
  const target = port.at("targetPort");
  return target.absent || target.value === 0 ? port.at("port") : target;
}

/**
 * Ports by number. What the Service selects is a matter of `service-target`. A pod may serve ports that it does not
 * declare, so pods that declare none are let through.
 */
export const servicePort: ClusterRule<NetworkSettings> = {
  id: "service-port",
  subject: "cluster",
  level: "advisory",
  title: "The numbers of a Service's target ports are among those that its pods declare.",
  why: "A pod that declares other ports than the Service uses most likely does not serve this one.",
  fix: "name the port in the container and in the Service, so that the number is written once",
  check(cluster, report) {
    for (const object of selectingServices(cluster)) {
      const targets = targetsOf(cluster, object);
      if (targets === undefined || targets.pods.length === 0) continue;
      const ports = targets.pods.map(portsOf);
      if (ports.some((one) => one.numbers.size === 0 && !one.vague)) continue;
      for (const port of object.root.at("spec", "ports").items()) {
        const [target, protocol] = [targetOf(port), port.at("protocol")];
        const at = { field: target, object };
        if (target.unknown) report.undecidable(at);
        if (target.number === undefined) continue;
        const number = `${protocol.text ?? "TCP"}/${target.number}`;
        if (!protocol.unknown && ports.some((one) => one.numbers.has(number))) continue;
        if (targets.maybe || protocol.unknown || ports.some((one) => one.vague)) report.undecidable(at);
        else report.violated(at, `no selected pod declares the port ${number}`);
      }
    }
  },
  good: [
    { name: "the number", objects: guarded(service({ ports: [{ port: 80, targetPort: 8080 }] })) },
    { name: "the Service's own port", objects: guarded(service({ ports: [{ port: 8080 }] })) },
    { name: "0 is the Service's own port", objects: guarded(service({ ports: [{ port: 8080, targetPort: 0 }] })) },
    {
      name: "one of two workloads has the port",
      objects: guarded(
        workload({ app: "x" }, {}, { kind: "StatefulSet" }),
        workload({ app: "x" }, { containers: [container([{ containerPort: 1 }])] }, { kind: "DaemonSet" }),
        service({ selector: { app: "x" }, ports: [{ port: 80, targetPort: 8080 }] }),
      ),
    },
    {
      name: "one of two workloads declares nothing",
      objects: guarded(
        workload({ app: "x" }, {}, { kind: "StatefulSet" }),
        workload({ app: "x" }, { containers: [container([])] }, { kind: "DaemonSet" }),
        service({ selector: { app: "x" }, ports: [{ port: 80, targetPort: 1 }] }),
      ),
    },
    {
      name: "pods that declare nothing",
      objects: guarded(
        workload({ app: "x" }, { containers: [container([])] }, { kind: "StatefulSet" }),
        service({ selector: { app: "x" }, ports: [{ port: 80 }] }),
      ),
    },
  ],
  bad: [
    {
      name: "another number",
      objects: guarded(service({ ports: [{ port: 80, targetPort: 8081 }] })),
      expect: [{ path: "spec.ports[0].targetPort" }],
    },
    {
      name: "the port of the Service is no port of the pods",
      objects: guarded(service({ ports: [{ port: 80 }] })),
      expect: [{ path: "spec.ports[0].port" }],
    },
    {
      name: "the number of another protocol",
      objects: guarded(service({ ports: [{ port: 80, targetPort: 8080, protocol: "UDP" }] })),
      expect: [{ path: "spec.ports[0].targetPort" }],
    },
    {
      name: "a protocol that is not known yet, and a number of a container's port",
      objects: guarded(
        service({ ports: [{ port: 80, targetPort: 8080, protocol: unknown }] }),
        workload({ app: "x" }, { containers: [container([{ containerPort: unknown }])] }, { kind: "StatefulSet" }),
        workload({ app: "x" }, {}, { kind: "DaemonSet" }),
        service({ selector: { app: "x" }, ports: [{ port: 8080 }, { port: 80, targetPort: 1 }] }),
      ),
      expect: [
        { path: "spec.ports[0].targetPort", verdict: "undecidable" },
        { path: "spec.ports[1].targetPort", verdict: "undecidable" },
      ],
    },
    {
      name: "a number that is not known yet beside a wrong one",
      objects: guarded(
        service({
          ports: [
            { port: 80, targetPort: unknown },
            { port: 81, targetPort: 1 },
          ],
        }),
      ),
      expect: [
        { path: "spec.ports[0].targetPort", verdict: "undecidable", rule: "service-target" },
        { path: "spec.ports[0].targetPort", verdict: "undecidable", rule: "port-name" },
        { path: "spec.ports[0].targetPort", verdict: "undecidable" },
        { path: "spec.ports[1].targetPort" },
      ],
    },
  ],
};
