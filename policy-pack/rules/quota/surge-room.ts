import type { ClusterRule } from "../../core/rule.ts";
import { formatQuantity } from "../../kube/quantities.ts";
import { around, deployment, quota, sound } from "./cases.ts";
import type { QuotaSettings } from "./settings.ts";
import { quotaLines, sumText } from "./table.ts";

/** Off while the setting `roomPercent` is 0. */
export const surgeRoom: ClusterRule<QuotaSettings> = {
  id: "surge-room",
  subject: "cluster",
  level: "advisory",
  title: "The peak leaves free what the setting roomPercent says.",
  why: "A quota that the peak fills holds no second rollout, no debug pod and no dead node's pods that are started anew.",
  fix: "raise the quota, or lower maxima",
  check(cluster, report, settings) {
    const most = BigInt(Math.round((100 - settings.roomPercent) * 1000));
    if (settings.roomPercent === 0) return;
    for (const line of quotaLines(cluster, settings)) {
      const { quota: object, field, resource, hard, need, verdict } = line;
      if (verdict === "exceeds" || need.least * 100_000n <= hard * most) continue;
      const sum = `${formatQuantity(resource, need.least)} of ${formatQuantity(resource, hard)} = ${sumText(line)}`;
      report.violated(
        { object, field },
        `${resource}: the peak takes ${sum} and leaves less than ${settings.roomPercent} %`,
      );
    }
  },
  good: [
    { name: "nobody asks for room", objects: sound },
    {
      name: "a fifth is free",
      objects: around(
        quota({
          "requests.cpu": "500m",
          "requests.memory": "640Mi",
          "limits.cpu": "1",
          "limits.memory": "1280Mi",
          pods: "5",
        }),
        deployment(),
      ),
      settings: { roomPercent: 20 },
    },
  ],
  bad: [
    {
      name: "one resource is short of it by a hair",
      objects: around(
        quota({
          "requests.cpu": "499m",
          "requests.memory": "640Mi",
          "limits.cpu": "1",
          "limits.memory": "1280Mi",
          pods: "5",
        }),
        deployment(),
      ),
      settings: { roomPercent: 20 },
      expect: [{ path: 'spec.hard["requests.cpu"]' }],
    },
  ],
};
