/** The same pod gets the same answers in whatever object it arrives. */
import assert from "node:assert/strict";
import { configure, evaluateObject } from "../../../policy-pack/core/evaluate.ts";
import type { Finding } from "../../../policy-pack/core/finding.ts";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { podTemplates } from "../../../policy-pack/kube/pods.ts";
import { podSecurity } from "../../../policy-pack/rules/pod-security/family.ts";
import { objectsOf, today } from "../support/findings.ts";
import { controls, type Fixture, fixtures, levels } from "../support/pod-security-fixtures.ts";
import { type Level, newest } from "../support/pod-security-rows.ts";
import { type Wrapper, wrapped, wrappers } from "../support/pod-wrappers.ts";

const settings = Object.fromEntries(
  levels.map((level) => [level, configure(podSecurity, { level, version: `1.${newest}` }, today).configured]),
);

function evaluate(level: Level, object: ReturnType<typeof wrapped>): Finding[] {
  const own = settings[level];
  if (own === undefined) throw new Error(`no settings for ${level}`);
  return evaluateObject(own, object);
}

function told(findings: readonly Finding[], prefix = ""): string[] {
  return findings.map(({ rule, verdict, path }) => `${rule} ${verdict} ${prefix}${path}`).sort();
}

const newestFixtures = levels.flatMap((level) => controls.flatMap((control) => fixtures(control, level, newest)));

const alone = new Map(
  newestFixtures.map((fixture) => [
    fixture,
    objectsOf([fixture.pod]).flatMap((object) => evaluate(fixture.level, object)),
  ]),
);

// What an object must be told: what its pod is told, at the places where the pod is within it.
function wanted(wrapper: Wrapper, fixture: Fixture): string[] {
  const own = alone.get(fixture) ?? [];
  const always = own.filter(({ rule }) => rule === "pod-security/ephemeral-containers");
  return told(wrapper.partial === true && fixture.lacking ? always : own, wrapper.prefix);
}

describe(`pods of the Pod Security Standards in other objects, ${wrappers.length * newestFixtures.length} cases`, () => {
  for (const wrapper of wrappers) {
    it(`${newestFixtures.length} pods in ${wrapper.name}`, () => {
      for (const fixture of newestFixtures) {
        const got = told(evaluate(fixture.level, wrapped(wrapper, fixture.pod)));
        assert.deepEqual(got, wanted(wrapper, fixture), fixture.name);
      }
    });
  }
});

describe("pods of an object", () => {
  function specsOf(type: string, props: Manifest): string[] {
    return podTemplates(wrapped({ name: type, type, prefix: "" }, props)).map(({ spec, object, metadata }) =>
      [spec.path, ...(object.partial ? ["overlay"] : []), ...(metadata.absent ? [] : [metadata.path])].join(" "),
    );
  }

  const pod = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "b" }] } };

  it("are all found where there are several", () => {
    const spec = { template: pod, tasks: [{ template: pod }, { template: pod }] };
    assert.deepEqual(specsOf("example.com/v1:Several", { spec }), [
      "spec.template.spec spec.template.metadata",
      "spec.tasks[0].template.spec spec.tasks[0].template.metadata",
      "spec.tasks[1].template.spec spec.tasks[1].template.metadata",
    ]);
  });

  it("are named once where a kind keeps them at one of two places and neither is known", () => {
    const sentinel = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff";
    assert.deepEqual(specsOf("agones.dev/v1:GameServerSet", { spec: sentinel }), ["spec spec"]);
    assert.deepEqual(specsOf("apps/v1:Deployment", { spec: { template: sentinel } }), ["spec.template spec.template"]);
    assert.deepEqual(specsOf("example.com/v1:Unheard", { spec: sentinel }), []);
  });

  it("are only parts where an operator or a chart adds the rest", () => {
    assert.deepEqual(specsOf("monitoring.coreos.com/v1:Prometheus", { spec: pod.spec }), ["spec overlay"]);
    assert.deepEqual(specsOf("example.com/v1:Unheard", { spec: { containers: [{ name: "a" }] } }), ["spec overlay"]);
    assert.deepEqual(specsOf("example.com/v1:Unheard", { spec: pod.spec }), ["spec"]);
    assert.deepEqual(specsOf("helm.sh/v3:Release", { values: { worker: pod.spec } }), ["values.worker overlay"]);
  });

  it("are none where something else is called so", () => {
    for (const [type, props] of [
      ["core/v1:ConfigMap", { data: pod }],
      ["apiextensions.k8s.io/v1:CustomResourceDefinition", { spec: { versions: [pod] } }],
      ["autoscaling.k8s.io/v1:VerticalPodAutoscaler", { spec: { resourcePolicy: { containers: [{ name: "a" }] } } }],
      ["example.com/v1:Ship", { spec: { containers: 20, template: { spec: { containers: ["a", 1, null] } } } }],
      ["apps/v1:DeploymentPatch", { metadata: { name: "a" } }],
      ["apps/v1:Deployment", { spec: { template: { spec: "text" } } }],
    ] as const) {
      assert.deepEqual(specsOf(type, props), [], type);
    }
  });

  it("are not missed in a Patch, which breaks nothing by what it leaves out", () => {
    const props = { metadata: { name: "a" }, spec: { template: { spec: { containers: [{ name: "a" }] } } } };
    const object = wrapped({ name: "", type: "apps/v1:DeploymentPatch", prefix: "" }, props);
    assert.deepEqual(specsOf("apps/v1:DeploymentPatch", props), ["spec.template.spec overlay"]);
    for (const level of levels) assert.deepEqual(evaluate(level, object), []);
  });
});
