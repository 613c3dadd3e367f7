// Which path of the API serves a kind: asked from the API server once, and once more when a kind is missing.
import type { ApiClient } from "./client.ts";
import { isObject, type Json, type JsonObject, textAt } from "./values.ts";

/** Where objects of one kind live. */
export interface Kind {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

/** The API server serves no such kind. */
export class NoSuchKindError extends Error {
  constructor(apiVersion: string, kind: string) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
  }
}

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** Finds kinds by API discovery. */
export class Kinds {
  readonly #client: ApiClient;
  #known: Promise<Map<string, Kind>> | undefined;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** The kind, asked again when it is not among those known; throws when the API server does not serve it. */
  async resolve(apiVersion: string, kind: string): Promise<Kind> {
    const key = `${canonical(apiVersion)}/${kind}`;
    const known = this.#known;
    const found = known === undefined ? undefined : (await known).get(key);
    if (found !== undefined) return found;
    // Whoever misses first asks again; others that missed the same list share the answer.
    if (this.#known === known) this.forget();
    this.#known ??= this.#ask();
    const fresh = (await this.#known).get(key);
    if (fresh === undefined) throw new NoSuchKindError(apiVersion, kind);
    return fresh;
  }

  /** Drops what is known, as after a new CustomResourceDefinition. */
  forget(): void {
    this.#known = undefined;
  }

  async #ask(): Promise<Map<string, Kind>> {
    try {
      const lists = await Promise.all(
        ["/api", "/apis"].map((path) => this.#client.send({ method: "GET", path, accept: aggregated })),
      );
      return new Map(lists.flatMap(kindsIn).map((kind) => [`${kind.apiVersion}/${kind.kind}`, kind]));
    } catch (error) {
      // A failed answer must not be kept: the API server may come back.
      this.#known = undefined;
      throw error;
    }
  }
}

/** The spelling of an apiVersion that the API server uses. */
export function canonical(apiVersion: string): string {
  return apiVersion.replace(/^core\//, "");
}

/** The path of one object, or of the collection when there is no name. */
export function pathOf(kind: Kind, namespace: string, name?: string): string {
  const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  const scope = kind.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${root}${scope}/${kind.plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}

function kindsIn(list: JsonObject): Kind[] {
  return objects(list.items).flatMap((group) => {
    const groupName = textAt(group, "metadata", "name");
    return objects(group.versions).flatMap((version) => {
      const name = textAt(version, "version");
      const apiVersion = groupName === "" ? name : `${groupName}/${name}`;
      return objects(version.resources).map((resource) => ({
        apiVersion,
        kind: textAt(resource, "responseKind", "kind"),
        plural: textAt(resource, "resource"),
        namespaced: textAt(resource, "scope") === "Namespaced",
      }));
    });
  });
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
