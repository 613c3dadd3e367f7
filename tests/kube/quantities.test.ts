import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import {
  amount,
  bytes,
  cpuMillis,
  formatBytes,
  formatCpu,
  isBytes,
  isCpu,
  larger,
  multiply,
  sum,
} from "../../components/kube/quantities.ts";

const millis = fc.integer({ min: 0, max: 10_000_000 });
const size = fc.integer({ min: 0, max: 2 ** 52 });
const anyAmount = fc.record({ cpuMillis: millis, memoryBytes: fc.integer({ min: 0, max: 2 ** 40 }) });

describe("quantities", () => {
  it("of CPU come back from text as they were", () => {
    fc.assert(fc.property(millis, (number) => assert.equal(cpuMillis(formatCpu(number)), number)));
  });

  it("of memory come back from text as they were", () => {
    fc.assert(fc.property(size, (number) => assert.equal(bytes(formatBytes(number)), number)));
  });

  it("are printed in the largest unit that keeps them whole", () => {
    assert.deepEqual([2 ** 31, 2 ** 30 + 2 ** 20, 1023, 2 ** 40, 0].map(formatBytes), [
      "2Gi",
      "1025Mi",
      "1023",
      "1Ti",
      "0",
    ]);
    assert.deepEqual([2000, 1500, 0].map(formatCpu), ["2", "1500m", "0"]);
  });

  it("mean the same number in each way of writing", () => {
    assert.deepEqual(["500m", "0.5", "2", "2000m", "1.25"].map(cpuMillis), [500, 500, 2000, 2000, 1250]);
    assert.deepEqual(["1Gi", "1024Mi", "0.5Gi", "1048576"].map(bytes), [2 ** 30, 2 ** 30, 2 ** 29, 2 ** 20]);
  });

  for (const text of [
    "1G",
    "2GB",
    "1e9",
    "1E3",
    "1M",
    "100k",
    "1 Gi",
    "Gi",
    "",
    "-1Gi",
    "1.5",
    "0.0001Ki",
    "1gi",
    "0x10",
  ]) {
    it(`refuse "${text}" as memory`, () => {
      assert.equal(isBytes(text), false);
      assert.throws(() => bytes(text), RangeError);
    });
  }

  for (const text of ["1e3", "0.0005", "1k", "500 m", "m", "", "-1", "1.5m", "1,5", ".5", "1."]) {
    it(`refuse "${text}" as CPU`, () => {
      assert.equal(isCpu(text), false);
      assert.throws(() => cpuMillis(text), RangeError);
    });
  }

  it("are refused by the check exactly when the conversion throws", () => {
    const text = fc.stringMatching(/^[0-9.]{0,4}[mKMGTPie]{0,3}$/);
    fc.assert(
      fc.property(text, (one) => {
        for (const [accepts, convert] of [[isCpu, cpuMillis] as const, [isBytes, bytes] as const]) {
          if (accepts(one)) assert.ok(Number.isInteger(convert(one)));
          else assert.throws(() => convert(one), RangeError);
        }
      }),
    );
  });

  it("add up in any order, and many times one is the sum of so many", () => {
    fc.assert(
      fc.property(fc.array(anyAmount, { maxLength: 8 }), (amounts) => {
        assert.deepEqual(sum(amounts), sum(amounts.toReversed()));
      }),
    );
    fc.assert(
      fc.property(anyAmount, fc.integer({ min: 0, max: 50 }), (one, times) => {
        assert.deepEqual(multiply(one, times), sum(Array.from({ length: times }, () => one)));
      }),
    );
  });

  it("compare part by part", () => {
    const cpuHeavy = amount({ cpu: "2", memory: "1Gi" });
    const memoryHeavy = amount({ cpu: "1", memory: "4Gi" });
    assert.deepEqual(larger(cpuHeavy, memoryHeavy), amount({ cpu: "2", memory: "4Gi" }));
  });
});
