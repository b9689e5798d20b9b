import { inputError } from "../core/errors.ts";

/** The address of a Spark Connect server. */
export interface SparkAddress {
  host: string;
  port: number;
  tls: boolean;
  token: string | null;
  userId: string;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * A connection string of Spark Connect: `sc://host:port/;use_ssl=true;token=…;user_id=…`; the port is 15002 by
 * default.
 * @param token used if the string has none
 * @throws CandlebookError `bad_spark_url`; `token_without_tls` if a token would be sent over a network unencrypted
 */
export function parseSparkUrl(text: string, token: string | null = null): SparkAddress {
  const match = /^sc:\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?(?:\/(.*))?$/.exec(text);
  const port = match?.[2] === undefined ? 15002 : Number(match[2]);
  const options = match === null ? null : optionsOf(match[3] ?? "");
  if (match === null || options === null || port < 1 || port > 65_535) throw badUrl(text);
  const tls = options.get("use_ssl")?.toLowerCase() === "true";
  const address: SparkAddress = {
    host: match[1],
    port,
    tls,
    token: options.get("token") ?? token,
    userId: options.get("user_id") ?? "candlebook",
  };
  if (address.token !== null && !tls && !LOOPBACK.test(address.host)) {
    throw inputError(
      "token_without_tls",
      `The token would be sent to ${address.host} unencrypted.`,
      "Use TLS: sc://host:port/;use_ssl=true",
    );
  }
  return address;
}

/** `;name=value` parts, or null if one is unknown or has no value. */
function optionsOf(text: string): Map<string, string> | null {
  const parts = text.split(";").filter((part) => part !== "");
  const options = new Map<string, string>();
  for (const part of parts) {
    const [name, value] = part.split(/=(.*)/s);
    if (!["use_ssl", "token", "user_id"].includes(name) || !value) return null;
    options.set(name, decodeURIComponent(value));
  }
  return options;
}

function badUrl(text: string): Error {
  return inputError(
    "bad_spark_url",
    `"${text.replace(/token=[^;]*/, "token=…").slice(0, 100)}" is not an address of a Spark Connect server.`,
    "Write it as sc://host:port, with TLS as sc://host:port/;use_ssl=true. Options: use_ssl, token, user_id.",
  );
}
