import type { PodRule, Report } from "../../core/rule.ts";
import type { Container } from "../../kube/pods.ts";
import type { Field } from "../../kube/tree.ts";
import { container, server } from "./cases.ts";
import { numberOr, probeNames, staying } from "./serving.ts";
import type { AvailabilitySettings } from "./settings.ts";

// Defaults: Kubernetes API reference, Probe.
const defaults = { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };

function timeOf(probe: Field, key: keyof typeof defaults): number | undefined {
  return numberOr(probe.at(key), defaults[key]);
}

function checkTimeout(container: Container, probe: Field, report: Report): void {
  const place = { field: probe.at("timeoutSeconds"), container };
  const [timeout, period] = [timeOf(probe, "timeoutSeconds"), timeOf(probe, "periodSeconds")];
  if (timeout === undefined || period === undefined) {
    const known = timeout !== undefined && timeout <= 1;
    if (!known && (place.field.unknown || probe.at("periodSeconds").unknown)) report.undecidable(place);
  } else if (timeout >= period && timeout > 1) {
    report.violated(place, `waits ${timeout} s for an answer, and the next probe is due after ${period} s`);
  }
}

/** Seconds that a container has until this probe kills it; undefined where a part is unknown or no number. */
function boot(probe: Field): number | undefined {
  const [delay, period, failures] = [
    timeOf(probe, "initialDelaySeconds"),
    timeOf(probe, "periodSeconds"),
    timeOf(probe, "failureThreshold"),
  ];
  return delay === undefined || period === undefined || failures === undefined ? undefined : delay + period * failures;
}

function checkBoot(container: Container, needed: number, report: Report): void {
  const startup = container.field.at("startupProbe");
  const probe = startup.absent ? container.field.at("livenessProbe") : startup;
  if (probe.absent) return;
  const place = { field: probe.at("failureThreshold"), container };
  const seconds = boot(probe);
  if (seconds !== undefined && seconds < needed) {
    report.violated(
      place,
      `kills a container that needs more than ${seconds} s to start; the slowest may need ${needed} s`,
    );
  } else if (
    seconds === undefined &&
    ["initialDelaySeconds", "periodSeconds", "failureThreshold"].some((key) => probe.at(key).unknown)
  ) {
    report.undecidable(place);
  }
}

const slow = { httpGet: { path: "/live", port: "http" }, periodSeconds: 5, failureThreshold: 3 };

/** Probes that answer in time, and give a start its time. */
export const probeTiming: PodRule<AvailabilitySettings> = {
  id: "probe-timing",
  subject: "pod",
  level: "advisory",
  title: "A probe waits for less than its period, and gives a container its time to start.",
  why: "A probe that waits into its next turn reports late, and a liveness probe that gives up before the start is over never lets it end.",
  fix: "set timeoutSeconds below periodSeconds, and a startupProbe that fails no earlier than the slowest start",
  check(pod, report, settings) {
    for (const one of staying(pod, report)) {
      for (const name of probeNames) {
        const probe = one.field.at(name);
        if (!probe.absent) checkTimeout(one, probe, report);
      }
      checkBoot(one, settings.bootSeconds, report);
    }
  },
  good: [
    { name: "defaults: 1 s for an answer, 10 s apart, three failures", objects: [server()] },
    {
      name: "a period of one second leaves the shortest timeout there is",
      objects: [
        server({
          containers: [container({ readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 1 } })],
        }),
      ],
    },
    {
      name: "the startup probe grants the time that liveness does not",
      objects: [
        server({ containers: [container({ startupProbe: { ...slow, failureThreshold: 12 }, livenessProbe: slow })] }),
      ],
    },
    {
      name: "the delay grants the rest",
      objects: [server({ containers: [container({ livenessProbe: { ...slow, initialDelaySeconds: 15 } })] })],
    },
    {
      name: "the settings know a quicker start",
      objects: [server({ containers: [container({ livenessProbe: slow })] })],
      settings: { bootSeconds: 15 },
    },
  ],
  bad: [
    {
      name: "the timeout is as long as the period",
      objects: [
        server({ containers: [container({ livenessProbe: { ...slow, failureThreshold: 6, timeoutSeconds: 5 } })] }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].livenessProbe.timeoutSeconds" }],
    },
    {
      name: "the timeout is longer than the period that holds by default",
      objects: [
        server({
          containers: [
            container({ readinessProbe: { httpGet: { path: "/ready", port: "http" }, timeoutSeconds: 11 } }),
          ],
        }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].readinessProbe.timeoutSeconds" }],
    },
    {
      name: "liveness gives up after 15 s",
      objects: [server({ containers: [container({ livenessProbe: slow })] })],
      expect: [{ path: "spec.template.spec.containers[0].livenessProbe.failureThreshold" }],
    },
    {
      name: "the startup probe gives up after 15 s",
      objects: [server({ containers: [container({ startupProbe: slow })] })],
      expect: [{ path: "spec.template.spec.containers[0].startupProbe.failureThreshold" }],
    },
    {
      name: "a sidecar gives up early too",
      objects: [
        server({ initContainers: [container({ name: "side", restartPolicy: "Always", livenessProbe: slow })] }),
      ],
      expect: [{ path: "spec.template.spec.initContainers[0].livenessProbe.failureThreshold" }],
    },
  ],
};
