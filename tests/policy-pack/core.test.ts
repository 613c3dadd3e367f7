/** What holds for every rule: exemptions, levels, crashes, unknown values, settings. */
import assert from "node:assert/strict";
import { configure, evaluate } from "../../policy-pack/core/evaluate.ts";
import { exceptionsAnnotation } from "../../policy-pack/core/exemptions.ts";
import type { Family, Manifest, PodRule, Rule } from "../../policy-pack/core/rule.ts";
import { toObject } from "../../policy-pack/kube/objects.ts";
import { unknown } from "../../policy-pack/kube/tree.ts";
import { findingsOf, keys, objectsOf, today } from "./support/findings.ts";

const about = { title: "Wants.", why: "Since.", fix: "mend", level: "mandatory", good: [], bad: [] } as const;

/** Wants `spec.hostNetwork` to be absent. */
const network: PodRule<object> = {
  ...about,
  id: "network",
  subject: "pod",
  allowance: "host-network",
  check(pod, report) {
    report.check(pod.spec.at("hostNetwork"), (value) => value === undefined, "is set");
  },
};

function familyOf(...rules: Rule[]): Family {
  return { name: "trial", title: "Trial", level: "mandatory", schema: {}, rules };
}

function pod(spec: Manifest, metadata: Manifest = {}): Manifest {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "games", ...metadata }, spec };
}

const broken = pod({ hostNetwork: true });
const exemption = { rule: "network", namespace: "games", name: "a", reason: "a test", expires: today };

describe("exemptions", () => {
  it("hold for their object until the end of their last day", () => {
    assert.deepEqual(keys(findingsOf(familyOf(network), [broken], { exemptions: [exemption] })), []);
  });

  it("hold for no other rule, namespace, name or kind", () => {
    for (const change of [{ namespace: "data" }, { name: "b" }, { kind: "Deployment" }]) {
      const found = findingsOf(familyOf(network), [broken], { exemptions: [{ ...exemption, ...change }] });
      assert.deepEqual(keys(found), ["trial/network spec.hostNetwork violated"], JSON.stringify(change));
    }
    const other = { ...network, id: "other" };
    const found = findingsOf(familyOf(network, other), [broken], { exemptions: [exemption] });
    assert.deepEqual(keys(found), ["trial/other spec.hostNetwork violated"]);
  });

  it("are a finding once they have ended, and excuse nothing any more", () => {
    const ended = { ...exemption, expires: "2026-06-29" };
    assert.deepEqual(keys(findingsOf(familyOf(network), [broken], { exemptions: [ended] })), [
      "trial/ended-exemption  violated",
      "trial/network spec.hostNetwork violated",
    ]);
    assert.deepEqual(keys(findingsOf(familyOf(network), [pod({})], { exemptions: [ended] })), [
      "trial/ended-exemption  violated",
    ]);
  });

  it("of a pod itself hold for the allowance that they name, until they end", () => {
    const carrying = (allow: string, until: string) =>
      pod(
        { hostNetwork: true },
        { annotations: { [exceptionsAnnotation]: JSON.stringify([{ allow, because: "a test", until }]) } },
      );
    assert.deepEqual(keys(findingsOf(familyOf(network), [carrying("host-network", today)])), []);
    assert.equal(findingsOf(familyOf(network), [carrying("other", today)]).length, 1);
    const [ended] = findingsOf(familyOf(network), [carrying("host-network", "2026-06-29")]);
    assert.match(ended?.message ?? "", /exception has ended/);
  });
});

describe("exceptions of a pod", () => {
  const metadata = {
    annotations: {
      [exceptionsAnnotation]: JSON.stringify([{ allow: "host-network", because: "a test", until: today }]),
    },
  };
  const excused = pod({ hostNetwork: true, hostname: "a", containers: [{ name: "a", image: "a:1" }] }, metadata);

  it("hold for pods of the kinds that the rule names, and for no others", () => {
    const ofAgents: PodRule<object> = { ...network, allowedKinds: ["DaemonSet"] };
    const template = { metadata, spec: excused["spec"] };
    const daemons = { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "a" }, spec: { template } };
    assert.deepEqual(findingsOf(familyOf(ofAgents), [daemons]), []);
    const others = [{ ...daemons, kind: "Deployment" }, { apiVersion: "v1", kind: "List", items: [daemons] }, excused];
    for (const other of others) {
      assert.deepEqual(
        findingsOf(familyOf(ofAgents), [other]).map(({ message }) => message),
        ["is set"],
        String(other["kind"]),
      );
    }
  });

  it("hold at the places that the rule names, and at no others", () => {
    const both: PodRule<object> = {
      ...network,
      allowedPaths: /\.hostNetwork$/,
      check(template, report) {
        for (const key of ["hostNetwork", "hostname"]) report.violated(template.spec.at(key), "is set");
      },
    };
    assert.deepEqual(keys(findingsOf(familyOf(both), [excused])), ["trial/network spec.hostname violated"]);
  });

  it("excuse no crash", () => {
    const crashing: PodRule<object> = {
      ...network,
      check() {
        throw new Error("no");
      },
    };
    assert.deepEqual(keys(findingsOf(familyOf(crashing), [excused])), ["trial/network  violated"]);
  });
});

describe("levels", () => {
  it("of single rules can be changed, and a rule can be switched off", () => {
    const [finding] = findingsOf(familyOf(network), [broken], { rules: { network: "advisory" } });
    assert.equal(finding?.level, "advisory");
    assert.deepEqual(findingsOf(familyOf(network), [broken], { rules: { network: "disabled" } }), []);
  });

  it("of what cannot be decided are advisory, and those of the rule where the family is strict", () => {
    const vague = pod({ hostNetwork: unknown });
    const [told] = findingsOf(familyOf(network), [vague]);
    assert.deepEqual([told?.verdict, told?.level], ["undecidable", "advisory"]);
    const [strict] = findingsOf(familyOf(network), [vague], { strict: true });
    assert.deepEqual([strict?.verdict, strict?.level], ["undecidable", "mandatory"]);
  });
});

describe("a rule that crashes", () => {
  const crashing: PodRule<object> = {
    ...about,
    id: "crashing",
    subject: "pod",
    level: "advisory",
    check(template) {
      throw new Error(`canary ${String(template.spec.at("hostNetwork").value)}`);
    },
  };

  it("is one mandatory finding that names it, and hides nothing that others found", () => {
    const findings = findingsOf(familyOf(crashing, network), [broken]);
    assert.deepEqual(keys(findings), ["trial/crashing  violated", "trial/network spec.hostNetwork violated"]);
    const crash = findings.find(({ rule }) => rule === "trial/crashing");
    assert.equal(crash?.level, "mandatory");
    assert.equal(crash?.crashed, true);
    assert.match(crash?.message ?? "", /crashed.*bug of the policy pack/);
    // The error may quote a value of the object.
    assert.doesNotMatch(crash?.message ?? "", /canary/);
  });

  it("about a cluster is a finding too", () => {
    const rule: Rule = {
      ...about,
      id: "cluster",
      subject: "cluster",
      check() {
        throw new Error("no");
      },
    };
    const [crash] = findingsOf(familyOf(rule), [broken]);
    assert.deepEqual([crash?.rule, crash?.crashed], ["trial/cluster", true]);
  });
});

describe("patches and absent values", () => {
  it("lets a patch leave out what the object in the cluster may have", () => {
    const wanted: PodRule<object> = {
      ...network,
      check(template, report) {
        report.check(template.spec.at("hostNetwork"), (value) => value === false, "must be false");
      },
    };
    const { configured } = configure(familyOf(wanted), {}, today);
    const patch = (spec: Manifest) =>
      [toObject({ type: "kubernetes:core/v1:PodPatch", props: pod(spec), source: "#0" })].filter(
        (one) => one !== undefined,
      );
    assert.deepEqual(evaluate([configured], patch({})), []);
    assert.equal(evaluate([configured], patch({ hostNetwork: true })).length, 1);
    assert.equal(evaluate([configured], objectsOf([pod({})])).length, 1);
  });
});

describe("settings", () => {
  it("are all checked, and every mistake is told with its place", () => {
    const family: Family<{ share: number }> = {
      ...familyOf(network),
      schema: { share: { type: "number", minimum: 0, description: "A share.", default: 1 } },
    };
    const written = {
      share: -1,
      strict: "yes",
      rules: { network: "loud", nothing: "advisory" },
      exemptions: [{ ...exemption, rule: "nothing", expires: "soon" }, { rule: "*" }],
      other: 1,
    };
    const { mistakes, configured } = configure(family as Family, written, today);
    assert.deepEqual(mistakes, [
      "trial.share: want at least 0",
      "trial.strict: want a boolean",
      "trial.rules.network: want one of mandatory, advisory, disabled",
      "trial.rules.nothing: is not known; want one of network",
      "trial.exemptions[0].rule: want one of *, network",
      "trial.exemptions[0].expires: want Last day, as YYYY-MM-DD",
      "trial.exemptions[1].namespace: is missing",
      "trial.exemptions[1].name: is missing",
      "trial.exemptions[1].reason: is missing",
      "trial.exemptions[1].expires: is missing",
      "trial.other: is not known; want one of share, strict, rules, exemptions",
    ]);
    assert.equal(configured.settings.strict, false);
  });
});
