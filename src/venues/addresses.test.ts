import { expect, it } from "vitest";
import { addresses } from "./addresses.ts";
import { baseUrl } from "./http.ts";

it.each([
  "file:///etc/hosts",
  "ftp://127.0.0.1/",
  "javascript:alert(1)",
  "data:text/plain,x",
  "127.0.0.1:9000",
  "http://name:word@127.0.0.1/",
  "http://127.0.0.1/?to=elsewhere",
  "",
])("an exchange's address that is not plainly http or https is refused (%s)", (text) => {
  expect(() => baseUrl("--rest-url", text)).toThrow(expect.objectContaining({ code: "bad_url", exit: 2 }));
});

it("the addresses of REST and archive are checked, and end without a slash", () => {
  const good = "http://127.0.0.1:9000/";
  expect(addresses({ restUrl: good, archiveUrl: good })).toEqual({
    restUrl: "http://127.0.0.1:9000",
    archiveUrl: "http://127.0.0.1:9000",
  });
  const refused = (option: string) => expect.objectContaining({ message: expect.stringContaining(option) });
  expect(() => addresses({ restUrl: "ws://127.0.0.1", archiveUrl: good })).toThrow(refused("--rest-url"));
  expect(() => addresses({ restUrl: good, archiveUrl: "ws://127.0.0.1" })).toThrow(refused("--archive-url"));
});

it("the stream's address is ws or wss", () => {
  const stream = (text: string) => baseUrl("--stream-url", text, ["ws:", "wss:"]);
  expect(stream("ws://127.0.0.1:9000/")).toBe("ws://127.0.0.1:9000");
  expect(() => stream("http://127.0.0.1:9000")).toThrow(expect.objectContaining({ code: "bad_url" }));
});
