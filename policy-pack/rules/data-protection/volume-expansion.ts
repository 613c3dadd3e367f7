import type { ObjectRule } from "../../core/rule.ts";
import { storageClass } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";

// Volumes that somebody made by hand have the size that they have.
const byHand = "kubernetes.io/no-provisioner";

/** Volumes that can grow. */
export const volumeExpansion: ObjectRule<DataProtectionSettings> = {
  id: "volume-expansion",
  subject: "object",
  kinds: ["StorageClass"],
  level: "advisory",
  title: "A StorageClass lets its volumes grow.",
  why: "A full disk that cannot grow has to be copied to a larger one while the store stands still.",
  fix: "set allowVolumeExpansion: true",
  check(object, report) {
    const [provisioner, field] = [object.root.at("provisioner"), object.root.at("allowVolumeExpansion")];
    if (provisioner.text === byHand) return;
    if (provisioner.unknown && field.value !== true) report.undecidable(field);
    else report.check(field, (value) => value === true, "volumes of the class cannot grow");
  },
  good: [
    { name: "they can", objects: [storageClass()] },
    { name: "volumes made by hand", objects: [storageClass({ provisioner: byHand, allowVolumeExpansion: null })] },
  ],
  bad: [
    {
      name: "absent is no",
      objects: [storageClass({ allowVolumeExpansion: null })],
      expect: [{ path: "allowVolumeExpansion" }],
    },
    {
      name: "no",
      objects: [storageClass({ allowVolumeExpansion: false })],
      expect: [{ path: "allowVolumeExpansion" }],
    },
    {
      name: "a word instead of true",
      objects: [storageClass({ allowVolumeExpansion: "true" })],
      expect: [{ path: "allowVolumeExpansion" }],
    },
  ],
};
