import type { PodRule, Report } from "../../core/rule.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { agent, excused, pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

const demands: readonly Demand[] = [{ level: "restricted", since: 0 }];

const allowed: readonly string[] = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

function checkVolume(volume: Field, report: Report): void {
  if (volume.unknown) report.undecidable(volume);
  // A volume that has nothing but its name is an emptyDir.
  const sources = volume.entries().filter(([key, field]) => key !== "name" && !field.absent);
  const [good, other] = [true, false].map((wanted) =>
    sources.filter(([key]) => allowed.includes(key) === wanted).map(([, field]) => field),
  );
  if (good?.some((field) => !field.unknown) === true) return;
  // It may be null in the end, and then the others count.
  const perhaps = good?.[0];
  for (const field of other ?? []) {
    if (field.unknown || perhaps !== undefined) report.undecidable(perhaps ?? field);
    else report.violated(field, `a volume may be only ${allowed.join(", ")}`);
  }
}

function withVolumes(list: object[], annotations = {}): ReturnType<typeof pod> {
  return pod({ volumes: list.map((one, index) => ({ name: `v${index}`, ...one })) }, {}, annotations);
}

function volumes(...list: object[]): readonly [ReturnType<typeof pod>] {
  return [withVolumes(list)];
}

const hostPath = { hostPath: { path: "/var/log" } };
const nfs = { nfs: { server: "nfs.example.com", path: "/" } };

/** Pod Security Standards, restricted, "Volume Types". */
export const volumeTypes: PodRule<PodSecuritySettings> = {
  id: "volume-types",
  subject: "pod",
  level: "mandatory",
  allowance: "host-path",
  allowedKinds: ["DaemonSet"],
  allowedPaths: /\.hostPath$/,
  title: "Volumes are of types that bring nothing of the node or of a foreign server.",
  why: "Volumes that a pod describes by itself, such as nfs, mount what no storage class has allowed.",
  fix: "use a PersistentVolumeClaim, or one of the other types that the message names",
  check(template, report, settings) {
    judge(demands, template, report, settings, (_, own) => {
      for (const volume of template.spec.at("volumes").items()) checkVolume(volume, own);
    });
  },
  good: [
    { name: "every allowed type", objects: volumes(...allowed.map((type) => ({ [type]: {} }))) },
    { name: "a volume with only a name is an emptyDir", objects: volumes({}) },
    { name: "one that is allowed is enough", objects: volumes({ emptyDir: {}, secret: unknown }) },
    { name: "a type that is null is none", objects: volumes({ nfs: null, emptyDir: {} }) },
    { name: "baseline allows other types", objects: volumes({ nfs: {} }), settings: { level: "baseline" } },
    {
      name: "an agent on every node is excused from the files of its node",
      objects: [agent(withVolumes([hostPath, {}], excused("host-path")))],
    },
  ],
  bad: [
    {
      name: "a foreign server",
      objects: volumes({ emptyDir: {} }, nfs),
      expect: [{ path: "spec.volumes[1].nfs" }],
    },
    {
      name: "a type that nobody has heard of yet",
      objects: volumes({ quantumFoam: {} }),
      settings: { version: "1.0" },
      expect: [{ path: "spec.volumes[0].quantumFoam" }],
    },
    {
      name: "a type that may be null in the end",
      objects: volumes({ nfs: unknown }, { emptyDir: unknown, nfs: {} }),
      expect: [
        { path: "spec.volumes[0].nfs", verdict: "undecidable" },
        { path: "spec.volumes[1].emptyDir", verdict: "undecidable" },
      ],
    },
    { name: "a type that is gone", objects: volumes({ gitRepo: {} }), expect: [{ path: "spec.volumes[0].gitRepo" }] },
    {
      name: "an agent that is excused from the files of its node has none of a foreign server",
      objects: [agent(withVolumes([hostPath, nfs, { "x.hostPath": {} }], excused("host-path")))],
      expect: [{ path: "spec.template.spec.volumes[1].nfs" }, { path: 'spec.template.spec.volumes[2]["x.hostPath"]' }],
    },
  ],
};
