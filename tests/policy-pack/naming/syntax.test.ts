/** Names at the edges of what the API server accepts. */
import assert from "node:assert/strict";
import {
  isDnsLabel,
  isDnsSubdomain,
  isLabelValue,
  isOldDnsLabel,
  isPathSegment,
  isPortName,
  isQualifiedName,
} from "../../../policy-pack/rules/naming/syntax.ts";

// The limits of apimachinery's own tests (pkg/util/validation/validation_test.go).
const edges: [check: (text: string) => boolean, good: string[], bad: string[]][] = [
  [isDnsLabel, ["a", "0", "a-1", "a".repeat(63)], ["", "-a", "a-", "A", "a.b", "a_b", "a b", "a".repeat(64)]],
  [isOldDnsLabel, ["a", "a-1", "a".repeat(63)], ["", "0", "1-a", "a-", "a".repeat(64)]],
  [
    isDnsSubdomain,
    ["a", "0.1", "a.b-c", `${"a".repeat(251)}.b`],
    ["", ".", "a.", ".a", "a..b", "a.-b", "A.b", `${"a".repeat(252)}.b`],
  ],
  [isPathSegment, ["a", "A:b", "...", "a b"], ["", ".", "..", "a/b", "a%b"]],
  [isLabelValue, ["", "a", "A_b.c-1", "a".repeat(63)], ["-a", "a-", "_a", "a/b", " ", "a".repeat(64)]],
  [
    isQualifiedName,
    ["a", "A_b", "a.b/c", `${"a".repeat(253)}/b`, "a".repeat(63)],
    ["", "/", "a/", "/a", "a/b/c", "A.b/c", "-a", "a".repeat(64), `${"a".repeat(254)}/b`],
  ],
  [
    isPortName,
    ["a", "web", "a-1", "1a", "a".repeat(15)],
    ["", "1", "80-80", "a--b", "-a", "a-", "A", "a.b", "a".repeat(16)],
  ],
];

describe("syntax of names", () => {
  for (const [check, good, bad] of edges) {
    it(check.name, () => {
      for (const text of good) assert.equal(check(text), true, JSON.stringify(text));
      for (const text of bad) assert.equal(check(text), false, JSON.stringify(text));
    });
  }
});
