import type { PodRule } from "../../core/rule.ts";
import { containersOf } from "../../kube/pods.ts";
import { unknown } from "../../kube/tree.ts";
import { container, pod, statefulSet, template } from "./cases.ts";
import type { NamingSettings } from "./settings.ts";

/** Kinds whose pods have exactly the volumes that stand in them; operators add volumes to those of other kinds. */
const plainKinds = new Set([
  ..."Pod PodTemplate ReplicationController ReplicaSet Deployment DaemonSet StatefulSet Job CronJob".split(" "),
]);

/** The API server refuses a mount of a volume that is not there. */
export const volumeMounts: PodRule<NamingSettings> = {
  id: "volume-mounts",
  subject: "pod",
  level: "mandatory",
  title: "Every mounted volume is a volume of the pod, or a claim of its StatefulSet.",
  why: "The API server refuses the pod, of a StatefulSet only when it is about to start one.",
  fix: "add the volume to the pod, or correct the name of the mount",
  check(pods, report) {
    const { object, spec } = pods;
    // What a patch leaves out may be in the cluster.
    if (!plainKinds.has(object.kind) || object.partial) return;
    const claims = object.kind === "StatefulSet" ? object.root.at("spec", "volumeClaimTemplates").items() : [];
    const names = [
      ...spec
        .at("volumes")
        .items()
        .map((one) => one.at("name")),
      ...claims.map((one) => one.at("metadata", "name")),
    ];
    const known = new Set(names.map((one) => one.text));
    const open = names.some((one) => one.unknown);
    for (const owner of containersOf(pods)) {
      if (owner.field.unknown) report.undecidable({ field: owner.field, container: owner });
      for (const list of ["volumeMounts", "volumeDevices"]) {
        for (const mount of owner.field.at(list).items()) {
          const field = mount.at("name");
          if (owner.field.unknown || known.has(field.text ?? "\n")) continue;
          if (field.unknown || open) report.undecidable({ field, container: owner });
          else report.violated({ field, container: owner }, "the pod has no volume of that name");
        }
      }
    }
  },
  good: [
    {
      name: "a volume, and a claim of a StatefulSet",
      objects: [
        statefulSet({
          volumeClaimTemplates: [{ metadata: { name: "data" } }],
          template: template({
            containers: [container({ volumeMounts: ["tmp", "data"].map((name) => ({ name, mountPath: `/${name}` })) })],
            volumes: [{ name: "tmp" }],
          }),
        }),
      ],
    },
  ],
  bad: [
    {
      name: "a volume that is not there, in an init container",
      objects: [
        pod({ initContainers: [container({ name: "init", volumeMounts: [{ name: "data", mountPath: "/data" }] })] }),
      ],
      expect: [{ path: "spec.initContainers[0].volumeMounts[0].name" }],
    },
    {
      name: "a device that is not there, and a mount without name",
      objects: [
        pod({
          containers: [container({ volumeDevices: [{ name: "disk" }], volumeMounts: [{ mountPath: "/a" }] })],
          volumes: [{ name: "data" }],
        }),
      ],
      expect: [
        { path: "spec.containers[0].volumeDevices[0].name" },
        { path: "spec.containers[0].volumeMounts[0].name" },
      ],
    },
    {
      name: "a volume that is not known yet may be the one, unless another has the name",
      objects: [
        pod({
          containers: [container({ volumeMounts: ["a", "b"].map((name) => ({ name, mountPath: `/${name}` })) })],
          volumes: [{ name: "a" }, unknown],
        }),
      ],
      expect: [
        { path: "spec.containers[0].volumeMounts[1].name", verdict: "undecidable" },
        ...["unique-names", "valid-inner-name", "references"].map((rule) => ({
          path: "spec.volumes[1]",
          verdict: "undecidable" as const,
          rule,
        })),
      ],
    },
  ],
};
