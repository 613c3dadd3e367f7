import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { autoscalerBehavior, scalingLine, scalingSteps } from "../../components/capacity/autoscaler.ts";
import { Behavior, behavior } from "../../components/config/scaling.ts";
import { configOf, planOf } from "../support/stacks.ts";

const game = (select: "Min" | "Max") => autoscalerBehavior(Behavior.parse({ scaleUp: { select } }));
const bounds = { minReplicas: 1, maxReplicas: 1000 };

describe("the steps of an autoscaler", () => {
  // Half as many again, or two, each minute: the original's comment says the smaller, its YAML the larger.
  for (const [from, larger, smaller] of [
    [3, 5, 5],
    [4, 6, 6],
    [5, 8, 7],
    [6, 9, 8],
    [8, 12, 10],
    [10, 15, 12],
    [13, 20, 15],
  ] as const) {
    it(`of the game lead from ${from} to ${smaller}, or ${larger} with the larger of the two`, () => {
      for (const [select, want] of [
        ["Max", larger],
        ["Min", smaller],
      ] as const) {
        const [first] = scalingSteps({ ...bounds, behavior: game(select) }, from, 1000);
        assert.deepEqual(first, { seconds: 60, replicas: want });
      }
    });
  }

  it("lead down by a tenth a minute, after five minutes", () => {
    const steps = scalingSteps({ ...bounds, behavior: game("Min") }, 20, 1);
    assert.deepEqual(steps.slice(0, 3), [
      { seconds: 300, replicas: 18 },
      { seconds: 360, replicas: 16 },
      { seconds: 420, replicas: 14 },
    ]);
  });

  it("of bidding treble it every 30 s: 5, 15, 45, 50, and lead down like the others", () => {
    const ads = planOf("prod").regions.find(({ ads: [one] }) => one !== undefined)?.namespaces[1];
    const bidding = ads?.scaling.find(({ plan }) => plan.name === "bidding-service");
    assert.deepEqual(bidding?.up, [
      { seconds: 30, replicas: 15 },
      { seconds: 60, replicas: 45 },
      { seconds: 90, replicas: 50 },
    ]);
    assert.deepEqual(bidding?.down.slice(0, 2), [
      { seconds: 300, replicas: 45 },
      { seconds: 360, replicas: 40 },
    ]);
    const campaign = ads?.scaling.find(({ plan }) => plan.name === "campaign-service");
    assert.deepEqual(campaign?.up, [
      { seconds: 60, replicas: 10 },
      { seconds: 120, replicas: 20 },
    ]);
  });

  it("are none where an autoscaler may not shrink, or has nowhere to go", () => {
    const stays = autoscalerBehavior(Behavior.parse({ scaleDown: { enabled: false } }));
    assert.deepEqual(scalingSteps({ ...bounds, behavior: stays }, 20, 1), []);
    assert.deepEqual(scalingSteps({ minReplicas: 3, maxReplicas: 3, behavior: game("Min") }, 3, 100), []);
  });

  it("end at the bounds, and never pass them, whatever the behaviour", () => {
    const numbers = fc.record({
      percent: fc.integer({ min: 1, max: 300 }),
      pods: fc.integer({ min: 1, max: 20 }),
      periodSeconds: fc.integer({ min: 15, max: 120 }),
      stabilizationSeconds: fc.integer({ min: 0, max: 300 }),
      select: fc.constantFrom("Min" as const, "Max" as const),
    });
    fc.assert(
      fc.property(
        numbers,
        numbers,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 60 }),
        (up, down, low, more) => {
          const plan = { ...planOf("dev").regions[0]?.game.gameServers, minReplicas: low, maxReplicas: low + more };
          const schema = behavior({ up, down: { ...down, percent: Math.min(100, down.percent) }, source: "test" });
          const line = scalingLine(plan as Parameters<typeof scalingLine>[0], schema.parse({}));
          const ups = [low, ...line.up.map((one) => one.replicas)];
          assert.equal(ups.at(-1), low + more);
          assert.deepEqual(
            ups,
            ups.toSorted((a, b) => a - b),
          );
          // A tenth of few pods is less than one: then none is removed any more.
          const downs = [low + more, ...line.down.map((one) => one.replicas)];
          assert.ok(downs.every((count) => count >= low && count <= low + more));
          assert.deepEqual(
            downs,
            downs.toSorted((a, b) => b - a),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("of game servers of prod are those of their configuration", () => {
    const { gameServers } = configOf("prod").game;
    for (const { namespaces } of planOf("prod").regions) {
      const [line] = namespaces[0].scaling;
      assert.ok(line);
      assert.deepEqual(line, scalingLine(line.plan, gameServers.behavior));
      assert.equal(line.up.at(-1)?.replicas, line.plan.maxReplicas);
    }
  });
});
