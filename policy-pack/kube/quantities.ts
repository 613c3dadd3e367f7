/**
 * Kubernetes quantities ("500m", "2Gi", "1e3", 0.5) as exact numbers: whole billionths, since the API server rounds what
 * is finer up to a billionth. Nothing here is a floating-point number, so 9007199254740993 bytes stay that many.
 *
 * The grammar is the published one (apimachinery, "Quantity"). The server is looser in two places, in which no person
 * means what it reads: "Mi", "-" and "." are zero to it, and JSON text may have spaces around it.
 */
import type { Field } from "./tree.ts";

/** Billionths in one. */
export const nanosInOne = 1_000_000_000n;

// A quantity is short. The bound comes before any power: "2E6024865272343" once hung the API server's own parser
// (kubernetes/kubernetes#131063).
const maximumLength = 64;
const maximumExponent = 99;

const pattern =
  /^(?<sign>[+-]?)(?<whole>\d+(?:\.\d*)?|\.\d+)(?:[eE](?<exponent>[+-]?\d+)|(?<suffix>[KMGTPE]i|[numkMGTPE]))?$/;

const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

/** What the API server caps binary quantities at: 2^63 - 1 (apimachinery, "8Ei parses as 2^63-1"). */
const binaryMaximum = (2n ** 63n - 1n) * nanosInOne;

/** Billionths of a quantity; undefined for what is none. */
export function parseQuantity(text: string): bigint | undefined {
  if (text.length > maximumLength) return undefined;
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { sign, whole = "", exponent = "", suffix = "" } = groups;
  const power = Number(exponent);
  if (Math.abs(power) > maximumExponent) return undefined;
  const [before = "", after = ""] = whole.split(".");
  const binary = binarySuffixes[suffix];
  const tens = 9 - after.length + (binary === undefined ? power + (decimalSuffixes[suffix] ?? 0) : 0);
  const digits = BigInt(before + after) << (binary ?? 0n);
  const exact = tens >= 0 ? digits * 10n ** BigInt(tens) : divideUp(digits, 10n ** BigInt(-tens));
  const size = binary !== undefined && exact > binaryMaximum ? binaryMaximum : exact;
  return sign === "-" ? -size : size;
}

/** Quotient of two numbers that are not negative, rounded up. */
export function divideUp(number: bigint, by: bigint): bigint {
  return (number + by - 1n) / by;
}

/** A quantity of a manifest: its billionths, or why there are none. A negative one is malformed: no resource has it. */
export type Reading = bigint | "absent" | "unknown" | "malformed";

/** Reads a quantity, which may be written as text or as a number. */
export function readQuantity(field: Field): Reading {
  if (field.unknown) return "unknown";
  if (field.absent) return "absent";
  const { value } = field;
  if (typeof value !== "string" && typeof value !== "number") return "malformed";
  const nanos = parseQuantity(String(value));
  return nanos === undefined || nanos < 0n ? "malformed" : nanos;
}

/** What a resource is counted in. */
export type Unit = "cpu" | "bytes" | "count";

/** The unit of a resource of a container, a claim or a quota: `limits.cpu`, `memory`, `hugepages-2Mi`, `pods`. */
export function unitOf(resource: string): Unit {
  const name = resource
    .replace(/^(requests|limits)\./, "")
    .replace(/^.*\.storageclass\.storage\.k8s\.io\/requests\./, "");
  if (name === "cpu") return "cpu";
  return name === "memory" || name === "storage" || name === "ephemeral-storage" || name.startsWith("hugepages-")
    ? "bytes"
    : "count";
}

/** A quantity as people write it, exactly: "1250m" CPU, "3Gi", "12". */
export function formatQuantity(resource: string, nanos: bigint): string {
  if (nanos % nanosInOne !== 0n) {
    return nanos % 1_000_000n === 0n ? `${nanos / 1_000_000n}m` : `${nanos}n`;
  }
  const whole = nanos / nanosInOne;
  if (unitOf(resource) !== "bytes" || whole === 0n) return String(whole);
  const [suffix, bits] = Object.entries(binarySuffixes).findLast(([, power]) => whole % (1n << power) === 0n) ?? [
    "",
    0n,
  ];
  return `${whole >> bits}${suffix}`;
}
