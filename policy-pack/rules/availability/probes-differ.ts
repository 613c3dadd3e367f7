import type { PodRule } from "../../core/rule.ts";
import { type Answer, all } from "../../kube/selectors.ts";
import { type Field, type Tree, unknown } from "../../kube/tree.ts";
import { container, server } from "./cases.ts";
import { numberOr, staying } from "./serving.ts";
import type { AvailabilitySettings } from "./settings.ts";

const handlers = ["httpGet", "tcpSocket", "exec", "grpc"];

/** Whether two values mean the same; the order of keys does not matter, and null is absent. */
function same(one: Tree, other: Tree): Answer {
  if (one === unknown || other === unknown) return undefined;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return (one ?? undefined) === (other ?? undefined);
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [first, second] = [one, other] as { [key: string]: Tree }[];
  return all(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => same(first?.[key], second?.[key])),
  );
}

/** Seconds after which kubelet gives up, counted from the start. Defaults: Kubernetes API reference, Probe. */
function patience(probe: Field): number | undefined {
  const delay = numberOr(probe.at("initialDelaySeconds"), 0);
  const period = numberOr(probe.at("periodSeconds"), 10);
  const failures = numberOr(probe.at("failureThreshold"), 3);
  return delay === undefined || period === undefined || failures === undefined ? undefined : delay + period * failures;
}

const question = { httpGet: { path: "/health", port: "http" } };

/** Restarts where waiting would do. */
export const probesDiffer: PodRule<AvailabilitySettings> = {
  id: "probes-differ",
  subject: "pod",
  level: "advisory",
  title: "Liveness asks something else than readiness, or is more patient.",
  why: "With the same probe for both, a container that is only busy is restarted in the moment it should get less traffic.",
  fix: "let liveness ask for the process alone, or give it a longer failureThreshold",
  check(pod, report) {
    for (const one of staying(pod, report)) {
      const [live, ready] = [one.field.at("livenessProbe"), one.field.at("readinessProbe")];
      if (live.absent || ready.absent) continue;
      const place = { field: live, container: one };
      const [given, needed] = [patience(live), patience(ready)];
      if (given !== undefined && needed !== undefined && given > needed) continue;
      const alike = all(handlers.map((key) => same(live.at(key).value, ready.at(key).value)));
      if (alike === false) continue;
      if (alike === undefined || given === undefined || needed === undefined) report.undecidable(place);
      else report.violated(place, "asks the same as readinessProbe and gives up no later");
    }
  },
  good: [
    { name: "different paths", objects: [server()] },
    {
      name: "the same path, and liveness waits longer",
      objects: [
        server({
          containers: [
            container({
              readinessProbe: { ...question, periodSeconds: 5, timeoutSeconds: 1 },
              livenessProbe: { ...question, failureThreshold: 6 },
            }),
          ],
        }),
      ],
    },
    {
      name: "different commands",
      objects: [
        server({
          containers: [
            container({
              readinessProbe: { exec: { command: ["check", "ready"] } },
              livenessProbe: { exec: { command: ["check", "live"] } },
            }),
          ],
        }),
      ],
    },
  ],
  bad: [
    {
      name: "identical probes",
      objects: [server({ containers: [container({ readinessProbe: question, livenessProbe: question })] })],
      expect: [{ path: "spec.template.spec.containers[0].livenessProbe" }],
    },
    {
      name: "identical but for the order of keys and a default that is written out",
      objects: [
        server({
          containers: [
            container({
              readinessProbe: question,
              livenessProbe: { periodSeconds: 10, httpGet: { port: "http", path: "/health" } },
            }),
          ],
        }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].livenessProbe" }],
    },
    {
      name: "the same command",
      objects: [
        server({
          containers: [
            container({
              readinessProbe: { exec: { command: ["check"] } },
              livenessProbe: { exec: { command: ["check"] } },
            }),
          ],
        }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].livenessProbe" }],
    },
    {
      name: "a sidecar asks twice",
      objects: [
        server({
          initContainers: [
            container({ name: "side", restartPolicy: "Always", readinessProbe: question, livenessProbe: question }),
          ],
        }),
      ],
      expect: [{ path: "spec.template.spec.initContainers[0].livenessProbe" }],
    },
  ],
};
