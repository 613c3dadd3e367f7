import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { latencyBudget, storeCallsPerBid } from "../../components/ads/latency-budget.ts";
import { adRoutes } from "../../components/ads/routes.ts";
import { adServices } from "../../components/ads/workloads.ts";
import { find } from "../support/objects.ts";
import { environment, templateOf } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";
import { configOf } from "../support/stacks.ts";

const production = () => {
  const { production: ads } = configOf("prod").ads;
  assert.ok(ads);
  return ads;
};

describe("the budget of a bid", () => {
  it("adds up, whatever it is: no chain of timeouts is longer than the exchange waits", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 2000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (budgetMs, requestsPerSecond) => {
          const budget = latencyBudget({ budgetMs, requestsPerSecond });
          const { edgeMs, storeTimeoutMs, computeMs, reserveMs } = budget;
          assert.equal(edgeMs + storeCallsPerBid * storeTimeoutMs + computeMs + reserveMs, budgetMs);
          for (const part of [edgeMs, storeTimeoutMs, computeMs, reserveMs]) assert.ok(part > 0);
          // What arrives in the time that each stays (Little's law), and never fewer connections than calls at a time.
          assert.ok(budget.inFlight * 1000 >= requestsPerSecond * (budgetMs - edgeMs));
          assert.ok(budget.storePoolSize * 1000 >= requestsPerSecond * storeCallsPerBid * storeTimeoutMs);
          assert.ok(budget.maxInFlight > budget.inFlight);
        },
      ),
    );
  });

  it("of 100 ms leaves 10 for the edge, 15 for each of two calls and 40 to decide", () => {
    assert.deepEqual(latencyBudget({ budgetMs: 100, requestsPerSecond: 500 }), {
      budgetMs: 100,
      edgeMs: 10,
      storeTimeoutMs: 15,
      computeMs: 40,
      reserveMs: 20,
      inFlight: 45,
      maxInFlight: 90,
      storePoolSize: 15,
    });
  });

  it("reaches the pods, the edge and nobody else from one number", async () => {
    const read = async (budgetMs: number) => {
      const run = await runWith("dev", { "ads.staging.services.bidding.budgetMs": budgetMs });
      const [container] = templateOf(run, "bidding-service").spec.containers;
      return ["BID_TIMEOUT_MS", "REDIS_TIMEOUT_MS", "REDIS_POOL_SIZE", "MAX_IN_FLIGHT"].map(
        (name) => environment(container, name)?.value,
      );
    };
    assert.deepEqual(await read(100), ["100", "15", "15", "90"]);
    assert.deepEqual(await read(200), ["200", "30", "30", "180"]);
    const [container] = templateOf(await runOf("prod"), "campaign-service").spec.containers;
    assert.equal(environment(container, "BID_TIMEOUT_MS"), undefined);
    const route = adRoutes(production()).find((one) => one.service === "bidding-service");
    // A second try would come after the exchange has stopped to listen.
    assert.deepEqual([route?.timeoutMs, route?.retries], [100, 0]);
  });

  it("sends bids to the pods of their own zone, and lets no thread wait for its share of CPU", async () => {
    const run = await runOf("prod");
    assert.equal(find(run, "Service", "bidding-service").spec.trafficDistribution, "PreferSameZone");
    assert.equal(find(run, "Service", "campaign-service").spec.trafficDistribution, undefined);
    const [container] = templateOf(run, "bidding-service").spec.containers;
    assert.deepEqual(environment(container, "CPU_LIMIT")?.valueFrom?.resourceFieldRef, {
      resource: "limits.cpu",
      divisor: "1",
    });
  });
});

describe("the routes of the ad platform", () => {
  it("are the three of the original, with its limits where a client is a person", () => {
    assert.deepEqual(
      adRoutes(production()).map(({ host, path, service, port, requestsPerMinute, connectionsPerClient }) => [
        `${host}${path} -> ${service}:${port}`,
        requestsPerMinute,
        connectionsPerClient,
      ]),
      [
        ["api.adplatform.com/campaigns -> campaign-service:80", 6000, 100],
        ["api.adplatform.com/analytics -> analytics-service:80", 6000, 100],
        // 6000 a minute stood here too: 100 a second, for pods that are there for 2500 to 25,000.
        ["bidding.adplatform.com/ -> bidding-service:80", undefined, undefined],
      ],
    );
  });

  it("lead to Services that are there: the original's analytics-service was not", async () => {
    const run = await runOf("prod");
    for (const { service, port } of adRoutes(production())) {
      const ports = find(run, "Service", service).spec.ports.map((one) => one.port);
      assert.ok(ports.includes(port), service);
      assert.ok(adServices.some(({ name }) => name === service));
    }
  });
});
