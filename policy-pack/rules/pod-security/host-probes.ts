import type { PodRule } from "../../core/rule.ts";
import { containersOf } from "../../kube/pods.ts";
import { podWith } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

const demands: readonly Demand[] = [{ level: "baseline", since: 34 }];

const handlers = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
];

/** Pod Security Standards, baseline, "Host Probes / Lifecycle Hooks" (1.34). */
export const hostProbes: PodRule<PodSecuritySettings> = {
  id: "host-probes",
  subject: "pod",
  level: "mandatory",
  title: "Probes and lifecycle hooks call their own pod only.",
  why: "The kubelet makes the call from the node's network: a host of one's choice lets a pod reach what it must not.",
  fix: "remove host from the probe or the hook",
  check(template, report, settings) {
    judge(demands, template, report, settings, (_, own) => {
      for (const one of containersOf(template)) {
        for (const handler of handlers) {
          for (const action of ["httpGet", "tcpSocket"]) {
            own.check(
              { field: one.field.at(...handler, action, "host"), container: one },
              (value) => value === undefined || value === "",
              "host must be absent",
            );
          }
        }
      }
    });
  },
  good: [
    {
      name: "host is the empty text",
      objects: [podWith({}, { livenessProbe: { httpGet: { port: 8080, host: "" } } })],
    },
    {
      name: "a header names the host",
      objects: [podWith({}, { readinessProbe: { httpGet: { port: 1, httpHeaders: [{ name: "Host", value: "a" }] } } })],
    },
    {
      name: "the standard did not ask before 1.34",
      objects: [podWith({}, { livenessProbe: { httpGet: { port: 8080, host: "10.0.0.1" } } })],
      settings: { version: "1.33" },
    },
  ],
  bad: handlers.flatMap((handler) =>
    ["httpGet", "tcpSocket"].map((action) => ({
      // Of the two, 127.0.0.1 looks harmless and is the node itself.
      name: `${handler.join(".")}.${action} calls ${action === "httpGet" ? "another host" : "the node"}`,
      objects: [
        podWith(
          {},
          handler.reduceRight<Record<string, unknown>>((inner, key) => ({ [key]: inner }), {
            [action]: { port: 8080, host: action === "httpGet" ? "example.com" : "127.0.0.1" },
          }),
        ),
      ],
      expect: [{ path: `spec.containers[0].${handler.join(".")}.${action}.host` }],
    })),
  ),
};
