/** Asks a program of the lab whether it is ready. */
import { readFileSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";

/** Whether the address answers 200; false while nothing listens there or the program says it is not ready. */
export function isHealthy(url: string, authorityFile: string): Promise<boolean> {
  const secure = url.startsWith("https:");
  return new Promise((resolve) => {
    const options = { timeout: 3000, agent: false as const };
    const sent = secure
      ? secureRequest(url, { ...options, ca: readFileSync(authorityFile) })
      : plainRequest(url, options);
    sent.once("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    // Refused connections and time-outs are the normal answers of a program that still starts.
    sent.once("error", () => resolve(false));
    sent.once("timeout", () => sent.destroy());
    sent.end();
  });
}
