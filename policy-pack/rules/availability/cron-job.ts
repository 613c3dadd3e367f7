import type { ObjectRule } from "../../core/rule.ts";
import { cronJob } from "./cases.ts";
import { neverComes, scheduleMistake } from "./schedule.ts";
import type { AvailabilitySettings } from "./settings.ts";

// The controller looks every 10 s (kubernetes.io, "CronJob": deadline for delayed Job start).
const shortestDeadline = 10;

const policies = ["Allow", "Forbid", "Replace"];

function isCount(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0);
}

/** CronJobs that run when they should, and end. */
export const cronJobRule: ObjectRule<AvailabilitySettings> = {
  id: "cron-job",
  subject: "object",
  kinds: ["CronJob"],
  level: "mandatory",
  title: "A CronJob has a schedule that comes, says whether runs may overlap, and starts pods that end.",
  why: "A job that never runs is missed when its result is needed, and runs that overlap fill the namespace.",
  fix: "write five fields, set concurrencyPolicy, restartPolicy OnFailure or Never, and startingDeadlineSeconds of 10 or more",
  check(object, report) {
    const spec = object.root.at("spec");
    const schedule = spec.at("schedule");
    // What is suspended is a template that people or other jobs start by hand; a day that never comes is how to say so.
    const suspend = spec.at("suspend");
    if (schedule.text !== undefined && scheduleMistake(schedule.text) === neverComes) {
      if (suspend.unknown) report.undecidable(suspend);
      else if (suspend.value !== true) report.violated(schedule, neverComes);
    } else {
      report.check(
        schedule,
        (value) => typeof value === "string" && scheduleMistake(value) === undefined,
        mistake(schedule.text),
      );
    }
    report.check(
      spec.at("concurrencyPolicy"),
      (value) => typeof value === "string" && policies.includes(value),
      "say whether runs may overlap: Forbid, Replace or Allow",
    );
    report.check(
      spec.at("startingDeadlineSeconds"),
      (value) => value === undefined || (typeof value === "number" && value >= shortestDeadline),
      `below ${shortestDeadline} s, a run may be missed between two looks of the controller`,
    );
    report.check(
      spec.at("jobTemplate", "spec", "template", "spec", "restartPolicy"),
      (value) => value === "OnFailure" || value === "Never",
      "must be OnFailure or Never: the API server refuses Always, which is the default",
    );
    for (const key of ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"]) {
      report.check(spec.at(key), isCount, "must be a number from 0");
    }
  },
  good: [
    { name: "every night", objects: [cronJob()] },
    { name: "a shortcut", objects: [cronJob({ schedule: "@daily" })] },
    { name: "an interval", objects: [cronJob({ schedule: "@every 1h30m" })] },
    { name: "names, lists, ranges and steps", objects: [cronJob({ schedule: "*/15 8-18/2 1,15 JAN-mar ?" })] },
    { name: "29 February comes", objects: [cronJob({ schedule: "0 0 29 2 *" })] },
    { name: "a template that never runs by itself", objects: [cronJob({ schedule: "0 0 31 2 *", suspend: true })] },
    { name: "30 February does not, and Mondays do", objects: [cronJob({ schedule: "0 0 30 2 1" })] },
    { name: "runs may overlap, and somebody wrote so", objects: [cronJob({ concurrencyPolicy: "Allow" })] },
    { name: "a deadline of 10 s", objects: [cronJob({ startingDeadlineSeconds: 10 })] },
    { name: "no record of what went well", objects: [cronJob({ successfulJobsHistoryLimit: 0 })] },
    { name: "starts again on failure", objects: [cronJob({}, {}, { restartPolicy: "OnFailure" })] },
  ],
  bad: [
    ...[
      "0 3 * *",
      "0 0 3 * * *",
      "60 3 * * *",
      "0 3 * * 7",
      "0 3 * FEBRUARY *",
      "*/0 3 * * *",
      "5-1 3 * * *",
      "@reboot",
      "",
    ].map((schedule) => ({
      name: `the schedule "${schedule}"`,
      objects: [cronJob({ schedule })],
      expect: [{ path: "spec.schedule" }],
    })),
    {
      name: "a day that never comes",
      objects: [cronJob({ schedule: "0 0 31 4,6 *" })],
      expect: [{ path: "spec.schedule" }],
    },
    {
      name: "no schedule at all, though it is suspended",
      objects: [cronJob({ schedule: "0 0 31 2", suspend: true })],
      expect: [{ path: "spec.schedule" }],
    },
    {
      name: "a time zone in the schedule",
      objects: [cronJob({ schedule: "CRON_TZ=UTC 0 3 * * *" })],
      expect: [{ path: "spec.schedule" }],
    },
    { name: "no schedule", objects: [cronJob({ schedule: null })], expect: [{ path: "spec.schedule" }] },
    {
      name: "nothing about overlap",
      objects: [cronJob({ concurrencyPolicy: null })],
      expect: [{ path: "spec.concurrencyPolicy" }],
    },
    {
      name: "a policy that Kubernetes does not know",
      objects: [cronJob({ concurrencyPolicy: "Skip" })],
      expect: [{ path: "spec.concurrencyPolicy" }],
    },
    {
      name: "a deadline of 9 s",
      objects: [cronJob({ startingDeadlineSeconds: 9 })],
      expect: [{ path: "spec.startingDeadlineSeconds" }],
    },
    {
      name: "pods that never end",
      objects: [cronJob({}, {}, { restartPolicy: null })],
      expect: [{ path: "spec.jobTemplate.spec.template.spec.restartPolicy" }],
    },
    {
      name: "a negative history",
      objects: [cronJob({ successfulJobsHistoryLimit: -1 })],
      expect: [{ path: "spec.successfulJobsHistoryLimit" }],
    },
    {
      name: "a negative history of failures",
      objects: [cronJob({ failedJobsHistoryLimit: -1 })],
      expect: [{ path: "spec.failedJobsHistoryLimit" }],
    },
  ],
};

function mistake(schedule: string | undefined): string {
  return schedule === undefined ? "is no schedule" : (scheduleMistake(schedule) ?? "");
}
