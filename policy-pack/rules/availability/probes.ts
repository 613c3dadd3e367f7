import type { PodRule } from "../../core/rule.ts";
import { type Container, containersOf } from "../../kube/pods.ts";
import type { Answer } from "../../kube/selectors.ts";
import { container, cronJob, job, server } from "./cases.ts";
import { lasts, probeNames, stays } from "./serving.ts";
import type { AvailabilitySettings } from "./settings.ts";

const silent = container({ readinessProbe: null, livenessProbe: null });
const tool = { name: "tool", image: "tool:1" };

function hasPorts({ list, field }: Container): Answer {
  const ports = field.at("ports");
  return ports.unknown ? undefined : list === "containers" && ports.items().length > 0;
}

/** Whether somebody calls the container: beside one that has ports, a container without any is a helper. */
function serves(one: Container, all: readonly Container[]): Answer {
  const own = hasPorts(one);
  if (own === true) return true;
  const others = all.filter((other) => other !== one && other.list === "containers").map(hasPorts);
  if (others.includes(true)) return own;
  return others.includes(undefined) ? undefined : true;
}

/** Containers that answer for their health. */
export const probes: PodRule<AvailabilitySettings> = {
  id: "probes",
  subject: "pod",
  level: "mandatory",
  title: "Every container that serves, in a pod that runs for ever, has the probes that the settings require.",
  why: "Without readiness, traffic reaches containers that cannot answer; without liveness, a hung one stays for ever.",
  fix: "add the probe; on a plain init container, remove it",
  check(pod, report, settings) {
    const lasting = lasts(pod);
    const all = containersOf(pod);
    for (const one of all) {
      if (one.field.unknown) {
        if (lasting !== false) report.undecidable({ field: one.field });
      } else if (one.list === "containers" && lasting !== false) {
        const asked = settings.probedContainers === "all" ? true : serves(one, all);
        if (asked === false) continue;
        for (const name of settings.requiredProbes) {
          const probe = { field: one.field.at(name), container: one };
          if ((lasting === undefined || asked === undefined) && probe.field.absent) report.undecidable(probe);
          else report.check(probe, (value) => value !== undefined, `${name} is missing`);
        }
      } else if (stays(one) === false) {
        for (const name of probeNames) {
          const field = one.field.at(name);
          const place = { field, container: one };
          report.check(place, (value) => value === undefined, `the API server refuses ${name} of an init container`);
        }
      }
    }
  },
  good: [
    { name: "readiness and liveness", objects: [server()] },
    { name: "plain init containers have none", objects: [server({ initContainers: [tool] })] },
    { name: "a sidecar may have none", objects: [server({ initContainers: [{ ...tool, restartPolicy: "Always" }] })] },
    {
      name: "a sidecar may have one",
      objects: [server({ initContainers: [container({ name: "side", restartPolicy: "Always" })] })],
    },
    {
      name: "a helper without ports beside a server",
      objects: [
        server({
          containers: [container(), { ...silent, name: "helper", ports: null }],
        }),
      ],
    },
    { name: "a job ends by itself", objects: [job()] },
    { name: "so does a CronJob", objects: [cronJob()] },
    {
      name: "a pod that is not restarted ends too",
      objects: [
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "sample", namespace: "sample" },
          spec: { restartPolicy: "Never", containers: [tool] },
        },
      ],
    },
    {
      name: "the settings ask for readiness only",
      objects: [server({ containers: [container({ livenessProbe: null })] })],
      settings: { requiredProbes: ["readinessProbe"] },
    },
  ],
  bad: [
    {
      name: "a second container with a port of its own",
      objects: [
        server({
          containers: [container(), { ...silent, name: "other", ports: [{ containerPort: 81 }] }],
        }),
      ],
      expect: [
        { path: "spec.template.spec.containers[1].readinessProbe" },
        { path: "spec.template.spec.containers[1].livenessProbe" },
      ],
    },
    {
      name: "a helper, where the settings ask for all containers",
      objects: [
        server({
          containers: [container(), { ...silent, name: "helper", ports: null }],
        }),
      ],
      settings: { probedContainers: "all" },
      expect: [
        { path: "spec.template.spec.containers[1].readinessProbe" },
        { path: "spec.template.spec.containers[1].livenessProbe" },
      ],
    },
    {
      name: "no probe at all",
      objects: [server({ containers: [silent] })],
      expect: [
        { path: "spec.template.spec.containers[0].readinessProbe" },
        { path: "spec.template.spec.containers[0].livenessProbe" },
      ],
    },
    {
      name: "no readiness",
      objects: [server({ containers: [container({ readinessProbe: null })] })],
      expect: [{ path: "spec.template.spec.containers[0].readinessProbe" }],
    },
    {
      name: "no liveness",
      objects: [server({ containers: [container({ livenessProbe: null })] })],
      expect: [{ path: "spec.template.spec.containers[0].livenessProbe" }],
    },
    {
      name: "the second container has none",
      objects: [server({ containers: [container(), { ...silent, name: "second" }] })],
      expect: [
        { path: "spec.template.spec.containers[1].readinessProbe" },
        { path: "spec.template.spec.containers[1].livenessProbe" },
      ],
    },
    {
      name: "a bare pod serves too",
      objects: [
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "sample", namespace: "sample" },
          spec: { containers: [container({ livenessProbe: null })] },
        },
      ],
      expect: [{ path: "spec.containers[0].livenessProbe" }],
    },
    {
      name: "a plain init container with a probe",
      objects: [
        server({ initContainers: [{ ...tool, livenessProbe: { exec: { command: ["true"] }, periodSeconds: 30 } }] }),
      ],
      expect: [{ path: "spec.template.spec.initContainers[0].livenessProbe" }],
    },
    {
      name: "the settings ask for a startup probe",
      objects: [server()],
      settings: { requiredProbes: ["startupProbe"] },
      expect: [{ path: "spec.template.spec.containers[0].startupProbe" }],
    },
  ],
};
