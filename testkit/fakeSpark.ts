import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import type { Protocol } from "../src/spark/protocol.ts";

type Handler = grpc.UntypedHandleCall;
type Stream = grpc.ServerWritableStream<Record<string, unknown>, object>;

/** How one answer stream ends: after so many of the responses that are left, in the way named. */
export interface Cut {
  after: number;
  how: "end" | "unavailable";
}

export interface FakeSpark {
  port: number;
  /** Requests by method, in their order. */
  requests: { method: string; request: Record<string, unknown>; authorization: unknown }[];
  close(): void;
}

/**
 * A Spark Connect server that keeps `responses` answers of every execution, loses the connection as told, and
 * hands out the rest when it is reattached to; the protocol's service, not a Spark.
 * @param forgetsOnce the first reattaching finds no operation, as after a request that never arrived
 */
export async function startFakeSpark(
  protocol: Protocol,
  {
    responses = 0,
    cuts = [],
    forgetsOnce = false,
    version = "4.2.0",
    tls,
    token,
    failWith,
  }: {
    responses?: number;
    cuts?: readonly Cut[];
    forgetsOnce?: boolean;
    version?: string;
    tls?: { key: Buffer; certificate: Buffer };
    token?: string;
    failWith?: { code: number; details: string };
  } = {},
): Promise<FakeSpark> {
  const requests: FakeSpark["requests"] = [];
  const left = [...cuts];
  let forgets = forgetsOnce;
  const see = (method: string, call: { request: unknown; metadata: grpc.Metadata }) => {
    const request = call.request as Record<string, unknown>;
    requests.push({ method, request, authorization: call.metadata.get("authorization")[0] });
  };
  const refused = (call: { metadata: grpc.Metadata }) =>
    token !== undefined && call.metadata.get("authorization")[0] !== `Bearer ${token}`;
  const answer = (stream: Stream, from: number) => {
    const cut = left.shift();
    const to = cut === undefined ? responses : Math.min(responses, from + cut.after);
    for (let i = from; i < to; i += 1) stream.write({ response_id: `r${i}`, server_side_session_id: "s1" });
    if (cut === undefined) {
      stream.write({ response_id: "done", server_side_session_id: "s1", result_complete: {} });
      stream.end();
    } else if (cut.how === "end") stream.end();
    else
      stream.emit(
        "error",
        Object.assign(new Error("cut"), { code: grpc.status.UNAVAILABLE, details: "cut" }),
      );
  };
  const failing = (error: { code: number; details: string }) =>
    Object.assign(new Error(error.details), error);
  const handlers: Record<string, Handler> = {
    ExecutePlan: ((stream: Stream) => {
      see("ExecutePlan", stream);
      if (failWith !== undefined) stream.emit("error", failing(failWith));
      else answer(stream, 0);
    }) as Handler,
    ReattachExecute: ((stream: Stream) => {
      see("ReattachExecute", stream);
      if (forgets) {
        forgets = false;
        const details = "[INVALID_HANDLE.OPERATION_NOT_FOUND] The handle is invalid.";
        stream.emit("error", failing({ code: grpc.status.INTERNAL, details }));
        return;
      }
      const last = stream.request.last_response_id as string | undefined;
      answer(stream, last ? Number(last.slice(1)) + 1 : 0);
    }) as Handler,
    AnalyzePlan: ((call: grpc.ServerUnaryCall<object, object>, done: grpc.sendUnaryData<object>) => {
      see("AnalyzePlan", call);
      if (refused(call)) done(failing({ code: grpc.status.UNAUTHENTICATED, details: "Invalid token" }));
      else done(null, { spark_version: { version } });
    }) as Handler,
  };
  for (const method of ["ReleaseExecute", "ReleaseSession", "Interrupt"]) {
    handlers[method] = ((call: grpc.ServerUnaryCall<object, object>, done: grpc.sendUnaryData<object>) => {
      see(method, call);
      done(null, {});
    }) as Handler;
  }
  const server = new grpc.Server();
  server.addService(protocol.service, handlers);
  const credentials =
    tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { port, requests, close: () => server.forceShutdown() };
}

/** A certificate for localhost that signs itself, made by openssl; null where that is not here. */
export function selfSigned(): { key: Buffer; certificate: Buffer } | null {
  const folder = mkdtempSync(join(tmpdir(), "candlebook-tls-"));
  const [key, certificate] = ["key.pem", "certificate.pem"].map((name) => join(folder, name));
  const words = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost`;
  try {
    execFileSync("openssl", [...words.split(" "), "-keyout", key, "-out", certificate], { stdio: "ignore" });
    return { key: readFileSync(key), certificate: readFileSync(certificate) };
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
