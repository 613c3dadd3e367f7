import type { ObjectRule } from "../../core/rule.ts";
import { job } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

/** Jobs that the API server takes. */
export const jobRule: ObjectRule<AvailabilitySettings> = {
  id: "job",
  subject: "object",
  kinds: ["Job", "ScaledJob"],
  level: "mandatory",
  title: "The pods of a Job are not restarted for ever.",
  why: "The API server refuses Always, which is what holds where restartPolicy is absent.",
  fix: "set restartPolicy to OnFailure or Never",
  check(object, report) {
    const spec = object.kind === "ScaledJob" ? object.root.at("spec", "jobTargetRef") : object.root.at("spec");
    report.check(
      spec.at("template", "spec", "restartPolicy"),
      (value) => value === "OnFailure" || value === "Never",
      "must be OnFailure or Never: the API server refuses Always, which is the default",
    );
    report.check(
      spec.at("backoffLimit"),
      (value) => value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0),
      "must be a number from 0",
    );
  },
  good: [
    { name: "never", objects: [job()] },
    { name: "on failure", objects: [job({}, { restartPolicy: "OnFailure" })] },
    { name: "no second try", objects: [job({ backoffLimit: 0 })] },
  ],
  bad: [
    {
      name: "absent is always",
      objects: [job({}, { restartPolicy: null })],
      expect: [{ path: "spec.template.spec.restartPolicy" }],
    },
    {
      name: "always",
      objects: [job({}, { restartPolicy: "Always" })],
      expect: [{ path: "spec.template.spec.restartPolicy" }],
    },
    {
      name: "a negative number of tries",
      objects: [job({ backoffLimit: -1 })],
      expect: [{ path: "spec.backoffLimit" }],
    },
    {
      name: "jobs of KEDA",
      objects: [
        {
          apiVersion: "keda.sh/v1alpha1",
          kind: "ScaledJob",
          metadata: { name: "sample", namespace: "sample" },
          spec: { jobTargetRef: job({}, { restartPolicy: "Always" })["spec"] },
        },
      ],
      expect: [{ path: "spec.jobTargetRef.template.spec.restartPolicy" }],
    },
  ],
};
