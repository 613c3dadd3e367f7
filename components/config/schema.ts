/** The whole configuration: one namespaced key for each section, every section strict. */
import { z } from "zod";
import { Ads } from "./ads.ts";
import { Cluster } from "./cluster.ts";
import { Data } from "./data.ts";
import { Delivery } from "./delivery.ts";
import { Game } from "./game.ts";
import { Images } from "./images.ts";
import { Monitoring } from "./monitoring.ts";
import { Regions } from "./regions.ts";

/** Namespace of the configuration keys in a stack file. */
export const namespace = "realmgrid";

/** Sections by key, as in `realmgrid:regions`. */
export const Config = z.strictObject({
  regions: Regions,
  cluster: Cluster.prefault({}),
  game: Game.prefault({}),
  data: Data.prefault({}),
  ads: Ads.prefault({}),
  monitoring: Monitoring.prefault({}),
  delivery: Delivery.prefault({}),
  images: Images.prefault({}),
});

/** Parsed configuration of a stack, with every default filled in. */
export type Config = z.output<typeof Config>;
