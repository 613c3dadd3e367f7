import { describe, it } from "mocha";
import { box, checkSize, type SizeCase, sidecar } from "../support/size-cases.ts";

const cases: readonly SizeCase[] = [
  { name: "no container", spec: {}, requests: {} },
  { name: "a container without resources", spec: { containers: [{ name: "box" }] }, requests: {} },
  { name: "resources are null", spec: { containers: [{ name: "box", resources: null }] }, requests: {} },
  { name: "one container", spec: { containers: [box({ cpu: "1" })] }, requests: { cpu: "1" } },
  {
    name: "containers add up",
    spec: { containers: [box({ cpu: "1" }), box({ cpu: "500m" })] },
    requests: { cpu: "1500m" },
  },
  {
    name: "a resource of one container only",
    spec: { containers: [box({ cpu: "1" }), box({ memory: "1Gi" })] },
    requests: { cpu: "1", memory: "1Gi" },
  },
  {
    name: "a limit is the request that is missing",
    spec: { containers: [box(undefined, { cpu: "2", memory: "1Gi" })] },
    requests: { cpu: "2", memory: "1Gi" },
    limits: { cpu: "2", memory: "1Gi" },
  },
  {
    name: "a request of 0 is one",
    spec: { containers: [box({ cpu: 0 }, { cpu: "2" })] },
    requests: { cpu: "0" },
    limits: { cpu: "2" },
  },
  {
    name: "a smaller init container adds nothing",
    spec: { initContainers: [box({ cpu: "1" })], containers: [box({ cpu: "2" })] },
    requests: { cpu: "2" },
  },
  {
    name: "a larger init container counts instead",
    spec: { initContainers: [box({ cpu: "3" })], containers: [box({ cpu: "2" })] },
    requests: { cpu: "3" },
  },
  {
    name: "init containers do not add up, the largest counts",
    spec: {
      initContainers: [box({ cpu: "3" }), box({ cpu: "4" }), box({ cpu: "1" })],
      containers: [box({ cpu: "2" })],
    },
    requests: { cpu: "4" },
  },
  {
    name: "the larger is taken for each resource",
    spec: { initContainers: [box({ cpu: "3", memory: "1Gi" })], containers: [box({ cpu: "2", memory: "2Gi" })] },
    requests: { cpu: "3", memory: "2Gi" },
  },
  {
    name: "a sidecar runs beside the containers",
    spec: { initContainers: [sidecar({ cpu: "1" })], containers: [box({ cpu: "2" })] },
    requests: { cpu: "3" },
  },
  {
    name: "two sidecars run beside the containers",
    spec: { initContainers: [sidecar({ cpu: "1" }), sidecar({ cpu: "2" })], containers: [box({ cpu: "4" })] },
    requests: { cpu: "7" },
  },
  {
    name: "an init container starts beside the sidecars before it",
    spec: { initContainers: [sidecar({ cpu: "1" }), box({ cpu: "5" })], containers: [box({ cpu: "2" })] },
    requests: { cpu: "6" },
  },
  {
    name: "an init container does not start beside the sidecars behind it",
    spec: { initContainers: [box({ cpu: "5" }), sidecar({ cpu: "1" })], containers: [box({ cpu: "2" })] },
    requests: { cpu: "5" },
  },
  {
    name: "an init container between two sidecars",
    spec: {
      initContainers: [sidecar({ cpu: "1" }), box({ cpu: "5" }), sidecar({ cpu: "2" })],
      containers: [box({ cpu: "1" })],
    },
    requests: { cpu: "6" },
  },
  {
    name: "sidecars that are larger than everything behind them",
    spec: { initContainers: [sidecar({ cpu: "5" }), box({ cpu: "1" })], containers: [box({ cpu: "1" })] },
    requests: { cpu: "6" },
  },
  {
    name: "sidecars without containers",
    spec: { initContainers: [sidecar({ cpu: "1" }), sidecar({ cpu: "1" })] },
    requests: { cpu: "2" },
  },
  {
    name: "limits by the same rules as requests",
    spec: {
      initContainers: [sidecar({ cpu: "1" }, { cpu: "2" }), box({ cpu: "1" }, { cpu: "9" })],
      containers: [box({ cpu: "1" }, { cpu: "4" })],
    },
    requests: { cpu: "2" },
    limits: { cpu: "11" },
  },
  {
    name: "another restart policy is no sidecar",
    spec: {
      initContainers: [box({ cpu: "1" }, undefined, { restartPolicy: "Never" })],
      containers: [box({ cpu: "2" })],
    },
    requests: { cpu: "2" },
  },
  {
    name: "ephemeral containers count for nothing",
    spec: { containers: [box({ cpu: "1" })], ephemeralContainers: [box({ cpu: "9" })] },
    requests: { cpu: "1" },
  },
  {
    name: "pod-level resources take the place of the containers'",
    spec: { containers: [box({ cpu: "1", memory: "1Gi" })], resources: { requests: { cpu: "4", memory: "4Gi" } } },
    requests: { cpu: "4", memory: "4Gi" },
  },
  {
    name: "pod-level resources may be less",
    spec: {
      initContainers: [box({ cpu: "9" })],
      containers: [box({ cpu: "1" })],
      resources: { requests: { cpu: "2" } },
    },
    requests: { cpu: "2" },
  },
  {
    name: "pod-level resources of CPU leave memory to the containers",
    spec: { containers: [box({ cpu: "1", memory: "1Gi" })], resources: { requests: { cpu: "4" } } },
    requests: { cpu: "4", memory: "1Gi" },
  },
  {
    name: "pod-level huge pages count",
    spec: {
      containers: [box({ cpu: "1" })],
      resources: { requests: { "hugepages-2Mi": "4Mi" }, limits: { "hugepages-2Mi": "4Mi" } },
    },
    requests: { cpu: "1", "hugepages-2Mi": "4Mi" },
    limits: { "hugepages-2Mi": "4Mi" },
  },
  {
    name: "pod-level resources of other kinds do not count",
    spec: {
      containers: [box({ cpu: "1" })],
      resources: { requests: { "ephemeral-storage": "1Gi", "example.com/gpu": "1" } },
    },
    requests: { cpu: "1" },
  },
  {
    name: "a pod-level limit is the request where no container has one",
    spec: { containers: [{ name: "box" }], resources: { limits: { cpu: "2" } } },
    requests: { cpu: "2" },
    limits: { cpu: "2" },
  },
  {
    name: "what the containers request is the pod's request where it has a limit alone",
    spec: { containers: [box({ cpu: "1" }), box({ cpu: "500m" })], resources: { limits: { cpu: "4" } } },
    requests: { cpu: "1500m" },
    limits: { cpu: "4" },
  },
  {
    name: "a default of the limit range comes after pod-level requests",
    spec: { containers: [{ name: "box" }], resources: { limits: { cpu: "4" } } },
    defaults: { requests: { cpu: "100m", memory: "1Gi" }, limits: { cpu: "200m", memory: "2Gi" } },
    requests: { cpu: "4", memory: "1Gi" },
    limits: { cpu: "4", memory: "2Gi" },
  },
  {
    name: "overhead comes on top of requests",
    spec: { containers: [box({ cpu: "1" })], overhead: { cpu: "250m", memory: "120Mi" } },
    requests: { cpu: "1250m", memory: "120Mi" },
  },
  {
    name: "overhead comes on top of limits that are set and not zero",
    spec: { containers: [box({ cpu: "1" }, { cpu: "2", memory: "0" })], overhead: { cpu: "250m", memory: "120Mi" } },
    requests: { cpu: "1250m", memory: "120Mi" },
    limits: { cpu: "2250m", memory: "0" },
  },
  {
    name: "overhead comes on top of pod-level resources",
    spec: {
      containers: [{ name: "box" }],
      resources: { requests: { cpu: "1" }, limits: { cpu: "2" } },
      overhead: { cpu: "1" },
    },
    requests: { cpu: "2" },
    limits: { cpu: "3" },
  },
  {
    name: "the limit range gives requests and limits to a container without",
    spec: { containers: [{ name: "box" }] },
    defaults: { requests: { cpu: "100m", memory: "1Gi" }, limits: { cpu: "200m", memory: "2Gi" } },
    requests: { cpu: "100m", memory: "1Gi" },
    limits: { cpu: "200m", memory: "2Gi" },
  },
  {
    name: "the limit range gives to init containers and sidecars too",
    spec: {
      initContainers: [{ name: "first" }, { name: "log", restartPolicy: "Always" }],
      containers: [{ name: "box" }],
    },
    defaults: { requests: { cpu: "100m" } },
    requests: { cpu: "200m" },
  },
  {
    name: "the limit range leaves alone what is written",
    spec: { containers: [box({ cpu: "3" }, { cpu: "4" })] },
    defaults: { requests: { cpu: "100m" }, limits: { cpu: "200m" } },
    requests: { cpu: "3" },
    limits: { cpu: "4" },
  },
  {
    name: "a limit that is written is the request, before the limit range has a say",
    spec: { containers: [box(undefined, { cpu: "4" })] },
    defaults: { requests: { cpu: "100m" }, limits: { cpu: "200m" } },
    requests: { cpu: "4" },
    limits: { cpu: "4" },
  },
  {
    name: "a limit that the limit range gives is not the request",
    spec: { containers: [{ name: "box" }] },
    defaults: { limits: { cpu: "200m" } },
    requests: {},
    limits: { cpu: "200m" },
  },
];

describe("podSize", () => {
  for (const one of cases) {
    it(one.name, () => checkSize(one));
  }
});
