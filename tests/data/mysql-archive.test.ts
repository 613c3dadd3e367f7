import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "mocha";
import {
  debianArchiveServer,
  findArchiveServer,
  parseIndex,
  resolvePackages,
} from "../../lab/toolchain/debian-archive.ts";

const sha256 = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");

function entry(name: string, more: Record<string, string> = {}): string {
  const fields = { Package: name, Version: "1.0", Filename: `pool/${name}.deb`, SHA256: "0".repeat(64), ...more };
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}`)
    .join("\n");
}

describe("packages of another Debian", () => {
  const index = parseIndex(
    [
      entry("server", { Depends: "libc6 (>= 2.40), adduser, virtual, tool:any | other (= 1)", "Pre-Depends": "base" }),
      entry("server", { Version: "0.9", Depends: "old" }),
      entry("libc6", { Depends: "libgcc", Provides: "libc6-x (= 2)" }),
      entry("libgcc", { Depends: "libc6" }),
      entry("tool"),
      entry("base"),
      entry("real", { Provides: "virtual (= 3), more" }),
    ].join("\n\n"),
  );

  it("are those that a server needs to run: first alternatives, who provides a name, and no set-up", () => {
    assert.deepEqual(
      resolvePackages(index, ["server"]).map((one) => `${one.name} ${one.version}`),
      ["base 1.0", "libc6 1.0", "libgcc 1.0", "real 1.0", "server 1.0", "tool 1.0"],
    );
  });

  it("are refused when the index lacks one", () => {
    assert.throws(() => resolvePackages(index, ["server", "ghost"]), /the index has no package ghost/);
  });
});

describe("a server of another Debian", function () {
  this.timeout(60_000);
  let folder: string;
  let mirror: Server;
  let address: string;
  let requests: string[];
  const files = new Map<string, Buffer>();
  const architecture = { x64: "amd64", arm64: "arm64" }[process.arch as "x64" | "arm64"];
  const libraries = `usr/lib/${process.arch === "x64" ? "x86_64" : "aarch64"}-linux-gnu`;
  const loader = process.arch === "x64" ? "ld-linux-x86-64.so.2" : "ld-linux-aarch64.so.1";

  before(async function () {
    if (spawnSync("dpkg-deb", ["--version"]).status !== 0 || spawnSync("xz", ["--version"]).status !== 0) {
      console.log("SKIPPED: a server of another Debian, because there is no dpkg-deb or no xz here");
      return this.skip();
    }
    mirror = createServer((request, response) => {
      requests.push(request.url ?? "");
      const body = files.get(request.url ?? "");
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", resolve));
    const { port } = mirror.address() as { port: number };
    address = `http://127.0.0.1:${port}`;
  });

  after(() => mirror?.close());

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-archive-"));
    requests = [];
    files.clear();
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Puts packages into the mirror, each with its files, and the index of the suite. */
  function publish(packages: Readonly<Record<string, { needs?: string; content: Record<string, string> }>>): void {
    const entries = Object.entries(packages).map(([name, { needs, content }]) => {
      const tree = join(folder, "build", name);
      mkdirSync(join(tree, "DEBIAN"), { recursive: true });
      writeFileSync(
        join(tree, "DEBIAN", "control"),
        `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: test\nDescription: test\n`,
      );
      for (const [path, text] of Object.entries(content)) {
        mkdirSync(dirname(join(tree, path)), { recursive: true });
        writeFileSync(join(tree, path), text);
        chmodSync(join(tree, path), 0o755);
      }
      execFileSync("dpkg-deb", ["--build", "--root-owner-group", tree, join(folder, `${name}.deb`)]);
      const archive = readFileSync(join(folder, `${name}.deb`));
      files.set(`/pool/${name}.deb`, archive);
      return entry(name, { SHA256: sha256(archive), ...(needs ? { Depends: needs } : {}) });
    });
    const packed = execFileSync("xz", ["--stdout"], { input: `${entries.join("\n\n")}\n` });
    const path = `main/binary-${architecture}/Packages.xz`;
    files.set(`/dists/trixie/${path}`, packed);
    const line = (sum: string, name: string) => ` ${sum} ${packed.length} ${name}\n`;
    files.set(
      "/dists/trixie/InRelease",
      Buffer.from(
        `Suite: stable\nMD5Sum:\n${line("1".repeat(32), path)}SHA256:\n${line("2".repeat(64), "other")}${line(sha256(packed), path)}`,
      ),
    );
  }

  const valkey = {
    "valkey-server": { needs: "libc6 (>= 2)", content: { "usr/bin/valkey-server": 'echo "server $*"\n' } },
    "valkey-tools": { content: { "usr/bin/valkey-cli": 'echo "cli $*"\n' } },
    // Takes the place of the real loader: --library-path PATH PROGRAM ARGUMENTS.
    libc6: { content: { [`${libraries}/${loader}`]: '#!/bin/sh\nshift 2\nexec sh "$@"\n' } },
  };

  it("is downloaded once, runs through the loader that came along, and is found without a network", async () => {
    publish(valkey);
    const cache = join(folder, "cache");
    const server = await debianArchiveServer("valkey", { cache, mirror: address });
    const said = (role: string) =>
      execFileSync(server.programs[role] ?? "", ["--port", "a b"], { encoding: "utf8", cwd: "/" });
    assert.deepEqual([said("server"), said("cli")], ["server --port a b\n", "cli --port a b\n"]);
    assert.equal(requests.length, 5);
    files.clear();
    assert.deepEqual(await debianArchiveServer("valkey", { cache, mirror: address }), server);
    assert.deepEqual(findArchiveServer("valkey", cache), server);
    assert.equal(requests.length, 5);
  });

  it("is refused with a wrong sum, of the index or of a package, and leaves nothing behind", async () => {
    const cache = join(folder, "cache");
    for (const [file, message] of [
      [`/dists/trixie/main/binary-${architecture}/Packages.xz`, /Packages\.xz: SHA-256 is/],
      ["/pool/libc6.deb", /pool\/libc6\.deb: SHA-256 is/],
    ] as const) {
      publish(valkey);
      files.set(file, Buffer.concat([files.get(file) ?? Buffer.alloc(0), Buffer.from(" ")]));
      await assert.rejects(debianArchiveServer("valkey", { cache, mirror: address }), message);
      const left = existsSync(cache) ? readdirSync(cache).filter((name) => !name.endsWith(".log")) : [];
      assert.deepEqual(left, []);
    }
  });

  it("says why there is none: no network, or only the cache asked", async () => {
    const cache = join(folder, "cache");
    await assert.rejects(
      debianArchiveServer("valkey", { cache, mirror: "http://127.0.0.1:9" }),
      /valkey of Debian trixie cannot be had: cannot download http:\/\/127\.0\.0\.1:9\/dists\/trixie\/InRelease/,
    );
    await assert.rejects(
      debianArchiveServer("mysql", { cache, cachedOnly: true }),
      /mysql of Debian sid is not in the cache/,
    );
  });
});
