import { LivePage } from "./live/livePage.ts";

// Entry point of live.min.js.
new LivePage().connect();
