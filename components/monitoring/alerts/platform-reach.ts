/** Alerts on jobs that are late, and on public hosts that do not answer. */
import type { Watched, WatchedJob } from "../watched.ts";
import type { Alert, RuleGroup } from "./alert.ts";

const secondsOfDay = 86_400;

/** Alerts of jobs and hosts; a group only where there is something to watch. */
export function reachAlerts(watched: Watched): RuleGroup[] {
  const { jobs, probes, thresholds } = watched;
  const backups = jobs.filter((job) => job.purpose === "backup");
  const drills = jobs.filter((job) => job.purpose === "drill");
  const late = [
    ...(backups.length > 0 ? [backupTooOld(backups)] : []),
    ...(drills.length > 0 ? [drillTooOld(drills)] : []),
  ];
  return [
    ...(late.length > 0 ? [{ name: "platform-jobs", rules: late }] : []),
    ...(probes.length > 0
      ? [{ name: "platform-hosts", rules: [publicHostDown(), certificateEnds(thresholds.certificateDays)] }]
      : []),
  ];
}

/** Seconds since each job succeeded, or, where it never did, since it was made. Suspended ones grow old too. */
function age({ namespace, cronJob }: WatchedJob): string {
  const own = `{namespace="${namespace}",cronjob="${cronJob}"}`;
  const since = `kube_cronjob_status_last_successful_time${own} or kube_cronjob_created${own}`;
  return `time() - max by (namespace, cronjob) (${since})`;
}

function tooOld(jobs: readonly WatchedJob[]): string {
  return jobs.map((job) => `${age(job)} > ${job.maxAgeSeconds}`).join("\nor ");
}

function backupTooOld(jobs: readonly WatchedJob[]): Alert {
  return {
    alert: "BackupTooOld",
    expression: tooOld(jobs),
    forSeconds: 60,
    severity: "critical",
    summary: `The last backup by {{ $labels.cronjob }} in {{ $labels.namespace }} is {{ $value | humanizeDuration }} old, or there is none`,
    description: `If the data of {{ $labels.cronjob }} had to be restored now, all changes since then would be lost: more than is promised.`,
    runbook: "job-too-old",
  };
}

function drillTooOld(jobs: readonly WatchedJob[]): Alert {
  return {
    alert: "DrillTooOld",
    expression: tooOld(jobs),
    forSeconds: 60,
    severity: "warning",
    summary: `{{ $labels.cronjob }} in {{ $labels.namespace }} last succeeded {{ $value | humanizeDuration }} ago, or never`,
    description: `There are backups, and nobody knows any more whether they can be restored.`,
    runbook: "job-too-old",
  };
}

function publicHostDown(): Alert {
  return {
    alert: "PublicHostDown",
    expression: `max by (target) (probe_success) == 0`,
    forSeconds: 300,
    severity: "critical",
    summary: `{{ $labels.target }} does not answer`,
    description: `For five minutes no answer, the wrong one, or a certificate that is not valid. Nobody outside can use it, unless only the way out of this region is broken.`,
    runbook: "public-host",
  };
}

function certificateEnds(days: number): Alert {
  return {
    alert: "CertificateEnds",
    expression: `(min by (target) (probe_ssl_earliest_cert_expiry) - time()) / ${secondsOfDay} < ${days}`,
    forSeconds: 600,
    severity: "warning",
    summary: `The certificate of {{ $labels.target }} ends in {{ printf "%.1f" $value }} days`,
    description: `It should have been renewed long ago. When it has ended, nobody can use {{ $labels.target }}.`,
    runbook: "public-host",
  };
}
