// Entry point of reload.min.js, which is in every output with a figure after a kernel's first: that one has the scripts,
// but a page that was reloaded, or whose first figure was run again, has lost them. JupyterLab as `npm run lab` starts it
// serves them; any other page keeps the still pictures.
const PLACE = "candlebook-scripts";

const config = document.getElementById("jupyter-config-data")?.textContent;

if (
  window.candlebook === undefined &&
  typeof config === "string" &&
  document.getElementById(PLACE) === null
) {
  const { baseUrl } = JSON.parse(config) as { baseUrl: string };
  const load = (name: string, id = "") => {
    const script = Object.assign(document.createElement("script"), { id, src: `${baseUrl}static/${name}` });
    document.head.append(script);
    return script;
  };
  load("plotly.min.js", PLACE).addEventListener("load", () => load("figures.min.js"));
}

export {};
