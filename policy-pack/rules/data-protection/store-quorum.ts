import type { ObjectRule } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { custom, mysql, resource } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";
import { kindOf } from "./stores.ts";

interface Members {
  at: readonly string[];
  /** Members where none are written; undefined where that means that there is no such part. */
  absent?: number;
}

/** Where stores that decide by majority say how many members they have. */
const members: Readonly<Record<string, Members>> = {
  "mysql.oracle.com/InnoDBCluster": { at: ["spec", "instances"], absent: 1 },
  "kafka.strimzi.io/KafkaNodePool": { at: ["spec", "replicas"] },
  "kafka.strimzi.io/Kafka": { at: ["spec", "zookeeper", "replicas"] },
  "mongodbcommunity.mongodb.com/MongoDBCommunity": { at: ["spec", "members"], absent: 1 },
  "pxc.percona.com/PerconaXtraDBCluster": { at: ["spec", "pxc", "size"] },
  "rabbitmq.com/RabbitmqCluster": { at: ["spec", "replicas"], absent: 1 },
};

/** Pools of brokers alone vote on nothing. */
function votes({ kind, root }: KubeObject): boolean | undefined {
  if (kind !== "KafkaNodePool") return true;
  const roles = root.at("spec", "roles").items();
  if (roles.some((role) => role.text === "controller")) return true;
  return roles.some((role) => role.unknown) ? undefined : false;
}

function pool(replicas: number, roles: readonly string[]) {
  return custom("kafka.strimzi.io/v1beta2", "KafkaNodePool", { replicas, roles });
}

/** Stores that can lose a member. */
export const storeQuorum: ObjectRule<DataProtectionSettings> = {
  id: "store-quorum",
  subject: "object",
  kinds: Object.keys(members).map((kind) => kind.slice(kind.indexOf("/") + 1)),
  level: "advisory",
  title: "A store that decides by majority has an odd number of members, and enough of them.",
  why: "Of two members none may fail, and a fourth one only adds one more that can.",
  fix: "use three or five members, or lower minimumMembers where a single one is meant",
  check(object, report, settings) {
    const shape = members[kindOf(object)];
    const voting = votes(object);
    if (shape === undefined || voting === false) return;
    const field = object.root.at(...shape.at);
    if (field.absent && (shape.absent === undefined || object.partial)) return;
    // What the program does not protect is no store that anybody would miss: a single member may be meant.
    const single = object.options?.protect === false;
    const count = (field.absent ? shape.absent : field.number) ?? 0;
    if (field.unknown || voting === undefined) report.undecidable(field);
    else if (count < settings.minimumMembers && !(single && count === 1)) {
      report.violated(field, `needs ${settings.minimumMembers} members or more`);
    } else if (count % 2 === 0) {
      report.violated(field, `${count} members survive no more losses than ${count - 1}`);
    }
  },
  good: [
    { name: "three", objects: [mysql()] },
    { name: "five", objects: [mysql({ instances: 5 })] },
    {
      name: "a single one that is not protected",
      objects: [resource("mysql.oracle.com/v2:InnoDBCluster", mysql({ instances: 1 }), false)],
    },
    { name: "a single one is meant", objects: [mysql({ instances: 1 })], settings: { minimumMembers: 1 } },
    { name: "brokers do not vote", objects: [pool(4, ["broker"])] },
    { name: "Kafka without ZooKeeper", objects: [custom("kafka.strimzi.io/v1beta2", "Kafka", { kafka: {} })] },
    {
      name: "a kind of the same name in another group",
      objects: [custom("kafka.banzaicloud.io/v1", "Kafka", { zookeeper: { replicas: 2 } })],
    },
  ],
  bad: [
    { name: "one", objects: [mysql({ instances: 1 })], expect: [{ path: "spec.instances" }] },
    {
      name: "a single one that is protected",
      objects: [resource("mysql.oracle.com/v2:InnoDBCluster", mysql({ instances: 1 }), true)],
      expect: [{ path: "spec.instances" }],
    },
    {
      name: "two that are not protected",
      objects: [resource("mysql.oracle.com/v2:InnoDBCluster", mysql({ instances: 2 }), false)],
      expect: [{ path: "spec.instances" }],
    },
    { name: "absent is one", objects: [mysql({ instances: null })], expect: [{ path: "spec.instances" }] },
    {
      name: "two",
      objects: [mysql({ instances: 2 })],
      settings: { minimumMembers: 1 },
      expect: [{ path: "spec.instances" }],
    },
    { name: "four", objects: [mysql({ instances: 4 })], expect: [{ path: "spec.instances" }] },
    { name: "two controllers", objects: [pool(2, ["controller", "broker"])], expect: [{ path: "spec.replicas" }] },
    {
      name: "two of ZooKeeper",
      objects: [custom("kafka.strimzi.io/v1beta2", "Kafka", { zookeeper: { replicas: 2 } })],
      expect: [{ path: "spec.zookeeper.replicas" }],
    },
    {
      name: "three, where the settings ask for five",
      objects: [mysql()],
      settings: { minimumMembers: 5 },
      expect: [{ path: "spec.instances" }],
    },
  ],
};
