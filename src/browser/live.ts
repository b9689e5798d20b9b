import { LanguageSwitch } from "./languageSwitch.ts";
import { LivePage } from "./live/livePage.ts";

// Entry point of live.min.js.
new LanguageSwitch().start();
new LivePage().connect();
