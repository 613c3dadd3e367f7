/** Users of the servers, through the script that writes their access lists in a pod. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { valkeyRoles } from "../../../components/data/valkey-settings.ts";

/** The script as it ships. */
export const accessScript = fileURLToPath(new URL("../../../components/data/valkey-access.sh", import.meta.url));

/** The password of every user; a test looks for it where it must not be. */
export const testPassword = "SecretOfTheTests42";

/** Writes `users.acl` and `replication.conf` to the folder, from folders of secrets as kubelet mounts them. */
export function writeUsers(folder: string): void {
  const rules = {
    agent: valkeyRoles.agent,
    replication: valkeyRoles.replication,
    world: valkeyRoles.service,
    // The user as which the tests look on may do everything.
    tests: "~* &* +@all",
  };
  for (const user of Object.keys(rules)) {
    const secret = join(folder, "users", user);
    mkdirSync(secret, { recursive: true });
    for (const key of ["password", "previous-password"]) writeFileSync(join(secret, key), testPassword);
  }
  const lines = Object.entries(rules).map(([user, rule]) => `${user} ${rule}\n`);
  writeFileSync(join(folder, "rules"), lines.join(""));
  execFileSync("sh", [accessScript, "write"], {
    env: {
      PATH: process.env["PATH"],
      USERS_FOLDER: join(folder, "users"),
      RULES_FILE: join(folder, "rules"),
      ACCESS_FOLDER: folder,
      REPLICATION_USER: "replication",
    },
  });
}
