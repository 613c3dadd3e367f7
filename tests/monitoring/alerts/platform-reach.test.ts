import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { platformAlerts } from "../../../components/monitoring/alerts/platform.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const parts = ["platform-jobs", "platform-hosts"];
const groups = platformAlerts(sampleWatched()).filter(({ name }) => parts.includes(name));

const hour = 3600;
const day = 24 * hour;
const backup = { namespace: "mmorpg-game", cronjob: "mysql-backup" };
const drill = { namespace: "mmorpg-game", cronjob: "mysql-drill" };
const host = { target: "https://api.ads.example.com/health/ready" };

/** Samples of so many hours: one in five minutes, since older ones count as gone. */
function hours(count: number): number {
  return count * 12 - 1;
}

/** A job that was made at the start, and when it succeeded. */
function job(of: typeof backup, succeeded?: string): Record<string, string> {
  return {
    [series("kube_cronjob_created", of)]: `0x${hours(250)}`,
    ...(succeeded === undefined ? {} : { [series("kube_cronjob_status_last_successful_time", of)]: succeeded }),
  };
}

const slow = { step: 300, evaluation: 300 };

function late(of: typeof backup, severity: string, summary: string) {
  return [{ labels: { ...of, severity }, summary }];
}

const cases: RuleCase[] = [
  {
    // Succeeded at 1 h; 26 h later it is too old.
    title: "wake somebody when the last backup is older than it may be",
    series: job(backup, `_x${hours(1)} ${hour}x${hours(60)}`),
    ...slow,
    alert: "BackupTooOld",
    at: {
      "27h": [],
      "28h": late(
        backup,
        "critical",
        "The last backup by mysql-backup in mmorpg-game is 1d 3h 0m 0s old, or there is none",
      ),
    },
  },
  {
    title: "wake somebody when there never was a backup: the time of no success cannot be compared",
    series: job(backup),
    ...slow,
    alert: "BackupTooOld",
    at: {
      "26h": [],
      "27h": late(
        backup,
        "critical",
        "The last backup by mysql-backup in mmorpg-game is 1d 3h 0m 0s old, or there is none",
      ),
    },
  },
  {
    title: "are silent about backups every night, and about a drill that is as old",
    series: { ...job(backup, `0x${hours(24)} ${day}x${hours(24)} ${2 * day}x${hours(40)}`), ...job(drill) },
    ...slow,
    alert: "BackupTooOld",
    at: { "23h": [], "47h": [], "73h": [] },
  },
  {
    title: "warn when no drill has succeeded for more than a week and a day",
    series: job(drill),
    ...slow,
    alert: "DrillTooOld",
    at: {
      "192h": [],
      "193h": late(drill, "warning", "mysql-drill in mmorpg-game last succeeded 8d 1h 0m 0s ago, or never"),
    },
  },
  {
    title: "are silent about a drill every week",
    series: job(drill, `0x${hours(168)} ${7 * day}x${hours(80)}`),
    ...slow,
    alert: "DrillTooOld",
    at: { "167h": [], "240h": [] },
  },
  {
    title: "wake somebody when a public host has not answered for five minutes",
    series: { [series("probe_success", host)]: "1 0x20" },
    alert: "PublicHostDown",
    at: {
      "345s": [],
      "6m": [{ labels: { ...host, severity: "critical" }, summary: `${host.target} does not answer` }],
    },
  },
  {
    title: "are silent about one that did not for a minute",
    series: { [series("probe_success", host)]: "1 0 1x20" },
    alert: "PublicHostDown",
    at: { "6m": [], "15m": [] },
  },
  {
    title: "warn of a certificate that ends in less than 14 days",
    series: { [series("probe_ssl_earliest_cert_expiry", host)]: `${13.5 * day}x60` },
    alert: "CertificateEnds",
    at: {
      "9m": [],
      "10m": [
        { labels: { ...host, severity: "warning" }, summary: `The certificate of ${host.target} ends in 13.5 days` },
      ],
    },
  },
  {
    title: "are silent about one that ends a little later",
    series: { [series("probe_ssl_earliest_cert_expiry", host)]: `${14 * day + hour}x60` },
    alert: "CertificateEnds",
    at: { "10m": [], "55m": [] },
  },
];

describe("the alerts on jobs and public hosts", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });

  it("watch every job by its own age", () => {
    const text = JSON.stringify(groups);
    for (const { cronJob, maxAgeSeconds } of sampleWatched().jobs) {
      assert.ok(text.includes(`cronjob=\\"${cronJob}\\"}) > ${maxAgeSeconds}`), cronJob);
    }
  });
});
