import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crdSources, definitionsIn, readDefinitions } from "../../lab/crds.ts";

const definition = (name: string) => `kind: CustomResourceDefinition\nmetadata: {name: ${name}}\n`;

describe("custom resource definitions of the lab", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-test-"));
    mkdirSync(join(folder, "keda"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("takes only definitions out of files with several documents", () => {
    const policy = "kind: ValidatingAdmissionPolicy\nmetadata: {name: safe}\n";
    const found = definitionsIn([`---\n${definition("a")}---\n${policy}---\n# nothing\n---\n${definition("b")}`]);
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      ["a", "b"],
    );
  });

  it("refuses a file that is not YAML", () => {
    assert.throws(() => definitionsIn(["a: [1"]), { name: "YAMLParseError" });
  });

  it("reads the folder of the project in LAB_CRDS, in the order of the names", async () => {
    writeFileSync(join(folder, "keda", "2.yaml"), definition("b"));
    writeFileSync(join(folder, "keda", "1.yml"), definition("a"));
    writeFileSync(join(folder, "keda", "README.md"), "not YAML: [");
    const found = await readDefinitions("keda", { LAB_CRDS: folder });
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      ["a", "b"],
    );
  });

  it("says so when a folder has no definition", async () => {
    await assert.rejects(readDefinitions("keda", { LAB_CRDS: folder }), /definitions of keda: none in .*keda$/);
  });

  it("pins the version of every project", () => {
    for (const urls of Object.values(crdSources))
      for (const url of urls) assert.match(url, /\/[^/]*\d+\.\d+\.\d+[^/]*\//, url);
  });
});
