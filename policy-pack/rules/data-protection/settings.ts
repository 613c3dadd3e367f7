/** Settings of the family `data-protection`. */
import type { Schema } from "../../core/settings.ts";

/** What holds data, and how it is kept. */
export interface DataProtectionSettings {
  protect: "consistent" | "always" | "never";
  storeKinds: readonly string[];
  disposable: readonly string[];
  dataPaths: readonly string[];
  minimumMembers: number;
}

/** The settings and their defaults. */
export const dataProtectionSchema: Schema<DataProtectionSettings> = {
  protect: {
    type: "string",
    description:
      "Which stores the program must protect: always all of them; consistent: all of a cluster, once one of them is; never any.",
    enum: ["consistent", "always", "never"],
    default: "consistent",
  },
  storeKinds: {
    type: "array",
    description: "Custom resources that hold data, as group/Kind. Claims, and StatefulSets with claims, always do.",
    items: { type: "string", description: "group/Kind.", pattern: "^[^/]+/[^/]+$" },
    default: [
      "mysql.oracle.com/InnoDBCluster",
      "postgresql.cnpg.io/Cluster",
      "kafka.strimzi.io/Kafka",
      "kafka.strimzi.io/KafkaNodePool",
      "valkey.io/ValkeyCluster",
      "hyperspike.io/Valkey",
      "redis.redis.opstreelabs.in/Redis",
      "redis.redis.opstreelabs.in/RedisCluster",
      "redis.redis.opstreelabs.in/RedisReplication",
      "databases.spotahome.com/RedisFailover",
      "rabbitmq.com/RabbitmqCluster",
      "mongodbcommunity.mongodb.com/MongoDBCommunity",
      "pxc.percona.com/PerconaXtraDBCluster",
      "elasticsearch.k8s.elastic.co/Elasticsearch",
    ],
  },
  disposable: {
    type: "array",
    description: "Names of StorageClasses, PersistentVolumes and snapshot classes whose data may go with the object.",
    items: { type: "string", description: "Name." },
    default: [],
  },
  dataPaths: {
    type: "array",
    description: "Folders in which well-known stores keep their data; what lies below them counts too.",
    items: { type: "string", description: "Absolute path.", pattern: "^/" },
    default: [
      "/bitnami",
      "/data/db",
      "/usr/share/elasticsearch/data",
      "/usr/share/opensearch/data",
      "/var/lib/cassandra",
      "/var/lib/clickhouse",
      "/var/lib/elasticsearch",
      "/var/lib/etcd",
      "/var/lib/kafka",
      "/var/lib/mongodb",
      "/var/lib/mysql",
      "/var/lib/postgresql",
      "/var/lib/rabbitmq",
      "/var/lib/redis",
      "/var/lib/valkey",
      "/var/lib/zookeeper",
    ],
  },
  minimumMembers: {
    type: "integer",
    description: "Fewest members of a store that decides by majority; 1 lets single members pass.",
    minimum: 1,
    // Three is the smallest majority that survives the loss of a member.
    default: 3,
  },
};
