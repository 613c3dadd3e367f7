/** The tools of the lab: versions, what is accepted on PATH, where official builds are, how Go makes them. */
import { symlinkSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import type { RunCommand } from "./tool-cache.ts";

/** A program that may be on PATH already. */
export interface PathProgram {
  name: string;
  versionArgs: readonly string[];
  /** Whether a version of this program will do. */
  accepts: (version: readonly [major: number, minor: number]) => boolean;
}

/** A file of an official release. */
export interface Download {
  /** Name of the file once it is in the tool's folder. */
  file: string;
  url: string;
  /** Where the publisher says the SHA-256 of the file, alone or in a list of sums; absent where nothing is published. */
  sumUrl?: string;
  /** For an archive: unpack it and drop this many leading folders. */
  unpack?: number;
}

/** One tool of the lab. */
export interface ToolSpec {
  name: "kube" | "kwok" | "kwok-stages" | "pulumi" | "otelcol" | "jaeger" | "actionlint" | "keda";
  version: string;
  /** Files that the tool's folder must have. */
  files: readonly string[];
  /** Programs on PATH that stand for the tool, all of them or none; empty where PATH cannot have it. */
  onPath: readonly PathProgram[];
  /** Absent where the publisher has no build for this platform. */
  downloads?: readonly Download[];
  /** The Go module under `lab/go` and how it is built. */
  go: {
    module: string;
    minutes: number;
    build: (moduleFolder: string, folder: string, run: RunCommand) => Promise<void>;
  };
}

const kubernetes = "1.36.3";
const etcd = "3.6.8";
const kwok = "0.8.0";
const pulumi = "3.259.0";

/** The five programs of a control plane. */
export const controlPlanePrograms = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"];

/** Environment of every Go build. The same everywhere, so that packages compiled once are used again. */
export const goEnvironment = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "" };

const goFlags = ["-trimpath", "-pgo=off", "-buildvcs=false", "-mod=readonly"];
const os = platform();
const cpu = arch() === "x64" ? "amd64" : arch();

/** Flags, versions and platform, which decide a Go build together with the module's files and the Go version. */
export const buildValues = { goFlags, goEnvironment, kubernetes, etcd, kwok, pulumi, os, cpu };

const component = "k8s.io/component-base/version";
const [major, minor] = kubernetes.split(".").map(Number) as [number, number];

const kubeSpec: ToolSpec = {
  name: "kube",
  version: kubernetes,
  files: controlPlanePrograms,
  onPath: controlPlanePrograms.map((name) =>
    name === "etcd"
      ? { name, versionArgs: ["--version"], accepts: ([a, b]) => a === 3 && b >= 6 }
      : {
          name,
          versionArgs: name === "kubectl" ? ["version", "--client"] : ["--version"],
          accepts: ([a, b]) => a === major && b === minor,
        },
  ),
  downloads: os === "linux" ? kubeDownloads() : undefined,
  go: {
    module: "kube",
    minutes: 8,
    build: async (moduleFolder, folder, run) => {
      const version = `-X ${component}.gitVersion=v${kubernetes} -X ${component}.gitMajor=${major} -X ${component}.gitMinor=${minor}`;
      const args = ["build", ...goFlags, "-ldflags", `-s -w ${version}`, "-o", join(folder, "kube-all"), "."];
      await run("go", args, { folder: moduleFolder, env: goEnvironment });
      for (const name of controlPlanePrograms) symlinkSync("kube-all", join(folder, name));
    },
  },
};

const kwokSpec: ToolSpec = {
  name: "kwok",
  version: kwok,
  files: ["kwok"],
  // Stage files and their defaults change between minor versions of kwok.
  onPath: [{ name: "kwok", versionArgs: ["--version"], accepts: ([a, b]) => a === 0 && b === 8 }],
  downloads: [{ file: "kwok", url: `${githubRelease("kubernetes-sigs/kwok", `v${kwok}`)}/kwok-${os}-${cpu}` }],
  go: {
    module: "kwok",
    minutes: 3,
    build: async (moduleFolder, folder, run) => {
      const args = ["build", ...goFlags, "-ldflags", "-s -w", "-o", join(folder, "kwok"), "sigs.k8s.io/kwok/cmd/kwok"];
      await run("go", args, { folder: moduleFolder, env: goEnvironment });
    },
  },
};

const kwokStagesSpec: ToolSpec = {
  name: "kwok-stages",
  version: kwok,
  files: ["stages.yaml"],
  onPath: [],
  downloads: [{ file: "stages.yaml", url: `${githubRelease("kubernetes-sigs/kwok", `v${kwok}`)}/stage-fast.yaml` }],
  go: {
    module: "kwok",
    minutes: 1,
    build: (moduleFolder, folder, run) =>
      run("go", ["run", ...goFlags, "."], {
        folder: moduleFolder,
        env: goEnvironment,
        output: join(folder, "stages.yaml"),
      }),
  },
};

const pulumiSpec: ToolSpec = {
  name: "pulumi",
  version: pulumi,
  files: ["pulumi"],
  onPath: [{ name: "pulumi", versionArgs: ["version"], accepts: ([a, b]) => a === 3 && b >= 259 }],
  downloads: [pulumiDownload()],
  go: {
    module: "pulumi",
    minutes: 7,
    build: async (moduleFolder, folder, run) => {
      const version = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumi}`;
      const flags = [...goFlags, "-tags", "osusergo,grpcnotrace", "-ldflags", `-s -w ${version}`];
      const args = ["build", ...flags, "-o", join(folder, "pulumi"), "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"];
      await run("go", args, { folder: moduleFolder, env: goEnvironment });
    },
  },
};

/** Every tool, the ones that are built fastest first, so that a machine that cannot build says so early. */
export const toolSpecs: readonly ToolSpec[] = [kwokStagesSpec, kwokSpec, kubeSpec, pulumiSpec];

// The versions of these are in their go.mod alone, which is part of the hash: in `buildValues` they would make every
// other tool new.
const collectorSpec: ToolSpec = {
  name: "otelcol",
  version: "0.165.0",
  files: ["otelcol"],
  onPath: [],
  go: {
    module: "otelcol",
    minutes: 4,
    build: (moduleFolder, folder, run) =>
      run("go", ["build", ...goFlags, "-ldflags", "-s -w", "-o", join(folder, "otelcol"), "."], {
        folder: moduleFolder,
        env: goEnvironment,
      }),
  },
};

const jaegerSpec: ToolSpec = {
  name: "jaeger",
  version: "2.13.0",
  files: ["jaeger"],
  onPath: [],
  go: {
    module: "jaeger",
    minutes: 7,
    build: (moduleFolder, folder, run) => {
      const program = "github.com/jaegertracing/jaeger/cmd/jaeger";
      return run("go", ["build", ...goFlags, "-ldflags", "-s -w", "-o", join(folder, "jaeger"), program], {
        folder: moduleFolder,
        env: goEnvironment,
      });
    },
  },
};

/** Small enough that the test of the workflows builds it by itself. */
export const actionlintSpec: ToolSpec = {
  name: "actionlint",
  version: "1.7.12",
  files: ["actionlint"],
  onPath: [{ name: "actionlint", versionArgs: ["-version"], accepts: ([a, b]) => a === 1 && b >= 7 }],
  go: {
    module: "actionlint",
    minutes: 1,
    build: (moduleFolder, folder, run) => {
      const program = "github.com/rhysd/actionlint/cmd/actionlint";
      return run("go", ["build", ...goFlags, "-ldflags", "-s -w", "-o", join(folder, "actionlint"), program], {
        folder: moduleFolder,
        env: goEnvironment,
      });
    },
  },
};

/** Programs of KEDA that scale by external metrics: the operator and the API that an autoscaler asks. */
const kedaPrograms = { operator: "keda-operator", adapter: "keda-adapter" } as const;

/** KEDA, which the scenario `players` runs. */
export const kedaSpec: ToolSpec = {
  name: "keda",
  version: "2.20.2",
  files: Object.values(kedaPrograms),
  onPath: [],
  go: {
    module: "keda",
    minutes: 10,
    build: async (moduleFolder, folder, run) => {
      for (const [command, file] of Object.entries(kedaPrograms)) {
        const program = `github.com/kedacore/keda/v2/cmd/${command}`;
        const args = ["build", ...goFlags, "-ldflags", "-s -w", "-o", join(folder, file), program];
        await run("go", args, { folder: moduleFolder, env: goEnvironment });
      }
    },
  },
};

/** Tools that the lab needs for no command: built when they are named, `npm run lab -- build otelcol jaeger keda`. */
export const optionalTools: readonly ToolSpec[] = [collectorSpec, jaegerSpec, actionlintSpec, kedaSpec];

function kubeDownloads(): Download[] {
  const programs = controlPlanePrograms.filter((name) => name !== "etcd");
  const release = `https://dl.k8s.io/release/v${kubernetes}/bin/${os}/${cpu}`;
  const etcdRelease = githubRelease("etcd-io/etcd", `v${etcd}`);
  return [
    ...programs.map((file) => ({ file, url: `${release}/${file}`, sumUrl: `${release}/${file}.sha256` })),
    {
      file: "etcd",
      url: `${etcdRelease}/etcd-v${etcd}-${os}-${cpu}.tar.gz`,
      sumUrl: `${etcdRelease}/SHA256SUMS`,
      unpack: 1,
    },
  ];
}

function pulumiDownload(): Download {
  const release = githubRelease("pulumi/pulumi", `v${pulumi}`);
  const archive = `pulumi-v${pulumi}-${os}-${arch()}.tar.gz`;
  return {
    file: "pulumi",
    url: `${release}/${archive}`,
    sumUrl: `${release}/pulumi-${pulumi}-checksums.txt`,
    unpack: 1,
  };
}

function githubRelease(repository: string, tag: string): string {
  return `https://github.com/${repository}/releases/download/${tag}`;
}
