import type { PodRule, Report } from "../../core/rule.ts";
import type { Container } from "../../kube/pods.ts";
import { container, server } from "./cases.ts";
import { probeNames, staying } from "./serving.ts";
import type { AvailabilitySettings } from "./settings.ts";

// What kubelet asks over the network, below a probe or a hook.
const requests = ["httpGet", "tcpSocket"];
const callers = [...probeNames.map((name) => [name]), ["lifecycle", "postStart"], ["lifecycle", "preStop"]];

function checkPort(container: Container, path: readonly string[], report: Report): void {
  for (const request of requests) {
    const port = container.field.at(...path, request, "port");
    const place = { field: port, container };
    if (port.unknown) report.undecidable(place);
    if (port.text === undefined) continue;
    // Only the container's own ports have names for kubelet.
    const names = container.field
      .at("ports")
      .items()
      .map((one) => one.at("name"));
    if (names.some((name) => name.text === port.text)) continue;
    if (names.some((name) => name.unknown)) report.undecidable(place);
    else report.violated(place, `the container has no port named "${port.text}"`);
  }
}

/** Ports that kubelet finds. */
export const probePort: PodRule<AvailabilitySettings> = {
  id: "probe-port",
  subject: "pod",
  level: "mandatory",
  title: "A probe or a hook that names a port names one of its own container.",
  why: "Kubelet finds no port of that name, so the probe fails for ever: the pod never gets ready, or is restarted again and again.",
  fix: "name the port in ports of the same container, or use its number",
  check(pod, report) {
    for (const one of staying(pod, report)) {
      for (const path of callers) checkPort(one, path, report);
    }
  },
  good: [
    { name: "a port of its own", objects: [server()] },
    {
      name: "a number needs no entry in ports",
      objects: [
        server({
          containers: [
            container({
              ports: null,
              readinessProbe: { tcpSocket: { port: 9 } },
              livenessProbe: { tcpSocket: { port: 10 } },
            }),
          ],
        }),
      ],
    },
  ],
  bad: [
    {
      name: "no port of that name",
      objects: [
        server({ containers: [container({ livenessProbe: { httpGet: { path: "/live", port: "metrics" } } })] }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].livenessProbe.httpGet.port" }],
    },
    {
      name: "the port of another container",
      objects: [
        server({
          containers: [
            container({ readinessProbe: { tcpSocket: { port: "other" } } }),
            container({
              name: "second",
              ports: [
                { name: "http", containerPort: 1 },
                { name: "other", containerPort: 2 },
              ],
            }),
          ],
        }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].readinessProbe.tcpSocket.port" }],
    },
    {
      name: "a startup probe of a sidecar",
      objects: [
        server({
          initContainers: [
            container({
              name: "side",
              restartPolicy: "Always",
              startupProbe: { tcpSocket: { port: "start" }, failureThreshold: 9 },
            }),
          ],
        }),
      ],
      expect: [{ path: "spec.template.spec.initContainers[0].startupProbe.tcpSocket.port" }],
    },
    {
      name: "a number in quotes is a name",
      objects: [server({ containers: [container({ livenessProbe: { httpGet: { path: "/live", port: "8080" } } })] })],
      expect: [{ path: "spec.template.spec.containers[0].livenessProbe.httpGet.port" }],
    },
    {
      name: "the hook at the end",
      objects: [
        server({ containers: [container({ lifecycle: { preStop: { httpGet: { path: "/drain", port: "admin" } } } })] }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].lifecycle.preStop.httpGet.port" }],
    },
    {
      name: "the hook at the start",
      objects: [
        server({
          containers: [container({ lifecycle: { postStart: { httpGet: { path: "/warm", port: "admin" } } } })],
        }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].lifecycle.postStart.httpGet.port" }],
    },
  ],
};
