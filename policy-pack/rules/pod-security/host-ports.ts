import type { PodRule } from "../../core/rule.ts";
import { containersOf } from "../../kube/pods.ts";
import { container, pod, podWith } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

/** Pod Security Standards, baseline, "Host Ports". */
export const hostPorts: PodRule<PodSecuritySettings> = {
  id: "host-ports",
  subject: "pod",
  level: "mandatory",
  title: "No container takes a port of its node.",
  why: "A port of the node goes around Services and network policies, and only one pod of a node can have it.",
  fix: "remove hostPort and use a Service; Agones game servers need it by design: exempt them by namespace and kind",
  check(template, report) {
    for (const one of containersOf(template)) {
      for (const port of one.field.at("ports").items()) {
        report.check(
          { field: port.at("hostPort"), container: one },
          (value) => value === undefined || value === 0,
          "hostPort must be absent",
        );
      }
    }
  },
  good: [
    { name: "hostPort is 0", objects: [podWith({}, { ports: [{ containerPort: 8080, hostPort: 0 }] })] },
    { name: "a port of the container alone", objects: [podWith({}, { ports: [{ containerPort: 8080 }] })] },
  ],
  bad: [
    {
      name: "the second port is one of the node",
      objects: [podWith({}, { ports: [{ containerPort: 8080 }, { containerPort: 7777, hostPort: 7777 }] })],
      expect: [{ path: "spec.containers[0].ports[1].hostPort" }],
    },
    {
      name: "a sidecar takes one",
      objects: [
        pod({
          initContainers: [container({}, { restartPolicy: "Always", ports: [{ containerPort: 1, hostPort: 1 }] })],
        }),
      ],
      expect: [{ path: "spec.initContainers[0].ports[0].hostPort" }],
    },
  ],
};
