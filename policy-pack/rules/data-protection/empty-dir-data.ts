import type { PodRule } from "../../core/rule.ts";
import { replicaKinds } from "../../kube/floor.ts";
import { containersOf } from "../../kube/pods.ts";
import { store, workload } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";

const kinds: readonly string[] = [...replicaKinds, "Pod"];

// Volumes that end with the pod, or stay on one node.
const fleeting = ["emptyDir", "hostPath", "ephemeral"] as const;

/** The path is one of the folders, or lies below one. */
function liesIn(path: string, folders: readonly string[]): boolean {
  const plain = path.endsWith("/") ? path.slice(0, -1) : path;
  return folders.some((folder) => plain === folder || plain.startsWith(`${folder}/`));
}

function on(volume: object, mountPath = "/var/lib/mysql", kind = "StatefulSet") {
  return workload(
    {},
    {
      containers: [{ name: "app", image: "app:1", volumeMounts: [{ name: "data", mountPath }] }],
      volumes: [{ name: "data", ...volume }],
    },
    kind,
  );
}

/** Data that ends with its pod. */
export const emptyDirData: PodRule<DataProtectionSettings> = {
  id: "empty-dir-data",
  subject: "pod",
  level: "advisory",
  title: "The data folder of a well-known store lies on a claim.",
  why: "What lies in an emptyDir is gone when the pod moves, and what lies on a node is gone with the node.",
  fix: "mount a claim there: volumeClaimTemplates of a StatefulSet, or a persistentVolumeClaim",
  check(pod, report, settings) {
    if (!kinds.includes(pod.object.kind)) return;
    const own = new Set(
      pod.object.root
        .at("spec", "volumeClaimTemplates")
        .items()
        .map((one) => one.at("metadata", "name").text),
    );
    const volumes = pod.spec.at("volumes").items();
    const byName = new Map(volumes.map((volume) => [volume.at("name").text, volume]));
    const unsure = volumes.find((volume) => volume.at("name").unknown);
    for (const one of containersOf(pod)) {
      for (const mount of one.field.at("volumeMounts").items()) {
        const open = [mount.at("name"), mount.at("mountPath")].find((field) => field.unknown);
        if (open !== undefined) report.undecidable({ field: open, container: one });
        const [name, path] = [mount.at("name").text, mount.at("mountPath").text];
        if (name === undefined || path === undefined || own.has(name) || !liesIn(path, settings.dataPaths)) continue;
        if (!byName.has(name) && unsure !== undefined) report.undecidable(unsure);
        const volume = byName.get(name);
        for (const source of fleeting) {
          const field = volume?.at(source);
          if (field === undefined || field.absent) continue;
          if (field.unknown) report.undecidable(field);
          else report.violated(field, `container "${one.name}" keeps the data of a store in it`);
        }
      }
    }
  },
  good: [
    { name: "a claim for each pod", objects: [store()] },
    { name: "a claim", objects: [on({ persistentVolumeClaim: { claimName: "data" } })] },
    { name: "scratch in another folder", objects: [on({ emptyDir: {} }, "/tmp")] },
    { name: "a folder whose name begins alike", objects: [on({ emptyDir: {} }, "/var/lib/mysql-files")] },
    {
      name: "a claim for each pod hides a volume of its name",
      objects: [store({ template: on({ emptyDir: {} })["spec"] })],
    },
    { name: "other folders count", objects: [on({ emptyDir: {} })], settings: { dataPaths: ["/srv"] } },
  ],
  bad: [
    {
      name: "an emptyDir",
      objects: [on({ emptyDir: {} })],
      expect: [{ path: "spec.template.spec.volumes[0].emptyDir" }],
    },
    {
      name: "a folder of the node",
      objects: [on({ hostPath: { path: "/srv" } })],
      expect: [{ path: "spec.template.spec.volumes[0].hostPath" }],
    },
    {
      name: "a claim that ends with the pod",
      objects: [on({ ephemeral: {} })],
      expect: [{ path: "spec.template.spec.volumes[0].ephemeral" }],
    },
    {
      name: "below the folder",
      objects: [on({ emptyDir: {} }, "/var/lib/postgresql/data/")],
      expect: [{ path: "spec.template.spec.volumes[0].emptyDir" }],
    },
    {
      name: "a Deployment",
      objects: [on({ emptyDir: {} }, "/data/db", "Deployment")],
      expect: [{ path: "spec.template.spec.volumes[0].emptyDir" }],
    },
    {
      name: "a folder that the settings name",
      objects: [on({ emptyDir: {} }, "/srv/ledger")],
      settings: { dataPaths: ["/srv"] },
      expect: [{ path: "spec.template.spec.volumes[0].emptyDir" }],
    },
  ],
};
