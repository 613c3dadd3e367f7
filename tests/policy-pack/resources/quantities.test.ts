import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { formatQuantity, parseQuantity, readQuantity, unitOf } from "../../../policy-pack/kube/quantities.ts";
import { Field, unknown } from "../../../policy-pack/kube/tree.ts";

/** Billionths of `digits` x 10^`tens`. */
function tens(digits: bigint | number, power: number): bigint {
  return BigInt(digits) * 10n ** BigInt(9 + power);
}

/** Billionths of `digits` x 2^`power`. */
function twos(digits: number, power: number): bigint {
  return BigInt(digits) * 2n ** BigInt(power) * 10n ** 9n;
}

const binaryMaximum = tens(2n ** 63n - 1n, 0);

// The published grammar, and what apimachinery's own tests say of its edges.
const vectors: readonly (readonly [string, bigint])[] = [
  // Zero, with and without a unit.
  ...[
    "0",
    "0n",
    "0u",
    "0m",
    "0k",
    "0M",
    "0G",
    "0T",
    "0P",
    "0E",
    "0Ki",
    "0Mi",
    "0Gi",
    "0Ti",
    "0Pi",
    "0Ei",
    "0.0",
    "00",
    "0e9",
  ].map((text): [string, bigint] => [text, 0n]),
  ["1", tens(1, 0)],
  ["12345", tens(12345, 0)],
  ["007", tens(7, 0)],
  // Binary units.
  ["1Ki", twos(1, 10)],
  ["8Ki", twos(8, 10)],
  ["7Mi", twos(7, 20)],
  ["6Gi", twos(6, 30)],
  ["5Ti", twos(5, 40)],
  ["4Pi", twos(4, 50)],
  ["3Ei", twos(3, 60)],
  ["10Ti", twos(10, 40)],
  ["100Ti", twos(100, 40)],
  // Decimal units; K is none, k is.
  ["5n", tens(5, -9)],
  ["4u", tens(4, -6)],
  ["3m", tens(3, -3)],
  ["8k", tens(8, 3)],
  ["50k", tens(50, 3)],
  ["7M", tens(7, 6)],
  ["6G", tens(6, 9)],
  ["5T", tens(5, 12)],
  ["300T", tens(300, 12)],
  ["2P", tens(2, 15)],
  ["1E", tens(1, 18)],
  ["12E", tens(12, 18)],
  // E with digits is an exponent, E alone is exa.
  ["1E-3", tens(1, -3)],
  ["1e3", tens(1, 3)],
  ["1E3", tens(1, 3)],
  ["1E6", tens(1, 6)],
  ["1e9", tens(1, 9)],
  ["1E18", tens(1, 18)],
  ["1e13", tens(1, 13)],
  ["1e+3", tens(1, 3)],
  ["1e03", tens(1, 3)],
  ["1e0", tens(1, 0)],
  ["1e-0", tens(1, 0)],
  // Points.
  ["0.5", tens(5, -1)],
  [".5", tens(5, -1)],
  ["1.", tens(1, 0)],
  ["1.G", tens(1, 9)],
  [".001", tens(1, -3)],
  [".0001k", tens(1, -1)],
  ["0.001", tens(1, -3)],
  ["0.0005k", tens(5, -1)],
  ["0.00050k", tens(5, -1)],
  ["0.00500", tens(5, -3)],
  ["0.05000", tens(5, -2)],
  ["0.5e0", tens(5, -1)],
  ["0.5e-1", tens(5, -2)],
  ["0.5e-2", tens(5, -3)],
  ["1.2e3", tens(12, 2)],
  ["1.3E+6", tens(13, 5)],
  ["1.40e9", tens(14, 8)],
  ["1.53E12", tens(153, 10)],
  ["1.7E18", tens(17, 17)],
  ["100.035k", tens(100035, 0)],
  ["10.035M", tens(10035, 3)],
  ["9.01", tens(901, -2)],
  ["8.1k", tens(81, 2)],
  ["7.123456M", tens(7123456, 0)],
  ["6.987654321G", tens(6987654321, 0)],
  ["5.444T", tens(5444, 9)],
  ["40.1T", tens(401, 11)],
  ["2.5P", tens(25, 14)],
  ["1.01E", tens(101, 16)],
  // Binary with a fraction: halves are exact, the rest to the billionth.
  ["0.5Mi", twos(1, 19)],
  ["1.5Gi", twos(3, 29)],
  ["100.035Ki", tens(10243584, -2)],
  ["0.05Gi", tens(536870912, -1)],
  ["0.025Ti", tens(274877906944, -1)],
  [".001Ki", tens(1024, -3)],
  [".000001Ki", tens(1024, -6)],
  [".000000001Ki", tens(1024, -9)],
  // Finer than a billionth: rounded up, so that something stays something.
  ["3.001n", tens(4, -9)],
  ["1.1E-9", tens(2, -9)],
  ["0.0000000001", tens(1, -9)],
  ["0.0000000005", tens(1, -9)],
  ["0.5e-9", tens(1, -9)],
  ["0.9n", tens(1, -9)],
  ["0.00000012345", tens(124, -9)],
  ["0.00000012354", tens(124, -9)],
  ["0.000000000001Ki", tens(2, -9)],
  ["1e-99", tens(1, -9)],
  // Binary is capped, decimal is not.
  ["8Ei", binaryMaximum],
  ["9Ei", binaryMaximum],
  ["9223372036854775807Ki", binaryMaximum],
  ["7Ei", twos(7, 60)],
  ["18446744073709551616", tens(2n ** 64n, 0)],
  ["1e30", tens(1, 30)],
  // What a floating-point number would not tell apart.
  ["9007199254740993", tens(9007199254740993n, 0)],
  ["9007199254740992", tens(9007199254740992n, 0)],
  // Memory in thousandths, as an autoscaler writes it.
  ["128974848000m", tens(128974848, 0)],
];

const invalid = [
  "",
  " ",
  "1.1.M",
  "1+1.0M",
  "0.1mi",
  "0.1am",
  "aoeu",
  ".5i",
  "1i",
  "-3.01i",
  "-3.01e-",
  " 1",
  "1 ",
  "1 Gi",
  "1\n",
  "1K",
  "1kI",
  "1ki",
  "1gi",
  "1GB",
  "1Gib",
  "1B",
  "1,5",
  "1_000",
  "0x10",
  "1e",
  "1e+",
  "1e1.5",
  "1e3k",
  "1kk",
  "1mKi",
  "--1",
  "+-1",
  "1-",
  "NaN",
  "Infinity",
  "null",
  "½",
  "１",
  // The server reads these as zero. Nobody means them.
  ".",
  "-",
  "+",
  "-.",
  "Mi",
  "m",
];

describe("parseQuantity", () => {
  for (const [text, nanos] of vectors) {
    it(`reads ${text} with every sign`, () => {
      assert.equal(parseQuantity(text), nanos);
      assert.equal(parseQuantity(`+${text}`), nanos);
      assert.equal(parseQuantity(`-${text}`), -nanos);
    });
  }

  for (const text of invalid) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseQuantity(text), undefined);
    });
  }

  it("refuses an exponent of which no power is ever taken", () => {
    for (const text of ["2E6024865272343", "1e100", "1e-100", "1E999999999", `1e${"9".repeat(60)}`]) {
      assert.equal(parseQuantity(text), undefined, text);
    }
  });

  it("refuses a text of a million digits without reading it", () => {
    for (const text of ["1".repeat(1_000_000), `${"1".repeat(1_000_000)}x`, `0.${"0".repeat(1_000_000)}1`]) {
      assert.equal(parseQuantity(text), undefined);
    }
  });

  it("agrees with whole numbers and their thousandths", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 70n }), fc.constantFrom("", "m", "k", "Ki"), (number, unit) => {
        const factor = { "": 1000n, m: 1n, k: 1_000_000n, Ki: 1_024_000n }[unit];
        const want = number * factor * 1_000_000n;
        const capped = unit === "Ki" && want > binaryMaximum ? binaryMaximum : want;
        assert.equal(parseQuantity(`${number}${unit}`), capped);
      }),
    );
  });
});

describe("readQuantity", () => {
  it("takes numbers as the text that JSON writes", () => {
    assert.equal(readQuantity(new Field(1)), tens(1, 0));
    assert.equal(readQuantity(new Field(0.5)), tens(5, -1));
    assert.equal(readQuantity(new Field(1e21)), tens(1, 21));
    assert.equal(readQuantity(new Field(1e-7)), tens(1, -7));
  });

  it("tells absent, unknown and malformed apart", () => {
    assert.equal(readQuantity(new Field(undefined)), "absent");
    assert.equal(readQuantity(new Field(null)), "absent");
    assert.equal(readQuantity(new Field(unknown)), "unknown");
    for (const value of ["x", true, [], {}, -1, "-1Gi", Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(readQuantity(new Field(value as never)), "malformed");
    }
  });
});

describe("formatQuantity", () => {
  for (const [resource, text, written] of [
    ["requests.cpu", "1", "1"],
    ["requests.cpu", "1250m", "1250m"],
    ["limits.cpu", "148.1", "148100m"],
    ["cpu", "1u", "1000n"],
    ["requests.memory", "1024Mi", "1Gi"],
    ["limits.memory", "1.5Gi", "1536Mi"],
    ["memory", "1000", "1000"],
    ["memory", "1k", "1000"],
    ["memory", "100m", "100m"],
    ["memory", "0", "0"],
    ["gold.storageclass.storage.k8s.io/requests.storage", "2Ti", "2Ti"],
    ["gold.storageclass.storage.k8s.io/persistentvolumeclaims", "1024", "1024"],
    ["hugepages-2Mi", "4Mi", "4Mi"],
    ["pods", "1024", "1024"],
  ] as const) {
    it(`writes ${text} of ${resource} as ${written}`, () => {
      assert.equal(formatQuantity(resource, parseQuantity(text) ?? -1n), written);
    });
  }

  it("writes what it would read as the same", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("requests.cpu", "memory", "pods", "requests.storage"),
        fc.bigInt({ min: 0n, max: 2n ** 90n }),
        (resource, nanos) => {
          const written = formatQuantity(resource, nanos);
          const capped = written.endsWith("i") && nanos > binaryMaximum ? binaryMaximum : nanos;
          assert.equal(parseQuantity(written), capped);
        },
      ),
    );
  });
});

describe("unitOf", () => {
  it("knows CPU, bytes and counts by any name", () => {
    assert.deepEqual(["cpu", "requests.cpu", "limits.cpu"].map(unitOf), ["cpu", "cpu", "cpu"]);
    assert.deepEqual(["memory", "requests.storage", "limits.ephemeral-storage", "hugepages-1Gi"].map(unitOf), [
      "bytes",
      "bytes",
      "bytes",
      "bytes",
    ]);
    assert.deepEqual(["pods", "count/deployments.apps", "requests.example.com/gpu"].map(unitOf), [
      "count",
      "count",
      "count",
    ]);
  });
});
