/**
 * A server from a newer Debian than the machine's own, for tests and the lab: its packages and everything below them,
 * C library included, unpacked into a folder and started through the loader that came along. Needs no root and
 * installs nothing. `debian-packages.ts` is for what this machine's own Debian has.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fetchBytes } from "../download.ts";
import { contentHash, makeOnce, type Progress, type RunCommand, toolchainFolder } from "../tool-cache.ts";

/** One server of an archive. */
export interface ArchiveServerSpec {
  /** Distribution that has it, as in `dists/<suite>`. */
  suite: string;
  packages: readonly string[];
  /** Path of each program below the root of the packages, by its role. The role `server` must be there. */
  programs: Readonly<Record<string, string>>;
  /** Options that every call of a role gets behind its own; `{root}` is the folder of the packages. */
  options?: Readonly<Record<string, readonly string[]>>;
}

/** Every server that can be had this way. */
export const archiveServers = {
  mysql: {
    suite: "sid",
    packages: ["mysql-server-core", "mysql-client-core"],
    programs: {
      server: "usr/sbin/mysqld",
      cli: "usr/bin/mysql",
      dump: "usr/bin/mysqldump",
      admin: "usr/bin/mysqladmin",
      slap: "usr/bin/mysqlslap",
    },
    // The server looks for these at paths that were built in.
    options: {
      server: [
        "--lc-messages-dir={root}/usr/share/mysql",
        "--character-sets-dir={root}/usr/share/mysql/charsets",
        "--plugin-dir={root}/usr/lib/mysql/plugin",
      ],
    },
  },
  // Debian 12 has 0.25, which cannot read the address of a webhook from a file; that came with 0.26.
  alertmanager: {
    suite: "trixie",
    packages: ["prometheus-alertmanager"],
    programs: { server: "usr/bin/prometheus-alertmanager", tool: "usr/bin/amtool" },
  },
  valkey: {
    suite: "trixie",
    packages: ["valkey-server", "valkey-tools"],
    programs: { server: "usr/bin/valkey-server", cli: "usr/bin/valkey-cli" },
  },
} as const satisfies Record<string, ArchiveServerSpec>;

/** Name of a server in `archiveServers`. */
export type ArchiveServerName = keyof typeof archiveServers;

/** A server that can be started. */
export interface ArchiveServer {
  /** Absolute path of a launcher for each program by its role; the launcher becomes the program, so its pid is the server's. */
  programs: Readonly<Record<string, string>>;
  /** Folder that stands for `/` in the unpacked packages. */
  root: string;
}

/** How a server is looked for; everything has a default that suits a test. */
export interface ArchiveServerOptions {
  onProgress?: Progress;
  signal?: AbortSignal;
  /** Only look in the cache; never asks the archive. */
  cachedOnly?: boolean;
  /** Folder of the cache. @default toolchainFolder() */
  cache?: string;
  /** Address of the archive. @default https://deb.debian.org/debian */
  mirror?: string;
}

/** A package as the index of an archive describes it. */
export interface ArchivePackage {
  name: string;
  version: string;
  /** Path below the address of the archive. */
  file: string;
  sha256: string;
  /** Names it cannot do without, each the first alternative that is written. */
  needs: readonly string[];
  /** Other names that it stands for. */
  provides: readonly string[];
}

/** What packages need to be set up on a machine, but not to run from a folder. */
const onlyForSetup = new Set([
  ...["adduser", "bash", "coreutils", "debconf", "debconf-2.0", "dpkg", "init-system-helpers", "libdpkg-perl"],
  ...["lsb-base", "mysql-common", "passwd", "perl", "perl-base", "psmisc", "runit-helper", "sysvinit-utils", "tar"],
]);

const platforms: Readonly<Record<string, { debian: string; loader: string; libraries: string }>> = {
  x64: { debian: "amd64", loader: "ld-linux-x86-64.so.2", libraries: "x86_64-linux-gnu" },
  arm64: { debian: "arm64", loader: "ld-linux-aarch64.so.1", libraries: "aarch64-linux-gnu" },
};

const downloadsAtOnce = 4;

/**
 * The server of that name, from the archive if the cache does not have it. A cached one is used as it is: to get a newer
 * version, delete its folder. Throws with the reason where the archive cannot be reached.
 */
export async function debianArchiveServer(
  name: ArchiveServerName,
  options: ArchiveServerOptions = {},
): Promise<ArchiveServer> {
  const spec: ArchiveServerSpec = archiveServers[name];
  const cached = findArchiveServer(name, options.cache);
  if (cached !== undefined) return cached;
  if (options.cachedOnly) throw new Error(`${name} of Debian ${spec.suite} is not in the cache`);
  const platform = platforms[process.arch];
  if (process.platform !== "linux" || platform === undefined) {
    throw new Error(`${name} of Debian ${spec.suite} runs on Linux alone, on ${Object.keys(platforms).join(" or ")}`);
  }
  const mirror = options.mirror ?? "https://deb.debian.org/debian";
  try {
    const packages = resolvePackages(parseIndex(await readIndex(mirror, spec.suite, platform.debian)), spec.packages);
    const folder = await makeOnce({
      name: `archive-${name}`,
      hash: contentHash([], packages),
      root: options.cache,
      announcement: `downloading ${packages.length} packages of Debian ${spec.suite} for ${versionsOf(spec, packages)}`,
      onProgress: options.onProgress ?? (() => undefined),
      signal: options.signal,
      make: (target, command) => unpack(spec, mirror, packages, platform, target, command),
    });
    return serverIn(spec, folder);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} of Debian ${spec.suite} cannot be had: ${reason}`, { cause: error });
  }
}

/** The server of that name if the cache has it, the newest of several. */
export function findArchiveServer(name: ArchiveServerName, cache = toolchainFolder()): ArchiveServer | undefined {
  if (!existsSync(cache)) return undefined;
  const [newest] = readdirSync(cache)
    .filter((entry) => entry.startsWith(`archive-${name}-`) && /^[0-9a-f]{16}$/.test(entry.slice(-16)))
    .map((entry) => join(cache, entry))
    .filter((folder) => statSync(folder).isDirectory())
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  return newest === undefined ? undefined : serverIn(archiveServers[name], newest);
}

function serverIn(spec: ArchiveServerSpec, folder: string): ArchiveServer {
  const launchers = Object.entries(spec.programs).map(([role, file]) => [role, join(folder, "bin", basename(file))]);
  return { programs: Object.fromEntries(launchers), root: join(folder, "root") };
}

function versionsOf(spec: ArchiveServerSpec, packages: readonly ArchivePackage[]): string {
  const wanted = packages.filter((one) => spec.packages.includes(one.name));
  return wanted.map((one) => `${one.name} ${one.version}`).join(" and ");
}

/** The index of a suite as text, held against the sum that the suite's release file has for it. */
async function readIndex(mirror: string, suite: string, architecture: string): Promise<string> {
  const index = `main/binary-${architecture}/Packages.xz`;
  const release = (await fetchBytes(`${mirror}/dists/${suite}/InRelease`)).toString("utf8");
  const sums = release.slice(release.indexOf("\nSHA256:"));
  const wanted = new RegExp(`^ ([0-9a-f]{64}) +\\d+ ${index}$`, "m").exec(sums)?.[1];
  if (wanted === undefined) throw new Error(`the release file of ${suite} has no sum for ${index}`);
  const packed = await fetchBytes(`${mirror}/dists/${suite}/${index}`);
  checkSum(index, packed, wanted);
  return unpackXz(packed);
}

/** Every package of an index by its name; of several versions the first. */
export function parseIndex(text: string): Map<string, ArchivePackage> {
  const packages = new Map<string, ArchivePackage>();
  for (const block of text.split(/\n\n+/)) {
    const value = (key: string) => new RegExp(`^${key}: (.*)$`, "m").exec(block)?.[1] ?? "";
    const name = value("Package");
    if (name === "" || packages.has(name)) continue;
    packages.set(name, {
      name,
      version: value("Version"),
      file: value("Filename"),
      sha256: value("SHA256"),
      needs: [...namesIn(value("Pre-Depends")), ...namesIn(value("Depends"))],
      provides: namesIn(value("Provides")),
    });
  }
  return packages;
}

/** First alternative of each item, without version and architecture: `libc6 (>= 2.36) | other, b:any` -> libc6, b. */
function namesIn(list: string): string[] {
  return list
    .split(",")
    .map((item) => /^[^\s|:(]+/.exec(item.trim())?.[0] ?? "")
    .filter(Boolean);
}

/** The wanted packages and all that they need to run, by name. Throws when the index lacks one. */
export function resolvePackages(
  index: ReadonlyMap<string, ArchivePackage>,
  wanted: readonly string[],
): ArchivePackage[] {
  const providers = new Map<string, ArchivePackage>();
  for (const one of index.values()) {
    for (const name of one.provides) if (!providers.has(name)) providers.set(name, one);
  }
  const found = new Map<string, ArchivePackage>();
  const open = [...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (onlyForSetup.has(name)) continue;
    const one = index.get(name) ?? providers.get(name);
    if (one === undefined) throw new Error(`the index has no package ${name}`);
    if (found.has(one.name)) continue;
    found.set(one.name, one);
    open.push(...one.needs);
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function unpack(
  spec: ArchiveServerSpec,
  mirror: string,
  packages: readonly ArchivePackage[],
  platform: { loader: string; libraries: string },
  folder: string,
  command: RunCommand,
): Promise<void> {
  const archives = join(folder, "archives");
  mkdirSync(archives);
  mkdirSync(join(folder, "bin"));
  const open = [...packages];
  const worker = async () => {
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      const body = await fetchBytes(`${mirror}/${one.file}`);
      checkSum(one.file, body, one.sha256);
      const archive = join(archives, basename(one.file));
      writeFileSync(archive, body);
      await command("dpkg-deb", ["-x", archive, join(folder, "root")], { folder });
    }
  };
  // All have to be at rest before the folder may be removed, so the first failure waits for the others.
  const ended = await Promise.allSettled(
    Array.from({ length: downloadsAtOnce }, () =>
      worker().catch((error: unknown) => {
        open.length = 0;
        throw error;
      }),
    ),
  );
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  rmSync(archives, { recursive: true });
  const versions = packages.map(({ name, version }) => ({ name, version }));
  writeFileSync(join(folder, "packages.json"), `${JSON.stringify(versions, undefined, 2)}\n`);
  for (const [role, file] of Object.entries(spec.programs)) {
    const launcher = join(folder, "bin", basename(file));
    writeFileSync(launcher, launcherText(file, platform, spec.options?.[role] ?? []));
    chmodSync(launcher, 0o755);
  }
  // A library that is missing must be noticed here, before the folder counts as complete.
  const server = serverIn(spec, folder).programs["server"];
  if (server === undefined) throw new Error(`${spec.packages} have no program of the role "server"`);
  await command(server, ["--version"], { folder });
}

/** A script that becomes the program, with the loader and the libraries that lie beside it. */
function launcherText(
  file: string,
  { loader, libraries }: { loader: string; libraries: string },
  options: readonly string[],
): string {
  const behind = options.map((option) => ` "${option.replaceAll("{root}", "$root")}"`).join("");
  return `#!/bin/sh
here=$(dirname -- "$0")
root=$(cd -- "$here/../root" && pwd) || exit 127
path=$root/usr/lib/${libraries}:$root/lib/${libraries}
exec "$root/usr/lib/${libraries}/${loader}" --library-path "$path" "$root/${file}" "$@"${behind}
`;
}

function checkSum(name: string, body: Buffer, wanted: string): void {
  const got = createHash("sha256").update(body).digest("hex");
  if (got !== wanted) throw new Error(`${name}: SHA-256 is ${got}, want ${wanted}`);
}

/** Unpacks through the tool: Node has no xz. */
async function unpackXz(packed: Buffer): Promise<string> {
  const child = spawn("xz", ["--decompress", "--stdout"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`the index cannot be unpacked: ${error.message}`)));
    child.once("close", resolve);
  });
  // A broken archive ends xz early; its exit code says so, not the pipe.
  child.stdin.on("error", () => undefined);
  child.stdin.end(packed);
  const [code, chunks] = await Promise.all([ended, Array.fromAsync(child.stdout as AsyncIterable<Buffer>)]);
  if (code !== 0) throw new Error(`the index cannot be unpacked: xz ended with ${code}`);
  return Buffer.concat(chunks).toString("utf8");
}
