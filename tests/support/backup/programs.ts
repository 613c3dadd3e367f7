/** The programs that the backup scripts call, of real servers, on a PATH of their own that writes down every argument. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { contentHash, makeOnce } from "../../../lab/tool-cache.ts";
import { debianArchiveServer } from "../../../lab/toolchain/debian-archive.ts";
import { debianServer, libraryPath } from "../../../lab/toolchain/debian-packages.ts";

/** What a test may want. */
export type ProgramSet = "mysql" | "postgres" | "valkey" | "rclone" | "busybox";

/** User that pods run as; it has no entry in this machine's list of users, as in the images. */
export const podUser = 1000;

/** Whether the tests run as root, which servers refuse; then they are run as `podUser`. */
export const asRoot = process.getuid?.() === 0;

/** A folder of programs, and of the data of one test file. */
export class Programs {
  /** Everything of the test file is below it. */
  readonly folder: string = mkdtempSync(join(tmpdir(), "realmgrid-backup-"));
  /** Environment beside PATH that every program needs. */
  readonly environment: Record<string, string> = {};
  readonly #bin = join(this.folder, "bin");
  readonly #log = join(this.folder, "argv");

  private constructor() {
    mkdirSync(this.#bin);
    writeFileSync(this.#log, "");
    for (const one of [this.folder, this.#log]) chmodSync(one, 0o777);
  }

  /** The programs; undefined, with the reason printed, where one cannot be had. */
  static async create(...sets: ProgramSet[]): Promise<Programs | undefined> {
    const programs = new Programs();
    try {
      for (const set of sets) await makers[set](programs);
      return programs;
    } catch (error) {
      programs.remove();
      const reason = error instanceof Error ? error.message : error;
      console.warn(`    SKIPPED: no tests with real ${sets.join(" and ")}, because ${reason}`);
      return undefined;
    }
  }

  /** PATH of a script: our programs before those of the machine, or nothing else where an image has nothing else. */
  path(only = false): string {
    return only ? this.#bin : [this.#bin, process.env["PATH"]].join(delimiter);
  }

  /** Arguments of every program that was called through the PATH so far. */
  argumentLines(): string[] {
    return readFileSync(this.#log, "utf8").split("\n").filter(Boolean);
  }

  /** A folder that the user of the pods may write to. */
  room(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    return path;
  }

  /** Puts a program on the PATH. `start` is what the shell executes. */
  add(name: string, start: string, libraries?: string): void {
    const path = join(this.#bin, name);
    const lines = [
      "#!/bin/sh",
      `printf '%s\\n' "${name} $*" >>'${this.#log}'`,
      ...(libraries ? [`export LD_LIBRARY_PATH='${libraries}'`] : []),
      `exec ${start} "$@"`,
    ];
    writeFileSync(path, `${lines.join("\n")}\n`);
    chmodSync(path, 0o755);
  }

  /** A copy that the user of the pods can read, since the cache may lie in a home folder that is closed to others. */
  share(root: string): string {
    const copy = join(this.folder, `root-${readdirSync(this.folder).length}`);
    try {
      execFileSync("cp", ["-al", root, copy], { stdio: "ignore" });
    } catch {
      rmSync(copy, { recursive: true, force: true });
      execFileSync("cp", ["-a", root, copy]);
    }
    return copy;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Unpacks a package of Debian without installing it; answers the folder that stands for `/`. */
async function unpacked(name: string): Promise<string> {
  const folder = await makeOnce({
    name: `debian-${name}`,
    hash: contentHash([], ["package", name]),
    announcement: `unpacking ${name}`,
    onProgress: () => undefined,
    make: async (target, run) => {
      await run("apt-get", ["download", "-q", "-o", "Acquire::Retries=1", name], { folder: target });
      for (const archive of readdirSync(target).filter((one) => one.endsWith(".deb"))) {
        await run("dpkg-deb", ["-x", join(target, archive), join(target, "root")], { folder: target });
      }
    },
  });
  return join(folder, "root");
}

const makers: Record<ProgramSet, (programs: Programs) => Promise<void>> = {
  async mysql(programs) {
    const { root } = await debianArchiveServer("mysql");
    const folder = programs.share(dirname(root));
    for (const name of ["mysqld", "mysql", "mysqldump"]) programs.add(name, `'${join(folder, "bin", name)}'`);
  },
  async postgres(programs) {
    const server = await debianServer("postgresql");
    const folder = dirname(realpathSync(server.programs["initdb"] ?? ""));
    for (const name of ["postgres", "initdb", "psql", "pg_dump", "pg_dumpall", "pg_restore"]) {
      programs.add(name, `'${join(folder, name)}'`, server.environment["LD_LIBRARY_PATH"]);
    }
    const root = programs.share(await unpacked("libnss-wrapper"));
    const [library] = libraryPath(root)
      .split(delimiter)
      .map((one) => join(one, "libnss_wrapper.so"))
      .filter(existsSync);
    if (library === undefined) throw new Error("the package libnss-wrapper has no library");
    programs.environment["NSS_WRAPPER"] = library;
  },
  async valkey(programs) {
    const { root } = await debianArchiveServer("valkey");
    const folder = programs.share(dirname(root));
    for (const name of ["valkey-server", "valkey-cli", "valkey-check-rdb"]) {
      const launcher = join(folder, "bin", name);
      if (!existsSync(launcher)) {
        const text = readFileSync(join(folder, "bin", "valkey-server"), "utf8");
        writeFileSync(launcher, text.replace("usr/bin/valkey-server", `usr/bin/${name}`));
        chmodSync(launcher, 0o755);
      }
      programs.add(name, `'${launcher}'`);
    }
  },
  async rclone(programs) {
    const root = programs.share(await unpacked("rclone"));
    programs.add("rclone", `'${join(root, "usr/bin/rclone")}'`);
  },
  async busybox(programs) {
    const { programs: found } = await debianServer("busybox");
    const file = found["server"] ?? "";
    const copy = join(programs.folder, "busybox");
    execFileSync("cp", [file, copy]);
    execFileSync(copy, ["--install", "-s", join(programs.folder, "bin")]);
  },
};
