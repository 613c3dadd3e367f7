/** `realmgrid:delivery`: who applies what serves players and bids, the engine or Argo CD. */
import { z } from "zod";
import { dnsName, field, objectName } from "./fields.ts";

const judgement = "judgement";

const repositoryUrl = z.string().regex(/^(https:\/\/[^\s@]+|ssh:\/\/([\w.-]+@)?[^\s@]+|[\w.-]+@[\w.-]+:[^\s@]+)$/, {
  error: "an address such as https://github.com/your-org/repository.git, without credentials",
});

const group = (name: string) =>
  field(
    z
      .string()
      .regex(/^[^,\s"]+$/, { error: "a group's name or id, without comma or space" })
      .default(name),
    {
      description: "Group of the identity provider, as its tokens name it",
      effect: "in place",
      source: "game design, AppProject: a sample name, replace it",
    },
  );

/** Schema of `realmgrid:delivery`. */
export const Delivery = z.strictObject({
  mode: field(z.enum(["pulumi", "argocd"]).default("pulumi"), {
    description:
      "pulumi: the engine applies everything; argocd: Argo CD applies worlds, game servers and services from a rendered tree in Git, the engine the rest",
    effect: "data at risk",
    source: "docs/adr/0014",
    why: "changed without handOver, the engine would delete what Argo CD has not taken over yet: it refuses that where data is protected (docs/runbooks/hand-over.md)",
  }),
  handOver: field(z.boolean().default(false), {
    description:
      "True while the owner changes: what one side drops stays in the cluster, and what the other finds it adopts (docs/runbooks/hand-over.md)",
    effect: "in place",
    source: "docs/adr/0014",
  }),
  argocd: z
    .strictObject({
      install: field(z.enum(["helm", "existing"]).default("existing"), {
        description: "Argo CD: installed from its pinned Helm chart, or already in the cluster",
        effect: "in place",
        source: "judgement: most companies run it already",
      }),
      namespace: field(dnsName().default("argocd"), {
        description: "Namespace of Argo CD and its Applications",
        effect: "replace",
        source: "Argo CD's own",
      }),
      highAvailability: field(z.boolean().default(true), {
        description: "Two of each part and three of its cache, where it is installed from the chart",
        effect: "in place",
        source: "Argo CD, high availability",
      }),
      hub: field(dnsName(30).optional(), {
        description:
          "Region whose Argo CD applies to every region, one wave after the other, through cluster Secrets of yours that are named after the regions; absent: each region has its own. An existing Argo CD needs applicationsetcontroller.enable.progressive.syncs, or all regions change at once",
        effect: "data at risk",
        source: "your clusters",
      }),
      repository: z
        .strictObject({
          url: field(repositoryUrl, {
            description: "Git repository of the rendered tree",
            effect: "in place",
            source: "your repository",
          }),
          revision: field(z.string().regex(/^(?!HEAD$)[\w./-]+$/, { error: "a branch, a tag or a commit, not HEAD" }), {
            description: "Branch of this environment, tag or commit that is applied",
            effect: "rolling",
            source: "your repository",
            why: "with HEAD whatever is merged runs in production",
          }),
          path: field(
            z.string().regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/, { error: "a folder such as rendered/prod" }),
            {
              description: "Folder of the rendered tree: npm run render -- STACK --out FOLDER",
              effect: "in place",
              source: "your repository",
            },
          ),
        })
        .optional()
        .meta({ description: "Where the rendered tree is; needed with mode argocd" }),
      automated: field(z.boolean().default(true), {
        description: "Whether Argo CD applies by itself what Git says, prunes what it no longer says and undoes edits",
        effect: "in place",
        source: "game design, Application: automated, prune, selfHeal",
      }),
      syncWindow: z
        .strictObject({
          startHour: field(z.int().min(0).max(23).default(2), {
            description: "Hour of the region's own time zone from which Argo CD may apply by itself",
            effect: "in place",
            unit: "h",
            source: "judgement: the fewest players are there at night",
          }),
          hours: field(z.int().min(1).max(24).default(4), {
            description: "Length of that window; people may apply at any time",
            effect: "in place",
            unit: "h",
            source: judgement,
          }),
        })
        .optional()
        .meta({ description: "When Argo CD applies by itself; absent: at any time" }),
      waves: field(z.array(z.array(dnsName(30)).min(1)).default([]), {
        description:
          "With a hub: regions in the order in which they get a change, those of one list together; absent: the one with the fewest game servers alone, then all others",
        effect: "in place",
        source: "judgement: the smallest region is the canary",
      }),
      groups: z
        .strictObject({ developers: group("your-org:developers"), operators: group("your-org:sre-team") })
        .prefault({}),
      developersSync: field(z.boolean().default(false), {
        description:
          "Whether developers may apply too, as the original design lets them in dev; they may always look and read logs",
        effect: "in place",
        source: "game design, AppProject",
      }),
      sso: z
        .strictObject({
          issuer: field(z.url(), {
            description: "Address of the OpenID Connect issuer",
            effect: "in place",
            source: "your company",
          }),
          clientId: field(z.string().min(1), {
            description: "Client of Argo CD there",
            effect: "in place",
            source: "your company",
          }),
          secretName: field(objectName.min(1), {
            description:
              "Name of an existing Secret in Argo CD's namespace with the key `client-secret` and the label app.kubernetes.io/part-of: argocd",
            effect: "in place",
            source: "your company",
          }),
        })
        .optional()
        .meta({ description: "How people log in; absent: Argo CD's own, or what an existing one has" }),
      notifications: z
        .strictObject({
          channel: field(z.string().regex(/^[a-z0-9_-]+$/, { error: "the name of a channel without #" }), {
            description: "Slack channel that hears of failed syncs and degraded Applications",
            effect: "in place",
            source: "your company",
          }),
          secretName: field(objectName.min(1).default("argocd-notifications-secret"), {
            description: "Name of an existing Secret in Argo CD's namespace with the key `slack-token`",
            effect: "in place",
            source: "Argo CD's own",
          }),
        })
        .optional()
        .meta({ description: "Who is told; absent: nobody" }),
    })
    .prefault({}),
});

/** Parsed `realmgrid:delivery`. */
export type DeliveryConfig = z.output<typeof Delivery>;
