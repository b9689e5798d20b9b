import { forecasters } from "../src/forecast/registry.ts";
import { randomWalk } from "./series.ts";

// Run by any JavaScript runtime: prints every shipped model's forecast of a made-up market as JSON.
const series = randomWalk(1, 900);
const answers = forecasters().map((model) => {
  const { steps } = model.fit(series).predict(10);
  return { model: model.name, values: steps.map(({ yhat, quantiles }) => [yhat, ...quantiles]) };
});
console.log(JSON.stringify(answers));
