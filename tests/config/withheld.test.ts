import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ConfigError, withheld } from "../../components/config/mistakes.ts";

function message(got: unknown): string {
  return new ConfigError("Pulumi.dev.yaml", "realmgrid", [{ path: "a.b", got, want: "something else" }]).message;
}

describe("an error about a stack file", () => {
  it("repeats no text, list or mapping of a key that nobody knows: it may be a secret at the wrong place", () => {
    for (const value of ["hunter2", ["hunter2"], { password: "hunter2" }]) {
      const text = message(withheld(value));
      assert.ok(!text.includes("hunter2"), text);
      assert.match(text, /got {3}a (text|list|mapping), which is not repeated here/);
    }
  });

  it("repeats numbers and switches, by which people find their line", () => {
    assert.match(message(withheld(60)), /got {3}60\n/);
    assert.match(message(withheld(true)), /got {3}true\n/);
  });

  it("leaves the login out of an address", () => {
    const text = message("https://robot:hunter2@github.com/your-org/realmgrid.git");
    assert.ok(!text.includes("hunter2"), text);
    assert.match(text, /https:\/\/\.\.\.@github\.com/);
  });
});
