import type { ObjectRule, Report } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap, release } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

// semver.org, version 2.0.0, with the "v" that Helm allows. Anything else is a range for Helm, "1.2" too.
const exactVersion = /^v?\d{1,9}\.\d{1,9}\.\d{1,9}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
const digest = /@sha256:[0-9a-f]{64}$/;
const localChart = /^(\.{0,2}\/|\.$)/;

// A folder and an archive hold one version; a digest names one.
function carriesVersion(chart: string): boolean {
  return localChart.test(chart) || chart.endsWith(".tgz") || digest.test(chart);
}

function checkSource({ root }: KubeObject, report: Report): void {
  const [chart, repository] = [root.at("chart"), root.at("repositoryOpts", "repo")];
  if (chart.unknown) {
    report.undecidable(chart);
    return;
  }
  const from = chart.text ?? "";
  if (from.startsWith("http://")) report.violated(chart, "the chart comes over a connection that anyone can change");
  if (localChart.test(from) || /^(oci|https?):\/\//.test(from)) return;
  report.check(
    repository,
    (value) => typeof value === "string" && /^(https|oci):\/\//.test(value),
    "want the https or oci address of the chart's repository, not what the machine that runs the program knows",
  );
}

function checkListed({ root }: KubeObject, report: Report, { releases }: OwnershipSettings): void {
  if (releases.length === 0) return;
  const known = [root.at("name"), root.at("chart")];
  if (known.some((one) => one.text !== undefined && releases.includes(one.text))) return;
  if (known.some((one) => one.unknown)) report.undecidable(root.at("name"));
  else report.violated(root.at("name"), "the setting releases lists neither the release nor its chart");
}

/** What a release brings is decided by its chart alone, which no policy sees: so it must be this one chart. */
export const helmRelease: ObjectRule<OwnershipSettings> = {
  id: "helm-release",
  subject: "object",
  kinds: ["Release"],
  level: "mandatory",
  title: "A Helm release is one exact version of a chart from a named repository.",
  why: "Nobody sees which objects a release brings; with a range or a bare name, it brings others tomorrow.",
  fix: "write chart, an exact version and repositoryOpts.repo, and list the release if the setting releases is used",
  check(object, report, settings) {
    if (object.group !== "helm.sh") return;
    const { root } = object;
    checkSource(object, report);
    checkListed(object, report, settings);
    // A chart that is not known yet may be a folder or a digest, which need no version.
    if (root.at("chart").unknown || carriesVersion(root.at("chart").text ?? "")) return;
    report.check(
      root.at("version"),
      (value) => typeof value === "string" && exactVersion.test(value),
      "want an exact version, such as 1.2.3",
    );
  },
  good: [
    { name: "a pinned chart of a repository", objects: [release()] },
    {
      name: "an OCI chart",
      objects: [release({ chart: "oci://registry.example.com/charts/keda", repositoryOpts: undefined })],
    },
    {
      name: "an OCI chart with a digest",
      objects: [
        release({
          chart: `oci://registry.example.com/keda@sha256:${"0a".repeat(32)}`,
          version: undefined,
          repositoryOpts: undefined,
        }),
      ],
    },
    { name: "a folder", objects: [release({ chart: "./charts/keda", version: undefined, repositoryOpts: undefined })] },
    {
      name: "an archive of a web server",
      objects: [
        release({ chart: "https://example.com/keda-1.0.0.tgz", version: undefined, repositoryOpts: undefined }),
      ],
    },
    { name: "a version with a v and a pre-release", objects: [release({ version: "v1.2.3-rc.1+build.5" })] },
    { name: "a release of the list", objects: [release()], settings: { releases: ["keda"] } },
    { name: "a chart of the list", objects: [release({ name: unknown })], settings: { releases: ["keda"] } },
    {
      name: "a custom kind of the same name",
      objects: [configMap({}, { apiVersion: "a.example/v1", kind: "Release" })],
    },
  ],
  bad: [
    ...[undefined, "latest", "1.2", "1.x", "^1.2.3", ">=1.2.3", "1.2.3 || 2.0.0", "*", ""].map((version) => ({
      name: `the version ${version === undefined ? "is missing" : `"${version}"`}`,
      objects: [release({ version })],
      expect: [{ path: "version" }],
    })),
    { name: "no repository", objects: [release({ repositoryOpts: {} })], expect: [{ path: "repositoryOpts.repo" }] },
    {
      name: "a repository that the machine knows by an alias",
      objects: [release({ chart: "kedacore/keda", repositoryOpts: undefined })],
      expect: [{ path: "repositoryOpts.repo" }],
    },
    {
      name: "a repository over http",
      objects: [release({ repositoryOpts: { repo: "http://charts.example.com" } })],
      expect: [{ path: "repositoryOpts.repo" }],
    },
    {
      name: "an archive over http",
      objects: [release({ chart: "http://example.com/keda-1.0.0.tgz" })],
      expect: [{ path: "chart" }],
    },
    {
      name: "a version of an OCI chart is missing",
      objects: [release({ chart: "oci://registry.example.com/keda", version: undefined })],
      expect: [{ path: "version" }],
    },
    {
      name: "neither the release nor its chart is on the list",
      objects: [release()],
      settings: { releases: ["metrics-server"] },
      expect: [{ path: "name" }],
    },
    {
      name: "a name that is not known yet, with a list",
      objects: [release({ name: unknown })],
      settings: { releases: ["metrics-server"] },
      expect: [{ path: "name", verdict: "undecidable" }],
    },
    {
      name: "a version that is not known yet, without a repository",
      objects: [release({ version: unknown, repositoryOpts: undefined })],
      expect: [{ path: "version", verdict: "undecidable" }, { path: "repositoryOpts.repo" }],
    },
    {
      name: "a chart that is not known yet, without version and repository",
      objects: [release({ chart: unknown, version: undefined, repositoryOpts: undefined })],
      expect: [{ path: "chart", verdict: "undecidable" }],
    },
  ],
};
