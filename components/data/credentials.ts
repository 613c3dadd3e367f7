/**
 * Credentials: one Secret for each user of a store, by a fixed name. Two passwords are valid at a time, so that a rotation
 * is a number that is raised by one: pods that start get the new password, pods that run keep theirs.
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { DataConfig } from "../config/data.ts";
import { credentialKeys, credentialsName } from "../kube/stores.ts";

/** A user of a store. */
export interface StoreUser {
  /** Store as its users know it: `mysql`, `redis`, `postgres`. */
  store: string;
  /** Name of the user in the store, which is that of the workload. */
  user: string;
  /**
   * More keys of the Secret, as texts in which `{username}` and `{password}` are filled in: connection strings, or the
   * keys that an operator wants.
   */
  texts?: Readonly<Record<string, string>>;
  /** Type of the Secret, where an operator asks for one. @default "Opaque" */
  type?: "Opaque" | "kubernetes.io/basic-auth";
  /** Labels beside those of all, where an operator looks for one. */
  labels?: Readonly<Record<string, string>>;
}

/**
 * The generation whose password a slot holds: the newest of its parity. Generation 5 is in slot 1 and generation 4 in
 * slot 0, so raising to 6 makes a new password in slot 0 and leaves that of 5 alone.
 */
export function slotGeneration(generation: number, slot: 0 | 1): number {
  return generation % 2 === slot ? generation : generation - 1;
}

/** Length of a password: letters and digits alone, since it stands in URLs; 238 bits. */
export const passwordLength = 40;

/** Arguments of `Credentials`. */
export interface CredentialsArgs {
  /** Part of the keys of an external store. */
  region: string;
  namespace: string;
  labels: Record<string, string>;
  users: readonly StoreUser[];
  credentials: DataConfig["credentials"];
}

/** See `CredentialsArgs`. */
export class Credentials extends pulumi.ComponentResource {
  /** The Secrets, or what makes them: pods that name one cannot start without it. */
  readonly secrets: pulumi.Resource[];

  constructor(name: string, args: CredentialsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:data:Credentials", name, {}, opts);
    const make = args.credentials.source === "external" ? externalSecret : generatedSecret;
    this.secrets = args.users.map((user) =>
      make(`${name}-${credentialsName(user.store, user.user)}`, user, args, { parent: this }),
    );
    this.registerOutputs({});
  }
}

function metadataOf(user: StoreUser, { namespace, labels }: CredentialsArgs) {
  return { name: credentialsName(user.store, user.user), namespace, labels: { ...labels, ...user.labels } };
}

function filled(text: string, username: string, password: string): string {
  return text.replaceAll("{username}", username).replaceAll("{password}", password);
}

function generatedSecret(
  name: string,
  user: StoreUser,
  args: CredentialsArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { generation } = args.credentials;
  const [even, odd] = ([0, 1] as const).map(
    (slot) =>
      new random.RandomPassword(
        `${name}-${slot === 0 ? "even" : "odd"}`,
        {
          length: passwordLength,
          special: false,
          keepers: { generation: String(slotGeneration(generation, slot)) },
        },
        options,
      ).result,
  ) as [pulumi.Output<string>, pulumi.Output<string>];
  const [password, previous] = generation % 2 === 0 ? [even, odd] : [odd, even];
  const texts = Object.entries(user.texts ?? {}).map(([key, text]): [string, pulumi.Output<string>] => [
    key,
    password.apply((value) => base64(filled(text, user.user, value))),
  ]);
  return new k8s.core.v1.Secret(
    name,
    {
      metadata: metadataOf(user, args),
      type: user.type ?? "Opaque",
      data: {
        [credentialKeys.username]: base64(user.user),
        [credentialKeys.password]: password.apply(base64),
        [credentialKeys.previous]: previous.apply(base64),
        ...Object.fromEntries(texts),
      },
    },
    options,
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** Fetched by the External Secrets Operator from `<prefix><region>/<store>/<user>`, with the same keys. */
function externalSecret(
  name: string,
  user: StoreUser,
  args: CredentialsArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { externalStore } = args.credentials;
  const key = `${externalStore.prefix}${args.region}/${user.store}/${user.user}`;
  const [username, password, previous] = Object.values(credentialKeys);
  const template = (property: string) => `{{ index . "${property}" }}`;
  const texts = Object.entries(user.texts ?? {}).map(([textKey, text]) => [
    textKey,
    filled(text, user.user, template(credentialKeys.password)),
  ]);
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      metadata: metadataOf(user, args),
      spec: {
        refreshInterval: "1h",
        secretStoreRef: { kind: externalStore.kind, name: externalStore.name },
        target: {
          name: credentialsName(user.store, user.user),
          creationPolicy: "Owner",
          template: {
            type: user.type ?? "Opaque",
            // What the operator of the store looks for is on the Secret, not only on this object.
            ...(user.labels === undefined ? {} : { metadata: { labels: { ...user.labels } } }),
            data: Object.fromEntries([
              [username, user.user],
              ...[password, previous].map((property) => [property, template(property ?? "")]),
              ...texts,
            ]),
          },
        },
        data: [password, previous].map((property) => ({ secretKey: property, remoteRef: { key, property } })),
      },
    },
    options,
  );
}
