import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { podsAtPeak } from "../../components/capacity/pods-at-peak.ts";
import { rollout } from "../../components/capacity/rollout.ts";
import { deployment, worlds } from "../support/plans.ts";
import { simulateRollingUpdate } from "../support/rollout-simulator.ts";

const anyDeployment = fc.record({
  maxReplicas: fc.integer({ min: 1, max: 80 }),
  surgePods: fc.integer({ min: 1, max: 12 }),
  graceSeconds: fc.integer({ min: 1, max: 900 }),
  minReadySeconds: fc.integer({ min: 0, max: 120 }),
});

describe("pods at the peak", () => {
  for (const [maxReplicas, surgePods, graceSeconds, minReadySeconds, draining, total] of [
    // Grace longer than the rollout: every old pod still drains when the last new one is there.
    [50, 5, 600, 30, 45, 100],
    [60, 6, 600, 30, 54, 120],
    // Grace of four waves and the one that begins with them.
    [10, 1, 45, 10, 5, 16],
    [6, 1, 45, 10, 5, 12],
    [10, 1, 40, 10, 5, 16],
    [10, 1, 39, 10, 4, 15],
    // One wave is gone before the next begins to terminate.
    [10, 2, 9, 10, 2, 14],
    // New pods count as ready at once: all old ones can terminate together.
    [10, 1, 5, 0, 9, 20],
  ] as const) {
    it(`are ${total} of ${maxReplicas} with surge ${surgePods}, grace ${graceSeconds} s and ${minReadySeconds} s to watch`, () => {
      const plan = deployment({ maxReplicas, surgePods, graceSeconds, minReadySeconds });
      assert.deepEqual(podsAtPeak(plan), { running: maxReplicas, surge: surgePods, draining, total });
    });
  }

  it("are the replicas of a StatefulSet, whose old pod is gone before the new one starts", () => {
    assert.deepEqual(podsAtPeak(worlds({ maxReplicas: 50 })), { running: 50, surge: 0, draining: 0, total: 50 });
  });

  it("are one on each node for an agent, and one of what must be alone: it is gone before its successor starts", () => {
    assert.equal(podsAtPeak(deployment({ kind: "DaemonSet", maxReplicas: 30, surgePods: 0 })).total, 30);
    const alone = deployment({ maxReplicas: 1, surgePods: 0, minReadySeconds: 0 });
    assert.deepEqual(podsAtPeak(alone), { running: 1, surge: 0, draining: 0, total: 1 });
  });

  it("are one for a job that never runs beside itself", () => {
    assert.equal(podsAtPeak(deployment({ kind: "CronJob", minReplicas: 0, maxReplicas: 1, surgePods: 0 })).total, 1);
  });

  it("are never fewer than may run, and never more drain than ran", () => {
    fc.assert(
      fc.property(anyDeployment, (changes) => {
        const peak = podsAtPeak(deployment(changes));
        assert.ok(peak.total >= changes.maxReplicas);
        assert.ok(peak.total <= 2 * changes.maxReplicas, "every pod is an old one or a new one");
        assert.equal(peak.total, peak.running + peak.surge + peak.draining);
      }),
    );
  });

  it("grow with the grace period and never shrink with it", () => {
    fc.assert(
      fc.property(anyDeployment, fc.integer({ min: 0, max: 600 }), (changes, more) => {
        const longer = deployment({ ...changes, graceSeconds: changes.graceSeconds + more });
        assert.ok(podsAtPeak(longer).total >= podsAtPeak(deployment(changes)).total);
      }),
    );
  });

  it("are enough for every rolling update, however long each pod takes to boot", () => {
    fc.assert(
      fc.property(
        anyDeployment,
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 30 }),
        (changes, boots) => {
          const result = simulateRollingUpdate({
            ...changes,
            replicas: changes.maxReplicas,
            surge: changes.surgePods,
            bootSeconds: (index) => boots[index % boots.length] ?? 0,
          });
          const peak = podsAtPeak(deployment(changes));
          assert.ok(result.mostPods <= peak.total, `${result.mostPods} pods, planned ${peak.total}`);
          assert.equal(result.fewestAvailable, changes.maxReplicas, "an update takes pods away from players");
        },
      ),
      { numRuns: 400 },
    );
  });

  it("are reached by an update whose pods boot at once, so that not one is planned too many", () => {
    for (const changes of [
      { maxReplicas: 50, surgePods: 5, graceSeconds: 600, minReadySeconds: 30 },
      { maxReplicas: 40, surgePods: 1, graceSeconds: 45, minReadySeconds: 10 },
    ]) {
      const result = simulateRollingUpdate({
        ...changes,
        replicas: changes.maxReplicas,
        surge: changes.surgePods,
        bootSeconds: () => 0,
      });
      assert.equal(result.mostPods, podsAtPeak(deployment(changes)).total);
    }
  });
});

describe("rollout times", () => {
  it("are what an update takes when every pod boots in the expected time", () => {
    fc.assert(
      fc.property(anyDeployment, fc.integer({ min: 1, max: 100 }), (changes, bootSeconds) => {
        const result = simulateRollingUpdate({
          ...changes,
          replicas: changes.maxReplicas,
          surge: changes.surgePods,
          bootSeconds: () => bootSeconds,
        });
        assert.equal(rollout(deployment({ ...changes, bootSeconds })).seconds, result.goneAfter);
      }),
    );
  });

  it("add up stop, boot and watch of one world after the other", () => {
    const { seconds, terms } = rollout(worlds());
    assert.equal(seconds, 5 * (900 + 60 + 60));
    assert.equal(terms, "5 x (stop 900 + boot 60 + watch 60)");
  });

  it("are nothing for a job, whose next run is the new one", () => {
    assert.equal(rollout(deployment({ kind: "CronJob" })).seconds, 0);
  });
});
