import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SPARK_VERSION } from "../src/spark/home.ts";
import { PROJECT } from "../testkit/candlebook.ts";

interface Service {
  image: string;
  ports: string[];
  environment: Record<string, string>;
  command?: string[];
  healthcheck: { test: string[]; retries: number };
}

describe("docker-compose.yml", () => {
  const { services } = parse(readFileSync(join(PROJECT, "docker-compose.yml"), "utf8")) as {
    services: Record<string, Service>;
  };

  it("has each port on this machine alone, each image of one version, each service with a health check", () => {
    expect(Object.keys(services)).toContain("kafka");
    for (const { image, ports, healthcheck } of Object.values(services)) {
      expect(ports.length).toBeGreaterThan(0);
      expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
      expect(image).toMatch(/:\d+(\.\d+)+/);
      expect(healthcheck.test[0]).toBe("CMD-SHELL");
      expect(healthcheck.retries).toBeGreaterThan(0);
    }
  });

  it("starts Kafka without ZooKeeper, told to clients as the address that is open", () => {
    const { environment } = services.kafka;
    expect(environment.KAFKA_PROCESS_ROLES).toBe("broker,controller");
    expect(JSON.stringify(services)).not.toMatch(/zookeeper/i);
    const names = (setting: string) => environment[setting].split(",").map((part) => part.split(":")[0]);
    expect(environment.KAFKA_ADVERTISED_LISTENERS).toContain("HOST://127.0.0.1:9092");
    expect(names("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP").sort()).toEqual(names("KAFKA_LISTENERS").sort());
    expect(environment.KAFKA_AUTO_CREATE_TOPICS_ENABLE).toBe("false");
  });

  it("starts Spark Connect of the version that the client is made for, with Kafka's source, and only with a token", () => {
    const { image, environment, command } = services.spark;
    expect(image).toBe(`apache/spark:${SPARK_VERSION}`);
    expect(environment.SPARK_CONNECT_AUTHENTICATE_TOKEN).toMatch(/^\$\{SPARK_TOKEN:\?/);
    expect(command).toContain("org.apache.spark.sql.connect.service.SparkConnectServer");
    expect(command).toContain(`org.apache.spark:spark-sql-kafka-0-10_2.13:${SPARK_VERSION}`);
  });
});
