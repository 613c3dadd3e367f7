/**
 * Finds a server that tests and the lab run for real. In this order: PATH, the cache, Debian's packages, which are
 * unpacked without root and without installing anything.
 */
import { execFile } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { contentHash, makeOnce, type Progress, type RunCommand, toolchainFolder } from "../tool-cache.ts";

/** Names that `debianServer` knows. */
export type DebianServerName = keyof typeof debianServers;

/** How one server is found. Of each list of alternatives the first that is there is taken. */
export interface DebianServerSpec {
  /** File names of the programs by their role; one alternative must be there completely. */
  programs: readonly Readonly<Record<string, string>>[];
  /** Packages that hold the programs. */
  packages: readonly (readonly string[])[];
  /** Folders of programs below the root, on this machine and in the unpacked packages. */
  folders: readonly string[];
  /** Arguments with which the program of the role `server` says that it works. @default ["--version"] */
  check?: readonly string[];
}

/** A server that can be started. */
export interface DebianServer {
  /** Absolute path of each program by its role, for example `server` and `cli`. */
  programs: Readonly<Record<string, string>>;
  /** What its processes need in their environment beside what is there. */
  environment: Readonly<Record<string, string>>;
  /** Folder that stands for `/` in the unpacked packages; absent where the server is installed. */
  root?: string;
}

/** How a server is looked for; everything has a default that suits a test. */
export interface DebianServerOptions {
  onProgress?: Progress;
  signal?: AbortSignal;
  /** Only look at PATH and the cache; never asks for packages. */
  cachedOnly?: boolean;
  /** @default process.env */
  environment?: NodeJS.ProcessEnv;
  /** Folder of the cache. @default toolchainFolder() */
  cache?: string;
  /** Folder that `folders` of a spec are below. @default "/" */
  systemRoot?: string;
}

/** A package as apt names it. */
export interface DebianPackage {
  name: string;
  version: string;
}

const programFolders = ["usr/bin", "usr/sbin"];

/** Every server that can be had this way. */
export const debianServers = {
  "redis-server": {
    // Valkey is what the platform runs; the oldest Redis that it still understands stands in where Debian has none.
    programs: [
      { server: "valkey-server", cli: "valkey-cli" },
      { server: "redis-server", cli: "redis-cli" },
    ],
    packages: [
      ["valkey-server", "valkey-tools"],
      ["redis-server", "redis-tools"],
    ],
    folders: programFolders,
  },
  postgresql: {
    programs: [{ server: "postgres", initdb: "initdb", control: "pg_ctl", cli: "psql" }],
    packages: [["postgresql-15"], ["postgresql-17"]],
    folders: [...programFolders, "usr/lib/postgresql/15/bin", "usr/lib/postgresql/17/bin"],
  },
  "mariadb-server": {
    programs: [{ server: "mariadbd", initdb: "mariadb-install-db", cli: "mariadb" }],
    packages: [["mariadb-server"]],
    folders: programFolders,
  },
  prometheus: {
    programs: [{ server: "prometheus", tool: "promtool" }],
    packages: [["prometheus"]],
    folders: programFolders,
  },
  "node-exporter": {
    programs: [{ server: "prometheus-node-exporter" }],
    packages: [["prometheus-node-exporter"]],
    folders: programFolders,
  },
  "redis-exporter": {
    programs: [{ server: "prometheus-redis-exporter" }],
    packages: [["prometheus-redis-exporter"]],
    folders: programFolders,
  },
  "blackbox-exporter": {
    programs: [{ server: "prometheus-blackbox-exporter" }],
    packages: [["prometheus-blackbox-exporter"]],
    folders: programFolders,
  },
  // No server, but the shell and the tools that our scripts find in small images.
  busybox: {
    programs: [{ server: "busybox" }],
    packages: [["busybox-static"], ["busybox"]],
    folders: ["bin", "usr/bin"],
    check: ["--help"],
  },
} as const satisfies Record<string, DebianServerSpec>;

const execute = promisify(execFile);
// A machine without a network must say so, not hang.
const patience = ["-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20", "-o", "Acquire::Retries=1"];

/**
 * The server of that name, from packages if it is neither on PATH nor in the cache. A cached one is used as it is: to
 * get a newer version, delete its folder. Throws with the reason of apt where packages cannot be had.
 */
export async function debianServer(name: DebianServerName, options: DebianServerOptions = {}): Promise<DebianServer> {
  const found = findDebianServer(name, options);
  if (found !== undefined) return found;
  if (options.cachedOnly) throw new Error(`${name} is neither on PATH nor in the cache`);
  const cache = options.cache ?? toolchainFolder();
  const own = mkdtempSync(join(tmpdir(), "realmgrid-apt-"));
  try {
    return await fromPackages(name, cache, [], options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    // The lists of this machine may be absent or name versions that are gone; lists of our own need no root.
    const lists = ownLists(own);
    try {
      await apt(["update", ...lists], options);
      return await fromPackages(name, cache, lists, options);
    } catch (error) {
      throw new Error(`${name} is not on PATH and Debian's packages cannot be had: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** The server of that name if PATH or the cache has it. */
export function findDebianServer(name: DebianServerName, options: DebianServerOptions = {}): DebianServer | undefined {
  const spec: DebianServerSpec = debianServers[name];
  const environment = options.environment ?? process.env;
  const path = (environment.PATH ?? "").split(delimiter).filter(Boolean);
  const system = spec.folders.map((folder) => join(options.systemRoot ?? "/", folder));
  const installed = programsIn(spec, [...path, ...system]);
  if (installed !== undefined) return { programs: installed, environment: {} };
  const cache = options.cache ?? toolchainFolder();
  if (!existsSync(cache)) return undefined;
  return readdirSync(cache)
    .filter((entry) => entry.startsWith(`debian-${name}-`) && /^[0-9a-f]{16}$/.test(entry.slice(-16)))
    .map((entry) => join(cache, entry))
    .filter((folder) => statSync(folder).isDirectory())
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs)
    .map((folder) => unpackedServer(spec, folder, environment))
    .find((server) => server !== undefined);
}

/** What a simulated installation would unpack: the wanted packages, and dependencies that are not installed at all. */
export function packagesToUnpack(simulation: string, wanted: readonly string[]): DebianPackage[] {
  return [...simulation.matchAll(/^Inst (\S+) (\[\S+\] )?\((\S+) /gm)]
    .map(([, name = "", installed, version = ""]) => ({ name, version, installed: installed !== undefined }))
    .filter(({ name, installed }) => !installed || wanted.includes(name))
    .map(({ name, version }) => ({ name, version }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Folders of shared libraries below the root of unpacked packages, as the loader wants them. */
export function libraryPath(root: string, inherited?: string): string {
  const folders = ["usr/lib", "lib"].flatMap((folder) => {
    const path = join(root, folder);
    if (!existsSync(path)) return [];
    const triples = readdirSync(path).filter((entry) => /^[a-z0-9_]+-linux-gnu/.test(entry));
    return [...triples.map((triple) => join(path, triple)), path];
  });
  return [...folders, ...(inherited ? [inherited] : [])].join(delimiter);
}

async function fromPackages(
  name: DebianServerName,
  cache: string,
  lists: readonly string[],
  options: DebianServerOptions,
): Promise<DebianServer> {
  const spec: DebianServerSpec = debianServers[name];
  const packages = await plannedPackages(spec, lists, options);
  const folder = await makeOnce({
    name: `debian-${name}`,
    hash: contentHash([], packages),
    root: cache,
    announcement: `unpacking ${packages.map((one) => `${one.name} ${one.version}`).join(", ")}`,
    onProgress: options.onProgress ?? (() => undefined),
    signal: options.signal,
    make: (target, run) => unpack(spec, packages, target, lists, run, options),
  });
  const server = unpackedServer(spec, folder, options.environment ?? process.env);
  if (server === undefined) throw new Error(`the packages ${packages.map((one) => one.name)} do not hold its programs`);
  return server;
}

/** The first alternative of packages that apt knows, with everything that they need and this machine lacks. */
async function plannedPackages(
  spec: DebianServerSpec,
  lists: readonly string[],
  options: DebianServerOptions,
): Promise<DebianPackage[]> {
  let last: unknown;
  for (const wanted of spec.packages) {
    try {
      const simulation = await apt(["install", "--simulate", "--no-install-recommends", ...lists, ...wanted], options);
      const packages = packagesToUnpack(simulation, wanted);
      if (packages.length > 0) return packages;
      last = new Error(`${wanted} should be installed, yet its programs are not there`);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

async function unpack(
  spec: DebianServerSpec,
  packages: readonly DebianPackage[],
  folder: string,
  lists: readonly string[],
  run: RunCommand,
  options: DebianServerOptions,
): Promise<void> {
  const archives = join(folder, "archives");
  mkdirSync(archives);
  const names = packages.map(({ name, version }) => `${name}=${version}`);
  const env = aptEnvironment(options);
  await run("apt-get", ["download", "-q", ...patience, ...lists, ...names], { folder: archives, env });
  for (const archive of readdirSync(archives)) {
    await run("dpkg-deb", ["-x", join(archives, archive), join(folder, "root")], { folder, env });
  }
  rmSync(archives, { recursive: true });
  writeFileSync(join(folder, "packages.json"), `${JSON.stringify(packages, undefined, 2)}\n`);
  const server = unpackedServer(spec, folder, options.environment ?? process.env);
  const program = server?.programs["server"];
  if (program === undefined) throw new Error(`the packages ${names} do not hold its programs`);
  // A library that is missing or too old must be noticed here, before the folder counts as complete.
  await run(program, spec.check ?? ["--version"], { folder, env: { ...env, ...server?.environment } });
}

function unpackedServer(
  spec: DebianServerSpec,
  folder: string,
  environment: NodeJS.ProcessEnv,
): DebianServer | undefined {
  const root = join(folder, "root");
  const programs = programsIn(
    spec,
    spec.folders.map((one) => join(root, one)),
  );
  if (programs === undefined) return undefined;
  return { programs, environment: { LD_LIBRARY_PATH: libraryPath(root, environment.LD_LIBRARY_PATH) }, root };
}

function programsIn(spec: DebianServerSpec, folders: readonly string[]): Record<string, string> | undefined {
  for (const alternative of spec.programs) {
    const found = Object.entries(alternative).map(([role, file]) => [
      role,
      folders.map((folder) => join(folder, file)).find(isProgram),
    ]);
    if (found.every(([, file]) => file !== undefined)) return Object.fromEntries(found);
  }
  return undefined;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Options that keep lists and cache of apt in a folder of ours. */
function ownLists(folder: string): string[] {
  for (const one of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(folder, one), { recursive: true });
  return ["-o", `Dir::State::Lists=${join(folder, "lists")}`, "-o", `Dir::Cache=${join(folder, "cache")}`];
}

function aptEnvironment({ environment = process.env }: DebianServerOptions): Record<string, string> {
  return { PATH: environment.PATH ?? "", LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
}

async function apt(args: readonly string[], options: DebianServerOptions): Promise<string> {
  const env = { ...process.env, ...aptEnvironment(options) };
  const { stdout } = await execute("apt-get", ["-q", ...patience, ...args], {
    env,
    timeout: 180_000,
    maxBuffer: 2 ** 26,
    signal: options.signal,
  });
  return stdout;
}

/** The lines in which apt says what is wrong, or the error's own words. */
function reasonOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return "there is no apt-get here";
  const text = error instanceof Error ? error.message : String(error);
  const said = text.split("\n").filter((line) => /^[EW]: /.test(line));
  return said.length > 0 ? said.slice(0, 3).join(" ") : text;
}
