/** Programs that create their resources as they load: each run needs the module anew. */
import { pathToFileURL } from "node:url";

let runs = 0;

/** Imports a module anew. What it imports is not loaded again, so that must create nothing by itself. */
export async function importAnew(path: string): Promise<Record<string, unknown>> {
  runs += 1;
  const url = pathToFileURL(path);
  url.search = `run=${runs}`;
  const exported: Record<string, unknown> = { ...(await import(url.href)) };
  return exported;
}
