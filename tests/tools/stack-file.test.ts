import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { UserError } from "../../tools/errors.ts";
import { readStackFile, stackNames } from "../../tools/offline/stack-file.ts";
import { temporaryFolder } from "../support/programs.ts";

describe("a stack file", () => {
  const folder = temporaryFolder();

  before(() => {
    for (const [stack, text] of Object.entries({
      good: "config:\n  realmgrid:game: { motd: Hi }\n",
      bad: "config: [",
      empty: "",
      list: "config:\n  - one\n",
    })) {
      writeFileSync(join(folder.path, `Pulumi.${stack}.yaml`), text);
    }
    writeFileSync(join(folder.path, "Pulumi.yaml"), "name: realmgrid\n");
  });

  after(() => folder.remove());

  it("is read as plain data by full key", () => {
    assert.deepEqual(readStackFile("good", folder.path), { "realmgrid:game": { motd: "Hi" } });
  });

  it("is one for each stack, and the project's own is none", () => {
    assert.deepEqual(stackNames(folder.path), ["bad", "empty", "good", "list"]);
  });

  for (const [stack, message] of [
    ["bad", /^Pulumi\.bad\.yaml is no valid YAML\./],
    ["empty", /^Pulumi\.empty\.yaml has no "config:" mapping\.$/],
    ["list", /^Pulumi\.list\.yaml has no "config:" mapping\.$/],
    ["other", /^There is no stack "other": want one of bad, empty, good, list\.$/],
    ["../good", /^There is no stack "\.\.\/good"/],
    ["", /^There is no stack ""/],
  ] as const) {
    it(`of stack "${stack}" is refused in words that a user can act on`, () => {
      assert.throws(
        () => readStackFile(stack, folder.path),
        (error: unknown) => error instanceof UserError && message.test(error.message),
      );
    });
  }
});
