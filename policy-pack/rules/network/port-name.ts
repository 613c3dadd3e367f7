import type { ObjectRule, Report } from "../../core/rule.ts";
import { containersOf, podTemplates } from "../../kube/pods.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { container, dnsPeer, egress, guarded, ingressPolicy, inNamespace, plainService, workload } from "./cases.ts";
import { directions, isNetworkPolicy, rulesOf } from "./policies.ts";
import type { NetworkSettings } from "./settings.ts";

// RFC 6335, section 5.1, as the API server holds it against names of ports.
const longest = 15;

function isPortName(name: string): boolean {
  return name.length <= longest && /^[a-z0-9-]+$/.test(name) && /[a-z]/.test(name) && !/^-|--|-$/.test(name);
}

function check(field: Field, report: Report): void {
  // A number is no name; the name of a container's port may be left out.
  report.check(
    field,
    (value) => typeof value !== "string" || isPortName(value),
    `want at most ${longest} of a-z, 0-9 and "-", with a letter, without "-" at an end or twice in a row`,
  );
}

/** Names of ports of pods. A Service's own port has a name of another kind, up to 63 characters: it is not meant. */
export const portName: ObjectRule<NetworkSettings> = {
  id: "port-name",
  subject: "object",
  level: "mandatory",
  title: "Names of ports are names of services as IANA writes them.",
  why: "The API server refuses any other name, in the middle of an up.",
  fix: 'use a short name such as "http-metrics"; write a number without quotes',
  check(object, report) {
    if (object.kind === "Service" && object.group === "") {
      for (const port of object.root.at("spec", "ports").items()) check(port.at("targetPort"), report);
    } else if (isNetworkPolicy(object)) {
      for (const { direction } of directions) {
        const ports = rulesOf(object, direction)
          .items()
          .flatMap((rule) => rule.at("ports").items());
        for (const port of ports) check(port.at("port"), report);
      }
    } else {
      for (const one of podTemplates(object).flatMap(containersOf)) {
        for (const port of one.field.at("ports").items()) check(port.at("name"), report);
      }
    }
  },
  good: [
    { name: "a name of a container's port", objects: guarded() },
    {
      name: "15 characters, and no name",
      objects: guarded(
        workload(
          { app: "x" },
          { containers: [container([{ name: "abcdefghijklmn1", containerPort: 1 }, { containerPort: 2 }])] },
          { kind: "StatefulSet" },
        ),
      ),
    },
    {
      name: "a Service's own port has a longer name",
      objects: [plainService({ ports: [{ name: "a-name-of-many-characters", port: 80, targetPort: 8080 }] })],
    },
  ],
  bad: [
    ...["abcdefghijklmno1", "Http", "8080", "a--b", "-a", "a-", "http_2", ""].map((name) => ({
      name: `"${name}" in a container`,
      objects: guarded(
        workload({ app: "x" }, { containers: [container([{ name, containerPort: 1 }])] }, { kind: "StatefulSet" }),
      ),
      expect: [{ path: "spec.template.spec.containers[0].ports[0].name" }],
    })),
    {
      name: "in a sidecar",
      objects: guarded(
        workload(
          { app: "x" },
          { initContainers: [{ ...container([{ name: "A", containerPort: 1 }]), restartPolicy: "Always" }] },
          { kind: "StatefulSet" },
        ),
      ),
      expect: [{ path: "spec.template.spec.initContainers[0].ports[0].name" }],
    },
    {
      name: "a number in quotes in a Service",
      objects: [plainService({ ports: [{ port: 80, targetPort: "8080" }] })],
      expect: [{ path: "spec.ports[0].targetPort" }],
    },
    {
      name: "a number in quotes in policies",
      objects: [
        ingressPolicy({ from: [inNamespace("x")], ports: [{ port: "443" }] }),
        egress({ to: [dnsPeer], ports: [{ port: 53 }, { port: "53" }] }),
      ],
      expect: [{ path: "spec.ingress[0].ports[0].port" }, { path: "spec.egress[0].ports[1].port" }],
    },
    {
      name: "a name that is not known yet beside a bad one",
      objects: guarded(
        workload(
          { app: "x" },
          {
            containers: [
              container([
                { name: unknown, containerPort: 1 },
                { name: "A", containerPort: 2 },
              ]),
            ],
          },
          { kind: "StatefulSet" },
        ),
      ),
      expect: [
        { path: "spec.template.spec.containers[0].ports[0].name", verdict: "undecidable" },
        { path: "spec.template.spec.containers[0].ports[1].name" },
      ],
    },
  ],
};
