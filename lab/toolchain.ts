/**
 * Finds the programs of the lab. For each tool, in this order: PATH, the cache, the official download (only when
 * REALMGRID_LAB_DOWNLOAD=1, since a machine without internet must not hang), a Go build from public modules.
 */
import { execFile } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { download } from "./download.ts";
import { cachedFolder, contentHash, makeOnce, type Progress } from "./tool-cache.ts";
import { buildValues, goEnvironment, type PathProgram, type ToolSpec, toolSpecs } from "./tool-specs.ts";

/** Absolute paths of everything a lab runs. */
export interface Tools {
  /** Folder that holds etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl. */
  kubeControlPlane: string;
  kubectl: string;
  kwok: string;
  /** File with kwok's own stages for nodes and pods. */
  kwokStages: string;
  pulumi: string;
}

/** How tools are looked up; everything has a default that suits the command line. */
export interface ResolveOptions {
  onProgress: Progress;
  signal?: AbortSignal;
  /** Only look; undefined instead of a download or a build. */
  cachedOnly?: boolean;
  /** @default process.env */
  environment?: NodeJS.ProcessEnv;
  /** Folder of the cache. @default toolchainFolder() */
  root?: string;
  /** @default toolSpecs */
  specs?: readonly ToolSpec[];
}

const run = promisify(execFile);
const moduleRoot = join(import.meta.dirname, "go");
const oldestGo: readonly [number, number] = [1, 26];

/** All tools, downloaded or built where needed. */
export async function resolveTools(options: ResolveOptions): Promise<Tools> {
  const tools = await lookUp(options);
  if (tools === undefined) throw new Error("a tool of the lab is missing");
  return tools;
}

/** All tools if PATH and the cache have them, undefined otherwise. Never downloads or builds. */
export async function findTools(options: Partial<ResolveOptions> = {}): Promise<Tools | undefined> {
  return lookUp({ onProgress: () => undefined, ...options, cachedOnly: true });
}

async function lookUp(options: ResolveOptions): Promise<Tools | undefined> {
  const folders: Partial<Record<ToolSpec["name"], string>> = {};
  for (const spec of options.specs ?? toolSpecs) {
    const folder = await resolveTool(spec, options);
    if (folder === undefined) return undefined;
    folders[spec.name] = folder;
  }
  const { kube = "", kwok = "", pulumi = "" } = folders;
  return {
    kubeControlPlane: kube,
    kubectl: join(kube, "kubectl"),
    kwok: join(kwok, "kwok"),
    kwokStages: join(folders["kwok-stages"] ?? "", "stages.yaml"),
    pulumi: join(pulumi, "pulumi"),
  };
}

/** Folder of one tool; undefined only with `cachedOnly`. */
export async function resolveTool(spec: ToolSpec, options: ResolveOptions): Promise<string | undefined> {
  const environment = options.environment ?? process.env;
  const onPath = await folderOfPathPrograms(spec, environment, options);
  if (onPath !== undefined) return onPath;

  const common = { name: spec.name, root: options.root, onProgress: options.onProgress, signal: options.signal };
  const downloads = spec.downloads;
  const downloadHash = contentHash([], { downloads });
  if (downloads && existsSync(cachedFolder(spec.name, downloadHash, options.root))) {
    return cachedFolder(spec.name, downloadHash, options.root);
  }
  const go = await goVersion(environment);
  if (typeof go !== "string") {
    const hash = goHash(spec, go.version);
    const built = cachedFolder(spec.name, hash, options.root);
    if (existsSync(built)) return built;
  }
  if (options.cachedOnly) return undefined;

  if (downloads && environment.REALMGRID_LAB_DOWNLOAD === "1") {
    return makeOnce({
      ...common,
      hash: downloadHash,
      announcement: `downloading ${spec.name} ${spec.version}`,
      make: async (folder, runCommand) => {
        for (const item of downloads) await download(item, folder, runCommand);
      },
    });
  }
  if (typeof go === "string") throw new Error(`${spec.name} ${spec.version} is not on PATH and cannot be built: ${go}`);
  return makeOnce({
    ...common,
    hash: goHash(spec, go.version),
    announcement: `building ${spec.name} ${spec.version} with ${go.version} (about ${spec.go.minutes} min on two cores the first time)`,
    make: (folder, runCommand) => spec.go.build(join(moduleRoot, spec.go.module), folder, runCommand),
  });
}

/** Hash of a Go build: the module's files, versions, flags, platform and the Go version. */
export function goHash(spec: ToolSpec, version: string, root = moduleRoot): string {
  const folder = join(root, spec.go.module);
  const files = readdirSync(folder).filter((name) => /^go\.(mod|sum)$|\.go$/.test(name));
  return contentHash(
    files.sort().map((name) => join(folder, name)),
    { ...buildValues, tool: spec.name, go: version },
  );
}

/** The Go on PATH, or a sentence that says why it will not do. */
async function goVersion(environment: NodeJS.ProcessEnv): Promise<{ version: string } | string> {
  const want = `Go ${oldestGo.join(".")} or newer`;
  const other = "put the tool on PATH, or set REALMGRID_LAB_DOWNLOAD=1 where the official downloads can be reached";
  try {
    const { stdout } = await run("go", ["env", "GOVERSION"], { env: { ...environment, ...goEnvironment } });
    const version = stdout.trim();
    const found = versionIn(version);
    if (found && !olderThan(found, oldestGo)) return { version };
    return `${want} is needed, found "${version}". Install it, ${other}.`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return `${want} is needed, and there is no \`go\` on PATH. Install it, ${other}.`;
  }
}

/** A folder of links to the programs on PATH, if PATH has all of them in a version that will do. */
async function folderOfPathPrograms(
  spec: ToolSpec,
  environment: NodeJS.ProcessEnv,
  options: ResolveOptions,
): Promise<string | undefined> {
  const found: { name: string; file: string }[] = [];
  for (const program of spec.onPath) {
    const file = await acceptableProgram(program, environment);
    if (file === undefined) return undefined;
    found.push({ name: program.name, file });
  }
  if (found.length === 0) return undefined;
  const name = `${spec.name}-path`;
  const hash = contentHash([], found);
  const known = cachedFolder(name, hash, options.root);
  if (existsSync(known)) return known;
  return makeOnce({
    name,
    hash,
    root: options.root,
    onProgress: options.onProgress,
    announcement: `${spec.name}: using ${found.map(({ file }) => file).join(", ")}`,
    make: async (folder) => {
      for (const { name: link, file } of found) symlinkSync(file, join(folder, link));
    },
  });
}

/** The first program of that name on PATH whose version will do. */
async function acceptableProgram(program: PathProgram, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (environment.PATH ?? "").split(delimiter)) {
    const file = join(folder, program.name);
    if (!folder || !isExecutable(file) || isNpmLauncher(realpathSync(file))) continue;
    try {
      const { stdout, stderr } = await run(file, program.versionArgs, { env: environment, timeout: 20_000 });
      const version = versionIn(`${stdout}\n${stderr}`);
      if (version && program.accepts(version)) return realpathSync(file);
    } catch {
      // A program that cannot even say its version is not one to run the lab with; the next on PATH may be.
    }
  }
  return undefined;
}

/** The first `major.minor` in a text. */
export function versionIn(text: string): readonly [number, number] | undefined {
  const match = /(\d+)\.(\d+)(?:\.\d+)?/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

function olderThan(
  [major, minor]: readonly [number, number],
  [wantMajor, wantMinor]: readonly [number, number],
): boolean {
  return major < wantMajor || (major === wantMajor && minor < wantMinor);
}

/** The npm package `pulumi` has a script of this name that downloads the real program when it is first called. */
function isNpmLauncher(file: string): boolean {
  if (!/[\\/]node_modules[\\/]/.test(file)) return false;
  const start = Buffer.alloc(2);
  const opened = openSync(file, "r");
  try {
    readSync(opened, start, 0, 2, 0);
  } finally {
    closeSync(opened);
  }
  return start.toString("latin1") === "#!";
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
