import type { ObjectRule, Report } from "../../core/rule.ts";
import { containersOf, type PodTemplate, podTemplates } from "../../kube/pods.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { container, object, pod } from "./cases.ts";
import type { NamingSettings } from "./settings.ts";
import { isDnsLabel, isPortName } from "./syntax.ts";

const labelWanted = "want at most 63 lower-case letters, digits and dashes";
const portWanted = "want at most 15 lower-case letters, digits and single dashes, with a letter among them";
const probes = ["startupProbe", "livenessProbe", "readinessProbe"];

// A port is a number or the name of one; `"8080"` is a name without a letter, which the API server refuses.
function checkPortReference(port: Field, report: Report): void {
  if (port.unknown) report.undecidable(port);
  if (port.text !== undefined && !isPortName(port.text)) report.violated(port, `the port is a text: ${portWanted}`);
}

function checkPod(one: PodTemplate, report: Report): void {
  const required = (name: Field) =>
    report.check(name, (value) => typeof value === "string" && isDnsLabel(value), labelWanted);
  for (const volume of one.spec.at("volumes").items()) required(volume.at("name"));
  for (const { field } of containersOf(one)) {
    if (field.unknown) {
      report.undecidable(field);
      continue;
    }
    required(field.at("name"));
    for (const port of field.at("ports").items()) {
      const name = port.at("name");
      if (name.unknown) report.undecidable(name);
      else if (!name.absent && !(name.text !== undefined && (name.text === "" || isPortName(name.text)))) {
        report.violated(name, portWanted);
      }
    }
    for (const probe of probes) {
      for (const kind of ["httpGet", "tcpSocket"]) checkPortReference(field.at(probe, kind, "port"), report);
    }
  }
}

function checkService(spec: Field, report: Report): void {
  const ports = spec.at("ports").items();
  for (const port of ports) {
    const name = port.at("name");
    if (name.unknown) report.undecidable(name);
    else if (name.text === undefined || name.text === "") {
      if (ports.length > 1) report.violated(name, "a Service with several ports must name each");
    } else if (!isDnsLabel(name.text)) report.violated(name, labelWanted);
    checkPortReference(port.at("targetPort"), report);
  }
}

/** The API server refuses what this finds. */
export const validInnerName: ObjectRule<NamingSettings> = {
  id: "valid-inner-name",
  subject: "object",
  level: "mandatory",
  title: "Containers, volumes and ports have names that the API server accepts.",
  why: "A port name of 16 characters, or a port in quotes, is refused in the middle of an update.",
  fix: "shorten the name; write the number of a port without quotes",
  check(subject, report) {
    for (const one of podTemplates(subject)) checkPod(one, report);
    if (subject.kind === "Service") checkService(subject.root.at("spec"), report);
  },
  good: [
    {
      name: "names of the longest kind",
      objects: [
        pod({
          containers: [
            container({
              name: "a".repeat(63),
              ports: [{ name: "a23456789012345" }, {}],
              livenessProbe: { httpGet: { port: "metrics-port" } },
              readinessProbe: { tcpSocket: { port: 8080 } },
              startupProbe: { exec: { command: ["true"] } },
            }),
          ],
          volumes: [{ name: "4" }],
        }),
      ],
    },
    {
      name: "one port without a name",
      objects: [object("v1", "Service", { spec: { ports: [{ port: 80, targetPort: "web" }] } })],
    },
    {
      name: "names of ports of a Service may be longer",
      objects: [object("v1", "Service", { spec: { ports: [{ name: "a".repeat(63) }] } })],
    },
  ],
  bad: [
    ...["a234567890123456", "8080", "a--b", "-a", "a-", "Web", "web_port"].map((name) => ({
      name: `port ${name}`,
      objects: [pod({ initContainers: [container({ name: "init", ports: [{ name }] })] })],
      expect: [{ path: "spec.initContainers[0].ports[0].name" }],
    })),
    {
      name: "a container without name",
      objects: [pod({ containers: [{ image: "app:1" }] })],
      expect: [{ path: "spec.containers[0].name" }],
    },
    {
      name: "a container with a dot",
      objects: [pod({ containers: [container({ name: "a.b" })] })],
      expect: [{ path: "spec.containers[0].name" }],
    },
    {
      name: "a volume with a capital letter",
      objects: [pod({ volumes: [{ name: "Data" }] })],
      expect: [{ path: "spec.volumes[0].name" }],
    },
    {
      name: "probes with a port in quotes",
      objects: [
        pod({
          containers: [
            container({
              livenessProbe: { httpGet: { port: "8080" } },
              startupProbe: { tcpSocket: { port: "a--b" } },
              readinessProbe: { httpGet: { port: unknown } },
              ports: [{ name: unknown }],
            }),
          ],
        }),
      ],
      expect: [
        { path: "spec.containers[0].livenessProbe.httpGet.port" },
        { path: "spec.containers[0].startupProbe.tcpSocket.port" },
        { path: "spec.containers[0].readinessProbe.httpGet.port", verdict: "undecidable" },
        { path: "spec.containers[0].ports[0].name", verdict: "undecidable" },
        { path: "spec.containers[0].ports[0].name", verdict: "undecidable", rule: "unique-names" },
      ],
    },
    {
      name: "ports of a Service",
      objects: [object("v1", "Service", { spec: { ports: [{ name: "a.b", targetPort: "8080" }, { port: 1 }] } })],
      expect: [{ path: "spec.ports[0].name" }, { path: "spec.ports[0].targetPort" }, { path: "spec.ports[1].name" }],
    },
    {
      name: "names that are not known yet",
      objects: [
        pod({ containers: [container({ name: unknown })] }),
        object("v1", "Service", { spec: { ports: [{ name: unknown }, { name: "A" }] } }),
        pod({ containers: unknown }),
      ].map((one, index) => ({ ...one, metadata: { ...(one["metadata"] as object), name: `sample-${index}` } })),
      expect: [
        { path: "spec.containers[0].name", verdict: "undecidable" },
        { path: "spec.ports[0].name", verdict: "undecidable" },
        { path: "spec.ports[1].name" },
        { path: "spec.containers", verdict: "undecidable" },
        ...["unique-names", "volume-mounts", "references"].map((rule) => ({
          path: "spec.containers",
          verdict: "undecidable" as const,
          rule,
        })),
        { path: "spec.containers[0].name", verdict: "undecidable", rule: "unique-names" },
      ],
    },
  ],
};
