export { delay as pause } from "./delay.ts";
