import type { PodRule, Report } from "../../core/rule.ts";
import type { Container } from "../../kube/pods.ts";
import type { Field } from "../../kube/tree.ts";
import { container, server } from "./cases.ts";
import { probeNames, staying } from "./serving.ts";
import type { AvailabilitySettings } from "./settings.ts";
import { sleepsFor } from "./sleeps.ts";

// Kubernetes API reference, PodSpec.
const defaultGrace = 30;

function checkHook(container: Container, grace: Field, report: Report): void {
  const hook = container.field.at("lifecycle", "preStop");
  const [sleep, command] = [hook.at("sleep", "seconds"), hook.at("exec", "command")];
  const place = { field: sleep.absent ? command : sleep, container };
  if (hook.unknown || sleep.unknown || (sleep.absent && command.items().some((word) => word.unknown))) {
    report.undecidable(place);
    return;
  }
  const seconds = sleep.number ?? sleepsFor(command);
  if (seconds === undefined) return;
  // An unknown grace is told once, for the whole pod.
  const until = grace.absent ? defaultGrace : grace.number;
  if (until !== undefined && seconds >= until) {
    report.violated(
      place,
      `sleeps ${seconds} s of ${until} s of grace, so the process is killed before it hears of its end`,
    );
  }
}

function checkProbeGrace(container: Container, report: Report): void {
  for (const name of probeNames) {
    const grace = container.field.at(name, "terminationGracePeriodSeconds");
    if (grace.absent) continue;
    const allowed = (value: unknown) => name !== "readinessProbe" && typeof value === "number" && value >= 1;
    report.check({ field: grace, container }, allowed, "the API server takes 1 or more, and none on readinessProbe");
  }
}

const live = { httpGet: { path: "/live", port: "http" } };

function stopping(preStop: object, more: object = {}) {
  return server({ containers: [container({ lifecycle: { preStop } })], ...more });
}

function running(...command: string[]) {
  return stopping({ exec: { command } });
}

const sleepPath = "spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds";
const commandPath = "spec.template.spec.containers[0].lifecycle.preStop.exec.command";

/** Time to end in. */
export const grace: PodRule<AvailabilitySettings> = {
  id: "grace",
  subject: "pod",
  level: "mandatory",
  title: "A pod has time to end, and more of it than its preStop hook sleeps.",
  why: "A process that is killed in the middle of its work loses what it has not saved and the requests it was answering.",
  fix: "raise terminationGracePeriodSeconds above the sleep plus the time that the process needs to end",
  check(pod, report) {
    const field = pod.spec.at("terminationGracePeriodSeconds");
    report.check(
      field,
      (value) => value === undefined || (typeof value === "number" && value > 0),
      "without grace the pod is killed at once, and its node may still run it when the next one starts",
    );
    for (const one of staying(pod, report)) {
      checkHook(one, field, report);
      checkProbeGrace(one, report);
    }
  },
  good: [
    { name: "30 s by default", objects: [server()] },
    { name: "a sleep within it", objects: [stopping({ sleep: { seconds: 15 } })] },
    {
      name: "a long sleep within a long grace",
      objects: [stopping({ sleep: { seconds: 60 } }, { terminationGracePeriodSeconds: 90 })],
    },
    { name: "a command whose time nobody knows", objects: [running("/bin/drain", "--seconds=60")] },
    { name: "a request whose time nobody knows", objects: [stopping({ httpGet: { path: "/drain", port: "http" } })] },
    { name: "a sleep that may not happen", objects: [running("sh", "-c", "test -f /tmp/busy && sleep 60")] },
    { name: "a sleep in a loop that ends early", objects: [running("sh", "-c", "for i in 1 2; do sleep 60; done")] },
    { name: "a sleep in the background", objects: [running("sh", "-c", "sleep 60 & echo done")] },
    { name: "a sleep within a script within the grace", objects: [running("/bin/sh", "-c", "sleep 5; nginx -s quit")] },
    {
      name: "a hung container is given less",
      objects: [server({ containers: [container({ livenessProbe: { ...live, terminationGracePeriodSeconds: 5 } })] })],
    },
  ],
  bad: [
    {
      name: "no grace",
      objects: [server({ terminationGracePeriodSeconds: 0 })],
      expect: [{ path: "spec.template.spec.terminationGracePeriodSeconds" }],
    },
    {
      name: "sleeps for the whole grace",
      objects: [stopping({ sleep: { seconds: 30 } })],
      expect: [{ path: sleepPath }],
    },
    {
      name: "sleeps for longer than the grace",
      objects: [stopping({ sleep: { seconds: 15 } }, { terminationGracePeriodSeconds: 10 })],
      expect: [{ path: sleepPath }],
    },
    { name: "the program sleep", objects: [running("/bin/sleep", "45")], expect: [{ path: commandPath }] },
    { name: "in minutes", objects: [running("sleep", "1m")], expect: [{ path: commandPath }] },
    { name: "in a shell", objects: [running("/bin/sh", "-c", "sleep 40")], expect: [{ path: commandPath }] },
    {
      name: "in two parts",
      objects: [running("bash", "-c", "sleep 20 && sleep 10; nginx -s quit")],
      expect: [{ path: commandPath }],
    },
    {
      name: "a sidecar",
      objects: [
        server({
          initContainers: [
            container({ name: "side", restartPolicy: "Always", lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
          ],
        }),
      ],
      expect: [{ path: "spec.template.spec.initContainers[0].lifecycle.preStop.sleep.seconds" }],
    },
    {
      name: "a probe without grace",
      objects: [server({ containers: [container({ livenessProbe: { ...live, terminationGracePeriodSeconds: 0 } })] })],
      expect: [{ path: "spec.template.spec.containers[0].livenessProbe.terminationGracePeriodSeconds" }],
    },
    {
      name: "readiness ends nothing",
      objects: [
        server({
          containers: [container({ readinessProbe: { ...live, periodSeconds: 3, terminationGracePeriodSeconds: 5 } })],
        }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].readinessProbe.terminationGracePeriodSeconds" }],
    },
  ],
};
