import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "mocha";
import { projectFolder } from "../tools/offline/stack-file.ts";

interface Source {
  /** Path from the project's folder, with "/". */
  path: string;
  text: string;
  imports: string[];
}

function sources(folder: string): Source[] {
  if (!existsSync(join(projectFolder, folder))) return [];
  return readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts") && !path.includes("node_modules"))
    .map((path) => read(path));
}

function read(path: string): Source {
  const text = readFileSync(join(projectFolder, path), "utf8");
  const imports = [...text.matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g)].map(([, target = ""]) =>
    normalize(join(dirname(path), target)).replaceAll("\\", "/"),
  );
  return { path, text, imports };
}

/** Folder of components, or a file beside them, that a path belongs to; undefined outside. */
function layerOf(path: string): string | undefined {
  return /^components\/([^/]+?)(?:\/|\.ts$)/.exec(path)?.[1];
}

/** What each layer may import besides itself. What is not here may not be imported. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  kube: [],
  config: ["kube"],
  capacity: ["kube", "config"],
  cluster: ["kube", "config", "capacity"],
  workload: ["kube", "config", "capacity"],
  data: ["kube", "config", "capacity", "cluster", "workload"],
  game: ["kube", "config", "capacity", "cluster", "workload"],
  // It composes its own stores; those of the game are beside it in the region.
  ads: ["kube", "config", "capacity", "cluster", "workload", "data"],
  monitoring: ["kube", "config", "capacity", "cluster", "workload"],
  delivery: ["kube", "config", "capacity", "cluster", "workload"],
  edge: ["kube", "config", "capacity", "cluster", "workload"],
};

const groups = Object.keys(allowed);
const tops: Readonly<Record<string, readonly string[]>> = {
  watch: groups,
  // It warns about a plan, which is made with its warnings: the plan's type is all that it takes.
  warnings: [...groups, "plan"],
  plan: [...groups, "watch", "warnings"],
  deliver: [...groups, "plan"],
  region: [...groups, "plan", "deliver"],
  platform: [...groups, "plan", "deliver", "region"],
};

/** Body of the call that opens at `start`, up to its closing parenthesis. */
function callBody(text: string, start: number): string {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === "(") depth += 1;
    if (text[index] === ")") depth -= 1;
    if (depth === 0) return text.slice(start, index + 1);
  }
  return text.slice(start);
}

describe("the architecture", () => {
  const components = sources("components");
  const tools = sources("tools");
  const pack = sources("policy-pack");

  it("knows every folder of components", () => {
    const layers = new Set(components.map((one) => layerOf(one.path)));
    assert.deepEqual(
      [...layers].filter((one) => one === undefined || !(one in allowed || one in tops)),
      [],
    );
    assert.ok(layers.size >= 9);
  });

  it("imports one way: no folder reaches into one beside or above it", () => {
    const wrong = components.flatMap(({ path, imports }) => {
      const from = layerOf(path) ?? "";
      const may = [from, ...(allowed[from] ?? tops[from] ?? [])];
      return imports
        .filter((target) => !may.includes(layerOf(target) ?? "outside"))
        .map((target) => `${path} -> ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it("imports only files that are there", () => {
    const missing = [...components, ...tools, ...pack].flatMap(({ path, imports }) =>
      imports.filter((target) => !existsSync(join(projectFolder, target))).map((target) => `${path} -> ${target}`),
    );
    assert.deepEqual(missing, []);
  });

  it("has no component that knows a tool, a test or the lab", () => {
    const wrong = components.flatMap(({ path, imports }) =>
      imports
        .filter((target) => /^(tools|tests|lab|policy-pack)\//.test(target))
        .map((target) => `${path} -> ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it("starts at the platform and its plan alone", () => {
    assert.deepEqual(read("index.ts").imports.sort(), ["components/plan.ts", "components/platform.ts"]);
  });

  it("gives each class of components a type of its own, by project, folder and class", () => {
    const tokens = components.flatMap(({ path, text }) => {
      const name = /export class (\w+) extends pulumi\.ComponentResource/.exec(text)?.[1];
      return [...text.matchAll(/super\(([^,]+),/g)]
        .filter(() => name !== undefined)
        .map(([, token]) => ({ token, wanted: `"realmgrid:${layerOf(path)}:${name}"` }));
    });
    assert.ok(tokens.length >= 10);
    for (const { token, wanted } of tokens) assert.equal(token, wanted);
    assert.equal(new Set(tokens.map((one) => one.token)).size, tokens.length);
  });

  it("decides what exists from plain configuration, never inside of an output", () => {
    const wrong = components.flatMap(({ path, text }) =>
      [...text.matchAll(/\.apply(?=\()/g)]
        .map(({ index }) => callBody(text, index + ".apply".length))
        .filter((body) => /\bnew (k8s|random|pulumi|[A-Z]\w*)[.(]/.test(body))
        .map(() => path),
    );
    assert.deepEqual(wrong, []);
  });

  it("reads the configuration in one place, and nothing from the environment", () => {
    for (const { path, text } of components) {
      assert.doesNotMatch(text, /process\.env/, path);
      if (path !== "components/config/load.ts") assert.doesNotMatch(text, /new pulumi\.Config\(/, path);
    }
  });

  it("makes providers in one place", () => {
    const makers = components.filter(({ text }) => text.includes("new k8s.Provider(")).map((one) => one.path);
    assert.deepEqual(makers, ["components/cluster/provider.ts"]);
  });

  it("does not ask which stack it runs in", () => {
    for (const { path, text } of components) {
      if (path !== "components/config/load.ts") assert.doesNotMatch(text, /getStack\(\)|=== "(prod|dev)"/, path);
    }
  });

  it("has no file of more than 300 lines", () => {
    const long = [...components, ...tools, ...pack].filter(({ text }) => text.trimEnd().split("\n").length > 300);
    assert.deepEqual(
      long.map((one) => one.path),
      [],
    );
  });

  it("names files by their subject, in lower case with dashes", () => {
    for (const { path } of [...components, ...tools, ...pack]) {
      const name = path.split("/").at(-1) ?? "";
      assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*\.ts$/, path);
      if (path !== "policy-pack/index.ts") assert.doesNotMatch(name, /^(utils?|helpers?|common|misc|index)\.ts$/, path);
    }
  });

  it("leaves nothing to do", () => {
    for (const { path, text } of [...components, ...tools, ...pack])
      assert.doesNotMatch(text, /\b(TODO|FIXME|XXX)\b/, path);
  });

  it("says in every file of components what it is for", () => {
    for (const { path, text } of components) assert.match(text, /^\/\*\*/, path);
  });
});
