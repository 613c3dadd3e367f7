import assert from "node:assert/strict";
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
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DebianServerOptions,
  debianServer,
  findDebianServer,
  libraryPath,
  packagesToUnpack,
} from "../../lab/toolchain/debian-packages.ts";

const simulation = `NOTE: This is only a simulation!
Inst libjemalloc2 (5.3.0-1 Debian:12.15/oldstable [amd64])
Inst libpq5 [15.18-0+deb12u1] (15.20-0+deb12u1 Debian-Security:12/oldstable-security [amd64])
Inst redis-tools (5:7.0.15-1~deb12u10 Debian-Security:12/oldstable-security [amd64])
Inst redis-server [5:7.0.14-1] (5:7.0.15-1~deb12u10 Debian-Security:12/oldstable-security [amd64]) []
Conf libjemalloc2 (5.3.0-1 Debian:12.15/oldstable [amd64])
`;

/** Answers as apt does: knows Redis and not Valkey; every call is written to calls. */
const aptGet = `#!/bin/sh
echo "apt-get $*" >> "$FAKE/calls"
[ ! -e "$FAKE/offline" ] || { echo "E: Failed to fetch http://deb.debian.org: Could not resolve host" >&2; exit 100; }
case "$*" in
*update*) : > "$FAKE/updated" ;;
*valkey*) echo "E: Unable to locate package valkey-server" >&2; exit 100 ;;
*install*)
  if [ -e "$FAKE/stale" ] && [ ! -e "$FAKE/updated" ]; then echo "E: Unable to locate package redis-server" >&2; exit 100; fi
  cat "$FAKE/simulation" ;;
*download*) : > redis-server_7.deb; : > redis-tools_7.deb; : > libjemalloc2_5.deb ;;
esac
`;

const dpkgDeb = `#!/bin/sh
echo "dpkg-deb $*" >> "$FAKE/calls"
mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu"
for name in redis-server redis-cli; do
  printf '#!/bin/sh\\necho "$0 $* $LD_LIBRARY_PATH" >> "$FAKE/calls"\\n[ ! -e "$FAKE/broken" ]\\n' > "$3/usr/bin/$name"
  chmod 755 "$3/usr/bin/$name"
done
`;

describe("servers from Debian's packages", () => {
  let folder = "";
  let options: DebianServerOptions;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-test-"));
    mkdirSync(join(folder, "bin"));
    given("bin/apt-get", aptGet);
    given("bin/dpkg-deb", dpkgDeb);
    given("simulation", simulation);
    process.env["FAKE"] = folder;
    // Not the whole PATH: a machine with a real server there would not ask for packages.
    for (const name of ["cat", "mkdir", "chmod"]) given(`bin/${name}`, `#!/bin/sh\nexec /bin/${name} "$@"\n`);
    options = {
      environment: { PATH: join(folder, "bin") },
      cache: join(folder, "cache"),
      systemRoot: join(folder, "system"),
    };
  });

  afterEach(() => {
    delete process.env["FAKE"];
    rmSync(folder, { recursive: true, force: true });
  });

  function given(file: string, text = ""): void {
    writeFileSync(join(folder, file), text);
    chmodSync(join(folder, file), 0o755);
  }

  const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");

  it("unpacks what is wanted and what is not installed, and leaves installed libraries alone", () => {
    assert.deepEqual(packagesToUnpack(simulation, ["redis-server", "redis-tools"]), [
      { name: "libjemalloc2", version: "5.3.0-1" },
      { name: "redis-server", version: "5:7.0.15-1~deb12u10" },
      { name: "redis-tools", version: "5:7.0.15-1~deb12u10" },
    ]);
    assert.deepEqual(packagesToUnpack("0 upgraded, 0 newly installed", ["redis-server"]), []);
  });

  it("takes packages once, starts the program to see that it works, and finds them in the cache afterwards", async () => {
    const server = await debianServer("redis-server", options);
    const root = server.root ?? "";
    assert.equal(server.programs["server"], join(root, "usr/bin/redis-server"));
    assert.match(server.environment["LD_LIBRARY_PATH"] ?? "", new RegExp(`^${root}/usr/lib/x86_64-linux-gnu:`));
    assert.ok(calls().some((call) => /apt-get download .*redis-server=5:7\.0\.15-1~deb12u10/.test(call)));
    assert.ok(
      calls().some((call) =>
        call.startsWith(`${root.replace(/\/root$/, ".partial/root")}/usr/bin/redis-server --version`),
      ),
    );
    assert.deepEqual(readdirSync(join(root, "..")).sort(), ["packages.json", "root"]);
    const before = calls().length;
    assert.deepEqual(await debianServer("redis-server", options), server);
    assert.deepEqual(findDebianServer("redis-server", options), server);
    assert.equal(calls().length, before, "apt was asked again");
  });

  it("gets lists of its own when those of the machine do not know the package", async () => {
    given("stale");
    await debianServer("redis-server", options);
    assert.ok(calls().some((call) => /apt-get .*update -o Dir::State::Lists=/.test(call)));
    assert.ok(calls().some((call) => /apt-get download .*-o Dir::State::Lists=.*redis-server=/.test(call)));
  });

  it("says why when there is no network, or no apt", async () => {
    given("offline");
    await assert.rejects(
      debianServer("redis-server", options),
      /redis-server is not on PATH and Debian's packages cannot be had: E: Failed to fetch .*Could not resolve host/,
    );
    rmSync(join(folder, "bin", "apt-get"));
    await assert.rejects(debianServer("redis-server", options), /cannot be had: there is no apt-get here/);
  });

  it("keeps no folder of a program that does not start", async () => {
    given("broken");
    await assert.rejects(debianServer("redis-server", options), /redis-server --version` ended with exit code 1/);
    assert.equal(findDebianServer("redis-server", options), undefined);
    assert.ok(!readdirSync(join(folder, "cache")).some((entry) => existsSync(join(folder, "cache", entry, "root"))));
  });

  it("prefers what is installed, all programs of one kind, and never asks for packages when told so", async () => {
    await assert.rejects(
      debianServer("redis-server", { ...options, cachedOnly: true }),
      /neither on PATH nor in the cache/,
    );
    mkdirSync(join(folder, "system/usr/bin"), { recursive: true });
    for (const name of ["valkey-server", "redis-server", "redis-cli"]) given(`system/usr/bin/${name}`, "#!/bin/sh\n");
    const server = await debianServer("redis-server", { ...options, cachedOnly: true });
    assert.deepEqual(server, {
      programs: { server: join(folder, "system/usr/bin/redis-server"), cli: join(folder, "system/usr/bin/redis-cli") },
      environment: {},
    });
  });

  it("has a library path of folders that are there, before the one of the environment", () => {
    mkdirSync(join(folder, "root/lib/aarch64-linux-gnu"), { recursive: true });
    const lib = join(folder, "root/lib");
    assert.equal(libraryPath(join(folder, "root"), "/mine"), `${lib}/aarch64-linux-gnu:${lib}:/mine`);
  });
});
