/** A set-up failure for people: what happened, and what to do next. */
export class Problem extends Error {
  constructor(message, next, exit = 1) {
    super(message);
    this.next = next;
    this.exit = exit;
  }
}

const noRoom = /ENOSPC|EDQUOT|No space left|Errno 28|not enough space|Disk quota exceeded/i;
const noNetwork =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET|NewConnectionError|name resolution|Max retries exceeded|Connection refused|Retrying \(Retry|Read timed out|ConnectTimeout|CERT_|SSLError|self.signed certificate/i;
const noPermission = /EACCES|EPERM|EROFS|Permission denied|Read-only file system/i;

/** The output (or the error) of a failed step as one sentence and what to do. */
export function explain(what, output) {
  if (noRoom.test(output)) {
    return new Problem(
      `${what}: the disk is full.`,
      "Free about 2 GB on the disk of this folder, then run the same command again: it continues where it stopped.",
    );
  }
  if (noNetwork.test(output)) {
    return new Problem(
      `${what}: the package registry can't be reached.`,
      "Check the network (behind a proxy: HTTPS_PROXY), then run the same command again.",
      3,
    );
  }
  if (noPermission.test(output)) {
    return new Problem(
      `${what}: permission denied.`,
      "Make the project's folder writable for you, or clone it again as this user, then run the same command again.",
    );
  }
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const telling = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "no output";
  return new Problem(`${what} failed: ${telling.slice(0, 300)}`, "Its output is in .cache/setup.log.");
}
