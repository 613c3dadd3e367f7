/** `realmgrid:images`: the images that pods run. The defaults are the sample names of the original design. */
import { z } from "zod";
import { field, objectName } from "./fields.ts";

const reference =
  /^(?:[a-z0-9.-]+(?::\d+)?\/)?[a-z0-9._/-]+(?::(?!latest$)[\w][\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/;

const image = (what: string, sample: string, design = "game design") =>
  field(
    z
      .string()
      .regex(reference, {
        error: 'an image with a tag other than "latest" or with a digest, for example "game/server:v1.2.3@sha256:..."',
      })
      .default(sample),
    {
      description: `Image of ${what}; what it must answer stands in docs/contract.md`,
      effect: "rolling",
      source: `${design}: a sample name, replace it`,
    },
  );

const adImage = (what: string, sample: string) => image(what, sample, "ad design");

/** Schema of `realmgrid:images`. */
export const Images = z.strictObject({
  gameServer: image("worlds and game servers", "mmorpg/game-server:v2.1.0"),
  worldDataLoader: image("the init container that loads a world", "mmorpg/world-data-loader:v1.2.0"),
  authService: image("auth-service", "mmorpg/auth-service:v1.3.0"),
  playerService: image("player-service", "mmorpg/player-service:v1.3.0"),
  guildService: image("guild-service", "mmorpg/guild-service:v1.3.0"),
  worldService: image("world-service", "mmorpg/world-service:v1.3.0"),
  matchmakingService: image("matchmaking-service", "mmorpg/matchmaking-service:v1.3.0"),
  campaignService: adImage("campaign-service", "adplatform/campaign-service:v1.2.0"),
  biddingService: adImage("bidding-service", "adplatform/bidding-service:v1.1.0"),
  analyticsService: adImage("analytics-service", "adplatform/analytics-service:v1.0.0"),
  pullSecret: field(objectName.optional(), {
    description:
      "Name of an existing Secret of type kubernetes.io/dockerconfigjson in each namespace that runs your images",
    effect: "rolling",
    source: "your registry",
  }),
});

/** Parsed `realmgrid:images`. */
export type ImagesConfig = z.output<typeof Images>;
