import type { ObjectRule } from "../../core/rule.ts";
import { cronJob, job } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

const paths: Readonly<Record<string, readonly string[]>> = {
  Job: ["spec"],
  CronJob: ["spec", "jobTemplate", "spec"],
  ScaledJob: ["spec", "jobTargetRef"],
};

function isAbove(lowest: number) {
  return (value: unknown) => typeof value === "number" && value >= lowest;
}

/** Jobs that do not hang, and do not pile up. */
export const jobBounds: ObjectRule<AvailabilitySettings> = {
  id: "job-bounds",
  subject: "object",
  kinds: Object.keys(paths),
  level: "advisory",
  title: "A Job has a deadline, and where the settings ask for it, an end of its record.",
  why: "A job that hangs holds its resources for ever, and blocks every later run of a CronJob that forbids overlap.",
  fix: "set activeDeadlineSeconds, and ttlSecondsAfterFinished where jobs are to expire",
  check(object, report, settings) {
    const spec = object.root.at(...(paths[object.kind] ?? ["spec"]));
    const ofPod = spec.at("template", "spec", "activeDeadlineSeconds");
    if (ofPod.absent) {
      report.check(spec.at("activeDeadlineSeconds"), isAbove(1), "a job that hangs is never ended");
    } else report.check(ofPod, isAbove(1), "must be 1 or more");
    const expiry = spec.at("ttlSecondsAfterFinished");
    // Jobs of a CronJob are cleared away by its history limits, and earlier where their volumes must go.
    if (object.kind === "Job" && settings.jobsExpire) {
      report.check(expiry, isAbove(0), "a Job outside of a CronJob stays until somebody deletes it");
    }
  },
  good: [
    { name: "a deadline", objects: [job()] },
    { name: "a deadline of the pod", objects: [job({ activeDeadlineSeconds: null }, { activeDeadlineSeconds: 60 })] },
    { name: "the CronJob clears away", objects: [cronJob()] },
    { name: "jobs of a CronJob go earlier", objects: [cronJob({}, { ttlSecondsAfterFinished: 60 })] },
    { name: "it expires", objects: [job({ ttlSecondsAfterFinished: 0 })], settings: { jobsExpire: true } },
  ],
  bad: [
    {
      name: "no deadline",
      objects: [job({ activeDeadlineSeconds: null })],
      expect: [{ path: "spec.activeDeadlineSeconds" }],
    },
    {
      name: "a deadline of the pod that is none",
      objects: [job({}, { activeDeadlineSeconds: 0 })],
      expect: [{ path: "spec.template.spec.activeDeadlineSeconds" }],
    },
    {
      name: "no deadline of a CronJob's jobs",
      objects: [cronJob({}, { activeDeadlineSeconds: null })],
      expect: [{ path: "spec.jobTemplate.spec.activeDeadlineSeconds" }],
    },
    {
      name: "it never expires, and the settings ask for it",
      objects: [job()],
      settings: { jobsExpire: true },
      expect: [{ path: "spec.ttlSecondsAfterFinished" }],
    },
  ],
};
