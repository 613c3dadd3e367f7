/** The pack as the engine sees it: a process of its own, spoken to over gRPC. */
import assert from "node:assert/strict";
import { configure, evaluateObject, evaluateStack } from "../../policy-pack/core/evaluate.ts";
import type { Manifest } from "../../policy-pack/core/rule.ts";
import { findingText } from "../../policy-pack/core/text.ts";
import { toObject } from "../../policy-pack/kube/objects.ts";
import { unknown } from "../../policy-pack/kube/tree.ts";
import { families } from "../../policy-pack/rules/families.ts";
import { container, pod } from "../../policy-pack/rules/pod-security/cases.ts";
import { today } from "./support/findings.ts";
import { PackProcess, type Said, tokenOf } from "./support/pack-process.ts";

const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownBoolean = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7";

const options = { protect: false, ignoreChanges: [] };

/** What the engine sends: unknown values as texts that stand for them. */
function onTheWire(value: unknown): unknown {
  if (value === unknown) return unknownText;
  if (Array.isArray(value)) return value.map(onTheWire);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, onTheWire(inner)]));
}

function asSecret(value: unknown): object {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** Rules that speak, with their level; the message begins with the rule. */
function rulesOf(said: readonly Said[]): string[] {
  return said.map(({ message, level }) => `${/^\[([\w/-]+)\]/.exec(message)?.[1]} ${level}`).sort();
}

describe("the pack in a process of its own", function () {
  this.timeout(120_000);
  let pack: PackProcess;

  before(async () => {
    pack = await PackProcess.start();
  });

  after(() => {
    pack.stop();
  });

  const analyze = (props: Record<string, unknown>, type = tokenOf(props)) =>
    pack.analyze({ type, name: "sample", props });

  it("declares one policy for each family", async () => {
    const { name, policies } = await pack.info();
    assert.equal(name, "realmgrid");
    assert.deepEqual(
      policies,
      families.map((family) => ({ name: family.name, level: family.level })),
    );
  });

  it("lets a safe pod pass and refuses a privileged one, by its full type and as a patch", async () => {
    assert.deepEqual(
      rulesOf(await analyze(pod())).filter((one) => one.startsWith("pod-security/")),
      [],
    );
    const unsafe = pod({ containers: [container({ privileged: true })] });
    assert.ok(rulesOf(await analyze(unsafe)).includes("pod-security/privileged mandatory"));
    const patch = await analyze({ ...unsafe, kind: "Pod" }, "kubernetes:core/v1:PodPatch");
    assert.ok(rulesOf(patch).includes("pod-security/privileged mandatory"));
  });

  it("finds what is plain beside an unknown value, and tells the unknown one without stopping anything", async () => {
    const said = await analyze(
      pod({ hostNetwork: true, containers: [container({ privileged: unknownBoolean }, { image: unknownText })] }),
    );
    assert.ok(rulesOf(said).includes("pod-security/host-namespaces mandatory"));
    assert.ok(rulesOf(said).includes("pod-security/privileged advisory"));
    assert.ok(!said.some(({ message }) => message.includes("can't run policy")), "the host gave up on a policy");
  });

  it("reads secrets like other values, and says none of them", async () => {
    const canary = "canary-7c1f";
    const said = await analyze(
      pod({
        containers: [
          container(asSecret({ privileged: true }) as never, { env: [{ name: "A", value: asSecret(canary) }] }),
        ],
      }),
    );
    assert.ok(!said.some(({ message }) => message.includes(canary)));
    const privileged = { privileged: asSecret(true) };
    assert.ok(
      rulesOf(await analyze(pod({ containers: [container(privileged)] }))).includes(
        "pod-security/privileged mandatory",
      ),
    );
  });

  it("says of the first cases of every rule what the rules say by themselves", async function () {
    this.timeout(300_000);
    let compared = 0;
    for (const family of families) {
      for (const { name, objects, settings } of family.rules.flatMap((rule) => [
        ...rule.good.slice(0, 1),
        ...rule.bad.slice(0, 1),
      ])) {
        // The settings of a process hold for all that it does; objects without a type cannot be registered.
        if (settings !== undefined || !objects.every((one) => typeof one["apiVersion"] === "string")) continue;
        const { configured } = configure(family, {}, today);
        const resources = objects.map((props, index) => ({
          type: tokenOf(props),
          name: `case-${index}`,
          props: onTheWire(props) as Manifest,
        }));
        const sources = resources
          .map(({ type, name: source, props }) => toObject({ type, props, source, options }))
          .filter((object) => object !== undefined);
        const wanted = [
          ...sources.flatMap((object) => evaluateObject(configured, object)),
          ...evaluateStack(configured, sources),
        ].map(findingText);
        const said: Said[] = [];
        for (const resource of resources) said.push(...(await pack.analyze(resource)));
        said.push(...(await pack.analyzeStack(resources)));
        const heard = said.filter(({ policy }) => policy === family.name).map(({ message }) => message);
        // What arrives one by one may be told twice, and tells of things that were sent for another case.
        assert.deepEqual(
          [...new Set(wanted)].filter((text) => !heard.includes(text)),
          [],
          `${family.name}: ${name}`,
        );
        compared += 1;
      }
    }
    assert.ok(compared > 100, `only ${compared} cases were compared`);
  });

  it("says nothing about what is no Kubernetes object", async () => {
    assert.deepEqual(await pack.analyze({ type: "realmgrid:game:GameStack", name: "game", props: {} }), []);
    assert.deepEqual(await pack.analyze({ type: "pulumi:providers:kubernetes", name: "k", props: {} }), []);
  });

  it("never answers with an error, whatever arrives", async () => {
    for (const props of [
      {},
      { spec: null },
      { metadata: "x", spec: [] },
      { spec: { template: { spec: { containers: {} } } } },
    ]) {
      for (const kind of ["Deployment", "Pod", "ConfigMap", "Sprocket"]) {
        await pack.analyze({ type: `kubernetes:apps/v1:${kind}`, name: "odd", props });
      }
    }
    assert.ok((await pack.info()).policies.length > 0);
  });
});

describe("the pack with a wrong configuration", function () {
  this.timeout(120_000);
  let pack: PackProcess;

  before(async () => {
    pack = await PackProcess.start();
  });

  after(() => {
    pack.stop();
  });

  it("says every mistake of a family in one message, and stops the operation", async () => {
    await pack.configure({ "pod-security": { level: "strict", colour: "blue", exemptions: [{ rule: "*" }] } });
    const said = await pack.analyze({ type: "kubernetes:core/v1:ConfigMap", name: "any", props: {} });
    const [wrong, ...more] = said.filter(({ message }) => message.includes("wrong configuration"));
    assert.deepEqual(more, []);
    assert.equal(wrong?.level, "mandatory");
    for (const part of [
      "pod-security.level: want one of baseline, restricted",
      "pod-security.colour",
      "exemptions[0].reason",
    ]) {
      assert.ok(wrong?.message.includes(part), `${part} is not in: ${wrong?.message}`);
    }
  });
});
