import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { failures, type RecoveryContext, recoveries } from "../../components/capacity/recovery.ts";
import { regionLosses } from "../../components/capacity/region-loss.ts";
import { deployment, worlds } from "../support/plans.ts";
import { planOf } from "../support/stacks.ts";

const context: RecoveryContext = {
  nodesPerZone: 4,
  zones: 3,
  zonalVolumes: true,
  hungDetectionSeconds: 35,
  hungGraceSeconds: 30,
};

function seconds(plan: ReturnType<typeof deployment>, changes: Partial<RecoveryContext> = {}) {
  return Object.fromEntries(
    recoveries(plan, { ...context, ...changes }).map((one) => [one.failure, one.seconds ?? "by hand"]),
  );
}

describe("recovery times", () => {
  it("of a game server are the sums of detection, toleration, start and boot", () => {
    assert.deepEqual(seconds(deployment()), {
      "process exits": 60,
      "process hangs": 35 + 30 + 60,
      "pod deleted": 5 + 60,
      "node deleted": 60 + 5 + 60,
      "node hangs": 50 + 30 + 5 + 60,
      // Four nodes go one after the other, every 10 s.
      "zone lost": 50 + 10 * 3 + 30 + 5 + 60,
      "bad image": 0,
    });
  });

  it("of a world wait for the drain and for its volume, and for a person where two could write one volume", () => {
    assert.deepEqual(seconds(worlds()), {
      "process exits": 60,
      "process hangs": 35 + 30 + 60,
      "pod deleted": 900 + 5 + 30 + 60,
      "node deleted": 60 + 5 + 30 + 60,
      "node hangs": "by hand",
      "zone lost": "by hand",
      "bad image": 900 + 5 + 30 + 60,
    });
  });

  it("say each term of a sum, and what a person has to do where there is none", () => {
    for (const plan of [deployment(), worlds()]) {
      for (const one of recoveries(plan, context)) {
        assert.ok(one.terms.length > 5, one.failure);
        const terms = [...one.terms.matchAll(/ (\d+)(?= \+|$)/g)].reduce((sum, [, term]) => sum + Number(term), 0);
        if (one.seconds !== undefined && one.seconds > 0) assert.equal(terms, one.seconds, one.terms);
      }
    }
  });

  it("tell a volume that stays in its zone from one that does not", () => {
    const lost = (zonalVolumes: boolean) =>
      recoveries(worlds(), { ...context, zonalVolumes }).find((one) => one.failure === "zone lost");
    assert.match(lost(true)?.terms ?? "", /restore from a snapshot/);
    assert.match(lost(false)?.terms ?? "", /out of service/);
  });

  it("are none for a lost zone where there is only one", () => {
    for (const plan of [deployment(), worlds()]) assert.equal(seconds(plan, { zones: 1 })["zone lost"], "by hand");
  });

  it("are known for every failure of every workload of prod but its jobs", () => {
    for (const { recovery, workloads } of planOf("prod").regions.flatMap((one) => one.namespaces)) {
      assert.equal(recovery.length, workloads.filter((plan) => plan.kind !== "CronJob").length);
      for (const one of recovery)
        assert.deepEqual(
          one.recoveries.map(({ failure }) => failure),
          [...failures],
        );
    }
  });
});

describe("the loss of a region", () => {
  const regions = [
    { region: "west", capacityPlayers: 10_000, maximumPlayers: 100_000 },
    { region: "east", capacityPlayers: 8_000, maximumPlayers: 20_000 },
  ];

  it("fits when the largest fleets of the others hold all planned players", () => {
    assert.deepEqual(regionLosses(regions), [
      { lost: "west", players: 18_000, room: 20_000, fits: true },
      { lost: "east", players: 18_000, room: 100_000, fits: true },
    ]);
  });

  it("does not fit when one player is too many", () => {
    const full = regions.map((one) => ({ ...one, capacityPlayers: one.region === "west" ? 12_001 : 8_000 }));
    assert.deepEqual(
      regionLosses(full).map((one) => one.fits),
      [false, true],
    );
  });

  it("is no question with one region, whose loss nothing can carry", () => {
    assert.deepEqual(regionLosses(regions.slice(0, 1)), []);
  });

  it("is carried by the others in prod, and a warning says so where it is not", () => {
    assert.deepEqual(
      planOf("prod").losses.map((one) => one.fits),
      [true, true, true],
    );
    const { warnings } = planOf("prod", {
      "regions.us-east.gameServers.maxReplicas": 4,
      "regions.eu-west.gameServers.maxReplicas": 6,
    });
    assert.ok(
      warnings.some((one) => /us-west is lost, the others hold 20000 of 30000/.test(one)),
      warnings.join("\n"),
    );
  });
});

describe("warnings", () => {
  it("are none in prod", () => {
    assert.deepEqual(planOf("prod").warnings, []);
  });

  it("say that one zone is one failure, that backups beside the data go with it, and that nobody is told", () => {
    const beside = "kept on a volume of the same cluster, so they save from mistakes and not from its loss";
    assert.deepEqual(planOf("dev").warnings, [
      "us-west: one zone only, its loss is the loss of the region",
      `data.backups: ${beside}`,
      `ads.staging.backups: ${beside}`,
      "monitoring.receivers.page is not set: a critical alert wakes nobody",
      "monitoring.receivers.chat is not set: nobody reads warnings, nor that an alert has ended",
      "monitoring.receivers.heartbeat is not set: when Prometheus or Alertmanager stops, nobody is told",
    ]);
  });

  it("say which receiver of prod is missing, and that nobody sees all regions where no series is sent on", () => {
    for (const [path, warning] of [
      ["receivers.page", /^monitoring\.receivers\.page is not set/],
      ["receivers.chat", /^monitoring\.receivers\.chat is not set/],
      ["receivers.heartbeat", /^monitoring\.receivers\.heartbeat is not set/],
      ["prometheus.remoteWrite", /^monitoring\.prometheus\.remoteWrite is empty: each region knows its own metrics/],
    ] as const) {
      const { warnings } = planOf("prod", { [`monitoring.${path}`]: undefined });
      assert.equal(warnings.length, 1, warnings.join("\n"));
      assert.match(warnings[0] ?? "", warning);
    }
  });

  it("say that an update of many worlds takes more than its window", () => {
    const slow = { "game.worlds.rolloutWindowHours": 1 };
    assert.match(planOf("prod", slow).warnings[0] ?? "", /an update of game-world-servers takes 2 h/);
  });

  it("say that worlds share a node where each should have its own", () => {
    const few = { "regions.us-west.pools.worlds.minNodes": 4 };
    assert.match(planOf("prod", few).warnings[0] ?? "", /game-world-servers has 5 worlds/);
    assert.deepEqual(planOf("prod", { ...few, "game.worlds.spreadHosts": "preferred" }).warnings, []);
  });
});
