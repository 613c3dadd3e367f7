import type { ObjectRule } from "../../core/rule.ts";
import { store } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";

/** Claims that outlive their pods. */
export const claimRetention: ObjectRule<DataProtectionSettings> = {
  id: "claim-retention",
  subject: "object",
  kinds: ["StatefulSet"],
  level: "mandatory",
  title: "A StatefulSet keeps its claims when it is deleted or scaled down.",
  why: "With Delete, one replica fewer, or a StatefulSet that is replaced, takes the data with it.",
  fix: "set whenDeleted and whenScaled of persistentVolumeClaimRetentionPolicy to Retain, or leave them out",
  check(object, report) {
    const policy = object.root.at("spec", "persistentVolumeClaimRetentionPolicy");
    for (const key of ["whenDeleted", "whenScaled"]) {
      report.check(policy.at(key), (value) => value === undefined || value === "Retain", "must be Retain");
    }
  },
  good: [
    { name: "absent is Retain", objects: [store()] },
    {
      name: "Retain is written",
      objects: [store({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" } })],
    },
  ],
  bad: [
    {
      name: "Delete on deletion",
      objects: [store({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } })],
      expect: [{ path: "spec.persistentVolumeClaimRetentionPolicy.whenDeleted" }],
    },
    {
      name: "Delete on scaling",
      objects: [store({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Delete" } })],
      expect: [{ path: "spec.persistentVolumeClaimRetentionPolicy.whenScaled" }],
    },
  ],
};
