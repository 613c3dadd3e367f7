import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { retentionDays, type SeriesInput, seriesPlan } from "../../components/capacity/series.ts";
import { prometheusSize } from "../../components/monitoring/prometheus-plan.ts";
import { planOf } from "../support/stacks.ts";

const day = 86_400;
const gibibyte = 2 ** 30;
const mebibyte = 2 ** 20;

const tiny: SeriesInput = {
  scraped: [
    // Two pods with two ports each, one of which is asked more often.
    { pods: 2, intervals: [15, 5] },
    { pods: 3, intervals: [10] },
  ],
  nodes: 4,
  pods: 50,
  intervalSeconds: 15,
  retentionSeconds: 10 * day,
};

const anyInput = fc.record({
  scraped: fc.array(
    fc.record({
      pods: fc.integer({ min: 0, max: 300 }),
      intervals: fc.array(fc.integer({ min: 5, max: 60 }), { maxLength: 3 }),
    }),
    { maxLength: 8 },
  ),
  nodes: fc.integer({ min: 1, max: 200 }),
  pods: fc.integer({ min: 1, max: 3000 }),
  intervalSeconds: fc.integer({ min: 5, max: 60 }),
  retentionSeconds: fc.integer({ min: 1, max: 90 }).map((days) => days * day),
});

describe("what Prometheus needs", () => {
  it("is the sum of ports, nodes and pods, by hand", () => {
    // Ports 1000 + 1000 + 1500; nodes 4 x 1200; pods 50 x 160.
    const series = 1000 + 1000 + 1500 + 4800 + 8000;
    // 1000/15 + 1000/5 + 1500/10 + 12800/15 = 66.7 + 200 + 150 + 853.3.
    const samplesPerSecond = 1270;
    // 512 MiB and 8 KiB for each of 16,300 series: 639.4 MiB, in steps of 256.
    const memoryBytes = 768 * mebibyte;
    // 1270 x 864,000 s x 2 bytes = 2.04 GiB, which are four fifths of 2.55.
    const diskBytes = 3 * gibibyte;
    assert.deepEqual(seriesPlan(tiny), { series, samplesPerSecond, memoryBytes, diskBytes });
  });

  it("is a server and a volume of the smallest size where nothing is scraped yet", () => {
    const nothing = seriesPlan({ ...tiny, scraped: [], nodes: 0, pods: 0 });
    assert.deepEqual([nothing.series, nothing.samplesPerSecond, nothing.memoryBytes], [0, 0, 512 * mebibyte]);
  });

  it("is more disk with a longer retention, and not more memory", () => {
    fc.assert(
      fc.property(anyInput, fc.integer({ min: 1, max: 30 }), (input, days) => {
        const [short, long] = [
          seriesPlan(input),
          seriesPlan({ ...input, retentionSeconds: input.retentionSeconds + days * day }),
        ];
        assert.ok(long.diskBytes >= short.diskBytes);
        assert.deepEqual(
          [long.series, long.samplesPerSecond, long.memoryBytes],
          [short.series, short.samplesPerSecond, short.memoryBytes],
        );
      }),
    );
    assert.ok(seriesPlan({ ...tiny, retentionSeconds: 20 * day }).diskBytes > seriesPlan(tiny).diskBytes);
  });

  it("is more samples and disk with a shorter interval, and no more series", () => {
    const often = seriesPlan({ ...tiny, intervalSeconds: 5 });
    // 12,800 series of nodes and pods three times as often.
    assert.equal(often.samplesPerSecond, Math.ceil(66.667 + 200 + 150 + 2560));
    assert.equal(often.diskBytes, 6 * gibibyte);
    assert.deepEqual([often.series, often.memoryBytes], [seriesPlan(tiny).series, seriesPlan(tiny).memoryBytes]);
    const port = seriesPlan({ ...tiny, scraped: [{ pods: 2, intervals: [5, 5] }, ...tiny.scraped.slice(1)] });
    assert.equal(port.samplesPerSecond, Math.ceil(200 + 200 + 150 + 853.333));
  });

  it("is rounded up, to whole gibibytes of disk and quarters of a gibibyte of memory", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { series, samplesPerSecond, memoryBytes, diskBytes } = seriesPlan(input);
        assert.equal(memoryBytes % (256 * mebibyte), 0);
        assert.equal(diskBytes % gibibyte, 0);
        const memory = 512 * mebibyte + series * 8192;
        assert.ok(memoryBytes >= memory && memoryBytes < memory + 256 * mebibyte);
        const disk = (samplesPerSecond * input.retentionSeconds * 2) / 0.8;
        assert.ok(diskBytes >= disk && diskBytes < disk + gibibyte);
      }),
    );
  });

  it("fits a volume for as many whole days as the volume is said to hold, and for no day more", () => {
    fc.assert(
      fc.property(anyInput, fc.integer({ min: 1, max: 500 }), (input, size) => {
        const { samplesPerSecond } = seriesPlan(input);
        const days = retentionDays(size * gibibyte, samplesPerSecond);
        const disk = (kept: number) => seriesPlan({ ...input, retentionSeconds: kept * day }).diskBytes;
        assert.ok(disk(days) <= size * gibibyte);
        assert.ok(disk(days + 1) > size * gibibyte);
      }),
    );
  });

  it("never asks for more CPU than its limit, which no API server would take", () => {
    for (const samplesPerSecond of [0, 4000, 75_000, 75_001, 200_000]) {
      const { requests, limits } = prometheusSize({ ...seriesPlan(tiny), samplesPerSecond });
      const millis = (text: string) => (text.endsWith("m") ? Number.parseInt(text, 10) : Number(text) * 1000);
      assert.ok(millis(requests.cpu) >= 500 + samplesPerSecond / 50, requests.cpu);
      assert.ok(millis(limits.cpu) >= millis(requests.cpu), `${requests.cpu} of ${limits.cpu}`);
    }
  });

  it("is limited to twice its memory, or to what a container may have: half a million series fit all the same", () => {
    const memory = (gibibytes: number) => {
      const { requests, limits } = prometheusSize({ ...seriesPlan(tiny), memoryBytes: gibibytes * gibibyte });
      return [requests.memory, limits.memory];
    };
    assert.deepEqual(memory(3), ["3Gi", "6Gi"]);
    assert.deepEqual(memory(5), ["5Gi", "8Gi"]);
    // Refused, as one that needs more than a container may have.
    assert.deepEqual(memory(9), ["9Gi", "9Gi"]);
  });

  it("grows with the region: more nodes and pods in prod than in dev, and most where bids are scraped every 5 s", () => {
    const plans = ["dev", "prod"] as const;
    const [dev, prod] = plans.map((stack) =>
      Object.fromEntries(planOf(stack).regions.map((one) => [one.name, one.monitoring.series])),
    );
    const of = (all: typeof prod, region: string) => all?.[region]?.samplesPerSecond ?? Number.NaN;
    assert.ok(of(dev, "us-west") < of(prod, "us-east"));
    // The ads run in the other two.
    assert.ok(of(prod, "us-east") < of(prod, "us-west"));
    assert.ok(of(prod, "us-east") < of(prod, "eu-west"));
  });
});
