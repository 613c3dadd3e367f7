/** Certificates of one control plane, made with openssl. Each region has its own authority, as real clusters do. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const ecKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const serverNames =
  "IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc";

/**
 * Writes `ca`, `server`, `admin` and `front-proxy` (`.crt` and `.key`) and the key `service-accounts.key` to the folder.
 * The server certificate covers the loopback address only, so it is of no use elsewhere.
 */
export async function writeCertificates(folder: string): Promise<void> {
  const openssl = async (args: string[]) => {
    try {
      await run("openssl", args, { cwd: folder });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT")
        throw new Error("openssl is not installed; the lab needs it");
      throw error;
    }
  };
  await openssl([
    "req",
    "-x509",
    ...ecKey,
    "-days",
    "30",
    "-subj",
    "/CN=lab-ca",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
  ]);
  writeFileSync(join(folder, "names.cnf"), `subjectAltName=${serverNames}\n`);
  const subjects = {
    server: "/CN=kube-apiserver",
    admin: "/O=system:masters/CN=admin",
    "front-proxy": "/CN=front-proxy",
  };
  for (const [name, subject] of Object.entries(subjects)) {
    await openssl(["req", ...ecKey, "-subj", subject, "-keyout", `${name}.key`, "-out", `${name}.csr`]);
    const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "names.cnf"];
    await openssl(["x509", "-req", "-in", `${name}.csr`, ...authority, "-out", `${name}.crt`]);
  }
  await openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "service-accounts.key"]);
}
