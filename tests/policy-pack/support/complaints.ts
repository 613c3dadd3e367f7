/** What no finding may be: the crash of a rule. */
import assert from "node:assert/strict";
import type { Finding } from "../../../policy-pack/core/finding.ts";
import { findingText } from "../../../policy-pack/core/text.ts";

/** What goes wrong, told once for each rule, so that one crash does not hide the next. */
export class Complaints {
  readonly #told = new Map<string, string>();

  /** Remembers rules that crashed; `what` says on what. */
  read(findings: readonly Finding[], what: string): void {
    for (const finding of findings) {
      if (finding.crashed === true || findingText(finding) === "")
        this.#told.set(finding.rule, `${what}: ${findingText(finding)}`);
    }
  }

  /** Throws if there are any. */
  assertNone(): void {
    assert.deepEqual([...this.#told.values()], []);
  }
}

/** Throws if a rule crashed. */
export function accept(findings: readonly Finding[], what: string): void {
  const complaints = new Complaints();
  complaints.read(findings, what);
  complaints.assertNone();
}
