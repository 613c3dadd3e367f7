import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { UserError } from "../../tools/errors.ts";
import { compareFolder, replaceFolder } from "../../tools/offline/write-files.ts";
import { temporaryFolder } from "../support/programs.ts";

describe("a folder of generated files", () => {
  const marker = { file: "INDEX.md", text: "# Objects of stack" };
  const wanted = new Map([
    [marker.file, "# Objects of stack dev\n"],
    ["us-west/game/Service-a.yaml", "kind: Service\n"],
  ]);
  let temporary: ReturnType<typeof temporaryFolder>;
  let folder = "";

  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, "rendered", "dev");
  });

  afterEach(() => temporary.remove());

  function content(): Record<string, string> {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const paths = names.filter((name) => statSync(join(folder, name)).isFile()).sort();
    return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
  }

  it("is written with the folders above it, and says what is new", () => {
    const { missing, changed, stale } = replaceFolder(folder, wanted, marker);
    assert.deepEqual([missing, changed, stale], [[...wanted.keys()].sort(), [], []]);
    assert.deepEqual(content(), Object.fromEntries(wanted));
  });

  it("loses stale files and gets edited ones back", () => {
    replaceFolder(folder, wanted, marker);
    writeFileSync(join(folder, "us-west/game/Service-a.yaml"), "edited: true\n");
    mkdirSync(join(folder, "old-region"));
    writeFileSync(join(folder, "old-region", "Service-gone.yaml"), "kind: Service\n");
    const difference = {
      missing: [],
      changed: ["us-west/game/Service-a.yaml"],
      stale: ["old-region/Service-gone.yaml"],
    };
    assert.deepEqual(compareFolder(folder, wanted), difference);
    assert.ok(existsSync(join(folder, "old-region")), "a comparison wrote something");
    assert.deepEqual(replaceFolder(folder, wanted, marker), difference);
    assert.deepEqual(content(), Object.fromEntries(wanted));
    assert.equal(existsSync(join(folder, "old-region")), false);
  });

  it("may be an empty folder that is there already", () => {
    mkdirSync(folder, { recursive: true });
    replaceFolder(folder, wanted, marker);
    assert.deepEqual(content(), Object.fromEntries(wanted));
  });

  it("is compared with nothing where it is not there, and is not made by that", () => {
    assert.equal(compareFolder(folder, wanted).missing.length, 2);
    assert.equal(existsSync(folder), false);
  });

  it("takes no place of a folder that is not an output of its own, and leaves it as it is", () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "thesis.txt"), "ten years of work");
    assert.throws(
      () => replaceFolder(folder, wanted, marker),
      (error: unknown) => error instanceof UserError && /has files, but no INDEX\.md/.test(error.message),
    );
    assert.deepEqual(content(), { "thesis.txt": "ten years of work" });
  });

  it("takes no place of a folder whose index is somebody else's, and leaves it as it is", () => {
    mkdirSync(folder, { recursive: true });
    const book = { "INDEX.md": "# Contents of my book\n", "chapter.md": "It was a dark and stormy night.\n" };
    for (const [name, text] of Object.entries(book)) writeFileSync(join(folder, name), text);
    assert.throws(() => replaceFolder(folder, wanted, marker), UserError);
    assert.deepEqual(content(), book);
  });

  it("leaves nothing half-written beside it", () => {
    replaceFolder(folder, wanted, marker);
    replaceFolder(folder, wanted, marker);
    assert.deepEqual(readdirSync(join(temporary.path, "rendered")), ["dev"]);
  });
});
