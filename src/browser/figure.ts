import { LanguageSwitch } from "./languageSwitch.ts";

// Entry point of figure.min.js, in a page of one figure.
new LanguageSwitch().start();
