import { afterAll } from "vitest";
import { testSpark } from "../testkit/spark.ts";
import { endTests, localServerTests } from "./spark/localServer.ts";
import { sessionTests } from "./spark/session.ts";
import { stageTests } from "./spark/stages.ts";
import { streamTests } from "./spark/stream.ts";

// One file, so that all of them share one server: its start is the dearest part.
const spark = await testSpark();
if (spark.reason !== null) console.log(`skipped: Spark. ${spark.reason}`);
afterAll(() => spark.stop());

sessionTests(spark);
localServerTests(spark);
stageTests(spark);
streamTests(spark);
endTests(spark);
