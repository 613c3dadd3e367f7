/** What each rule says where a value is known only after an `up`, and where one at the edge is fine. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { container, cronJob, server } from "../../../policy-pack/rules/availability/cases.ts";
import { availability } from "../../../policy-pack/rules/availability/family.ts";
import { itSays, type Row } from "../support/single-rule.ts";

const first = "spec.template.spec.containers[0]";
const init = "spec.template.spec.initContainers[0]";
const one = (more: Manifest) => server({ containers: [container(more)] });
const maybeSidecar = (more: Manifest) => server({ initContainers: [container({ restartPolicy: unknown, ...more })] });
const hook = (preStop: unknown, more: Manifest = {}) =>
  server({ containers: [container({ lifecycle: { preStop } })], ...more });
const question = { httpGet: { path: "/health", port: "http" } };

const rows: Row[] = [
  ["probes", "an unknown probe", [one({ livenessProbe: unknown })], [`${first}.livenessProbe undecidable`]],
  ["probes", "an unknown container", [server({ containers: [unknown] })], [`${first} undecidable`]],
  [
    "probes",
    "a pod that may end",
    [
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "x" },
        spec: { restartPolicy: unknown, containers: [container({ livenessProbe: null })] },
      },
    ],
    ["spec.containers[0].livenessProbe undecidable"],
  ],
  ["probes", "an unknown container of a job", [cronJob({}, {}, { containers: [unknown] })], []],
  ["probes", "an init container that may be a sidecar", [maybeSidecar({})], []],
  [
    "probes-differ",
    "an unknown path",
    [one({ livenessProbe: { httpGet: { path: unknown, port: "http" } }, readinessProbe: question })],
    [`${first}.livenessProbe undecidable`],
  ],
  [
    "probes-differ",
    "an unknown path of a patient probe",
    [
      one({
        livenessProbe: { httpGet: { path: unknown, port: "http" }, failureThreshold: 9 },
        readinessProbe: question,
      }),
    ],
    [],
  ],
  [
    "probes-differ",
    "an unknown patience",
    [one({ livenessProbe: { ...question, periodSeconds: unknown }, readinessProbe: question })],
    [`${first}.livenessProbe undecidable`],
  ],
  [
    "probes-differ",
    "one more failure",
    [one({ livenessProbe: { ...question, failureThreshold: 4 }, readinessProbe: question })],
    [],
  ],
  [
    "probes-differ",
    "a longer delay",
    [one({ livenessProbe: { ...question, initialDelaySeconds: 1 }, readinessProbe: question })],
    [],
  ],
  [
    "probes-differ",
    "a longer period",
    [one({ livenessProbe: { ...question, periodSeconds: 11 }, readinessProbe: question })],
    [],
  ],
  [
    "probes-differ",
    "one word more",
    [one({ livenessProbe: { exec: { command: ["x", "y"] } }, readinessProbe: { exec: { command: ["x"] } } })],
    [],
  ],
  ["probes-differ", "only one of them", [one({ livenessProbe: question, readinessProbe: null })], []],
  [
    "probes-differ",
    "a container that may be a sidecar",
    [maybeSidecar({ livenessProbe: question, readinessProbe: question })],
    [`${init}.restartPolicy undecidable`],
  ],
  [
    "probe-timing",
    "an unknown timeout",
    [one({ readinessProbe: { ...question, timeoutSeconds: unknown } })],
    [`${first}.readinessProbe.timeoutSeconds undecidable`],
  ],
  [
    "probe-timing",
    "an unknown period of the shortest timeout",
    [one({ readinessProbe: { ...question, periodSeconds: unknown } })],
    [],
  ],
  [
    "probe-timing",
    "an unknown period",
    [one({ readinessProbe: { ...question, timeoutSeconds: 2, periodSeconds: unknown } })],
    [`${first}.readinessProbe.timeoutSeconds undecidable`],
  ],
  [
    "probe-timing",
    "an unknown patience",
    [one({ livenessProbe: { ...question, failureThreshold: unknown } })],
    [`${first}.livenessProbe.failureThreshold undecidable`],
  ],
  ["probe-timing", "a word for a number", [one({ livenessProbe: { ...question, failureThreshold: "many" } })], []],
  ["probe-timing", "exactly the time", [one({ livenessProbe: question })], [], { bootSeconds: 30 }],
  [
    "probe-timing",
    "a second less",
    [one({ livenessProbe: question })],
    [`${first}.livenessProbe.failureThreshold violated`],
    { bootSeconds: 31 },
  ],
  [
    "probe-port",
    "an unknown port",
    [one({ livenessProbe: { tcpSocket: { port: unknown } } })],
    [`${first}.livenessProbe.tcpSocket.port undecidable`],
  ],
  [
    "probe-port",
    "a port of an unknown name",
    [one({ ports: [{ name: unknown }], readinessProbe: null })],
    [`${first}.livenessProbe.httpGet.port undecidable`],
  ],
  ["probe-port", "the name beside one that is unknown", [one({ ports: [{ name: unknown }, { name: "http" }] })], []],
  [
    "grace",
    "an unknown grace",
    [server({ terminationGracePeriodSeconds: unknown })],
    ["spec.template.spec.terminationGracePeriodSeconds undecidable"],
  ],
  [
    "grace",
    "an unknown sleep",
    [hook({ sleep: { seconds: unknown } })],
    [`${first}.lifecycle.preStop.sleep.seconds undecidable`],
  ],
  [
    "grace",
    "an unknown word",
    [hook({ exec: { command: ["sleep", unknown] } })],
    [`${first}.lifecycle.preStop.exec.command undecidable`],
  ],
  ["grace", "a second less than the default", [hook({ sleep: { seconds: 29 } })], []],
  ["grace", "one second", [server({ terminationGracePeriodSeconds: 1 })], []],
  [
    "grace",
    "below zero",
    [server({ terminationGracePeriodSeconds: -1 })],
    ["spec.template.spec.terminationGracePeriodSeconds violated"],
  ],
  ["grace", "a word for a number", [hook({ sleep: { seconds: "long" } })], []],
  [
    "grace",
    "a container that may be a sidecar",
    [maybeSidecar({ lifecycle: { preStop: { sleep: { seconds: 60 } } } })],
    [`${init}.restartPolicy undecidable`],
  ],
  ["cron-job", "an unknown schedule", [cronJob({ schedule: unknown })], ["spec.schedule undecidable"]],
  [
    "job-bounds",
    "an unknown deadline",
    [cronJob({}, { activeDeadlineSeconds: unknown })],
    ["spec.jobTemplate.spec.activeDeadlineSeconds undecidable"],
  ],
  ["job-bounds", "one second", [cronJob({}, { activeDeadlineSeconds: 1 })], []],
  [
    "job-bounds",
    "no second",
    [cronJob({}, { activeDeadlineSeconds: 0 })],
    ["spec.jobTemplate.spec.activeDeadlineSeconds violated"],
  ],
  [
    "priority-class",
    "an unknown class",
    [server({ priorityClassName: unknown })],
    ["spec.template.spec.priorityClassName undecidable"],
    { requirePriorityClass: true },
  ],
  [
    "probes",
    "unknown ports of a helper",
    [server({ containers: [container(), { name: "x", ports: unknown }] })],
    [
      "spec.template.spec.containers[1].livenessProbe undecidable",
      "spec.template.spec.containers[1].readinessProbe undecidable",
    ],
  ],
  [
    "probes",
    "unknown ports beside what may be a helper",
    [server({ containers: [container({ ports: unknown }), { name: "x" }] })],
    [
      "spec.template.spec.containers[1].livenessProbe undecidable",
      "spec.template.spec.containers[1].readinessProbe undecidable",
    ],
  ],
];

describe("availability of pods and unknown values", () => {
  itSays(availability, rows);
});
