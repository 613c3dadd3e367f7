import type { PodRule, Report } from "../../core/rule.ts";
import { type Container, containersOf } from "../../kube/pods.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { container, pod } from "./cases.ts";
import type { NamingSettings } from "./settings.ts";

interface Named {
  field: Field;
  container?: Container;
}

function checkUnique(list: readonly Named[], report: Report, message: string): void {
  const seen = new Set<string>();
  for (const place of list) {
    const { text } = place.field;
    if (place.field.unknown) report.undecidable(place);
    if (text === undefined || text === "") continue;
    if (seen.has(text)) report.violated(place, message);
    seen.add(text);
  }
}

// `PATH="$(PATH):/more"` adds to what stands above it, as the API server's own warning has it.
function checkEnvironment(owner: Container, report: Report): void {
  const seen = new Set<string>();
  for (const one of owner.field.at("env").items()) {
    const [name, value] = [one.at("name"), one.at("value")];
    if (name.unknown) report.undecidable({ field: name, container: owner });
    if (name.text === undefined) continue;
    const reference = `$(${name.text})`;
    if (seen.has(name.text)) {
      const adds = value.text !== undefined && value.text !== reference && value.text.includes(reference);
      if (value.unknown && one.at("valueFrom").absent) report.undecidable({ field: value, container: owner });
      else if (!adds)
        report.violated({ field: name, container: owner }, `${name.text} stands twice, and the later one wins`);
    }
    seen.add(name.text);
  }
}

// Ports that nobody named apart: the protocol is TCP where none is written.
function checkPorts(owner: Container, report: Report): void {
  const seen = new Set<string>();
  for (const port of owner.field.at("ports").items()) {
    const [number, protocol, hostPort, hostIp] = ["containerPort", "protocol", "hostPort", "hostIP"].map((key) =>
      port.at(key),
    );
    const open = [number, protocol, hostPort, hostIp].find((one) => one?.unknown === true);
    if (open !== undefined) report.undecidable({ field: open, container: owner });
    if (open !== undefined || number?.number === undefined) continue;
    const key = [number.number, protocol?.text ?? "TCP", hostPort?.number ?? 0, hostIp?.text ?? ""].join(" ");
    if (seen.has(key)) report.violated({ field: number, container: owner }, `port ${number.number} stands twice`);
    seen.add(key);
  }
}

/** Two things of one name in one pod: the API server refuses most, and lets the later one win in the rest. */
export const uniqueNames: PodRule<NamingSettings> = {
  id: "unique-names",
  subject: "pod",
  level: "mandatory",
  title: "Containers, volumes, mounts, ports and environment variables of a pod have names of their own.",
  why: "Of two environment variables of one name the later one wins without a word; the rest is refused.",
  fix: "remove one of the two, or rename it",
  check(template, report) {
    const containers = containersOf(template);
    const of = (owner: Container, list: string, key: string): Named[] =>
      owner.field
        .at(list)
        .items()
        .map((one) => ({ field: one.at(key), container: owner }));
    checkUnique(
      containers.map((one) => ({ field: one.field.at("name"), container: one })),
      report,
      "another container of the pod has that name",
    );
    const volumes = template.spec
      .at("volumes")
      .items()
      .map((one) => ({ field: one.at("name") }));
    checkUnique(volumes, report, "another volume of the pod has that name");
    // Probes and Services find a port by its name in the whole pod.
    checkUnique(
      containers.flatMap((one) => of(one, "ports", "name")),
      report,
      "another port of the pod has that name",
    );
    for (const owner of containers.filter((one) => !one.field.unknown)) {
      checkEnvironment(owner, report);
      checkPorts(owner, report);
      checkUnique(of(owner, "volumeMounts", "mountPath"), report, "another volume is mounted at that path");
      checkUnique(of(owner, "volumeDevices", "devicePath"), report, "another device has that path");
    }
  },
  good: [
    {
      name: "the same names in other containers, and other ports",
      objects: [
        pod({
          initContainers: [
            container({
              name: "init",
              env: [{ name: "A", value: "1" }],
              volumeMounts: [{ name: "v", mountPath: "/a" }],
            }),
          ],
          containers: [
            container({
              env: [
                { name: "A", value: "1" },
                { name: "a", value: "1" },
                { name: "PATH", value: "/a" },
                { name: "PATH", value: "$(PATH):/b" },
              ],
              ports: [
                { containerPort: 53 },
                { containerPort: 53, protocol: "UDP" },
                { containerPort: 53, hostPort: 53 },
                { containerPort: 53, hostPort: 53, hostIP: "127.0.0.1" },
                { name: "x", containerPort: 1 },
              ],
              volumeMounts: [
                { name: "v", mountPath: "/a" },
                { name: "v", mountPath: "/b" },
              ],
            }),
          ],
          volumes: [{ name: "v" }],
        }),
      ],
    },
  ],
  bad: [
    {
      name: "a variable from somewhere that is not known yet, and a port that is not",
      objects: [
        pod({
          containers: [
            container({
              env: [
                { name: "A", value: "1" },
                { name: "A", value: unknown, valueFrom: {} },
              ],
              ports: [{ containerPort: 80 }, { containerPort: unknown }, { containerPort: 80, hostPort: 0 }],
            }),
          ],
        }),
      ],
      expect: [
        { path: "spec.containers[0].env[1].name" },
        { path: "spec.containers[0].ports[1].containerPort", verdict: "undecidable" },
        { path: "spec.containers[0].ports[2].containerPort" },
      ],
    },
    {
      name: "two containers in two lists",
      objects: [pod({ initContainers: [container()] })],
      expect: [{ path: "spec.containers[0].name" }],
    },
    {
      name: "two volumes",
      objects: [pod({ volumes: [{ name: "v" }, { name: "v" }] })],
      expect: [{ path: "spec.volumes[1].name" }],
    },
    ...[
      [{ name: "A", value: "2" }],
      [{ name: "A", value: "$(A)" }],
      [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    ].map((second, index) => ({
      name: `two environment variables (${index})`,
      objects: [pod({ containers: [container({ env: [{ name: "A", value: "1" }, ...second] })] })],
      expect: [{ path: "spec.containers[0].env[1].name" }],
    })),
    {
      name: "two ports of one name in two containers",
      objects: [
        pod({
          containers: [
            container({ ports: [{ name: "web", containerPort: 1 }] }),
            container({ name: "other", ports: [{ name: "web", containerPort: 2 }] }),
          ],
        }),
      ],
      expect: [{ path: "spec.containers[1].ports[0].name" }],
    },
    {
      name: "two ports of one number",
      objects: [
        pod({ containers: [container({ ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "TCP" }] })] }),
      ],
      expect: [{ path: "spec.containers[0].ports[1].containerPort" }],
    },
    {
      name: "two mounts at one path",
      objects: [
        pod({
          containers: [container({ volumeMounts: ["a", "b"].map((name) => ({ name, mountPath: "/data" })) })],
          volumes: [{ name: "a" }, { name: "b" }],
        }),
      ],
      expect: [{ path: "spec.containers[0].volumeMounts[1].mountPath" }],
    },
    {
      name: "two devices at one path",
      objects: [
        pod({
          containers: [container({ volumeDevices: ["a", "b"].map((name) => ({ name, devicePath: "/dev/x" })) })],
          volumes: [{ name: "a" }, { name: "b" }],
        }),
      ],
      expect: [{ path: "spec.containers[0].volumeDevices[1].devicePath" }],
    },
    {
      name: "a value that is not known yet under a name that stands twice, and a name that is not known yet",
      objects: [
        pod({
          containers: [
            container({
              env: [
                { name: "A", value: "1" },
                { name: "A", value: unknown },
                { name: unknown, value: "" },
                { name: "A", value: "2" },
              ],
            }),
          ],
        }),
      ],
      expect: [
        { path: "spec.containers[0].env[1].value", verdict: "undecidable" },
        { path: "spec.containers[0].env[2].name", verdict: "undecidable" },
        { path: "spec.containers[0].env[3].name" },
      ],
    },
  ],
};
