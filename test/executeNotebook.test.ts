import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { executeNotebook, type Kernel } from "../src/notebooks/executeNotebook.ts";
import { noKernels } from "../testkit/kernels.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-late-display-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// In Jupyter's own kernel a cell's messages can be sent at will, as those of the Deno kernel are by chance.
const DISPLAYS_LATE = `import threading
kernel = get_ipython().kernel
def show(name):
    kernel.session.send(kernel.iopub_socket, "display_data", {"data": {"text/plain": name}, "metadata": {}, "transient": {}}, parent=parent)
ended = threading.Event()
parent = kernel.get_parent()
show("in time")
threading.Thread(target=lambda: (ended.wait(), show("late"))).start()`;
const IS_ENDED = "ended.set()";

it.skipIf(noKernels !== null)(
  "keeps what a cell displays after the kernel said that it had ended",
  async () => {
    const notebook = join(folder, "late.ipynb");
    const output = join(folder, "out.ipynb");
    const cells = [DISPLAYS_LATE, IS_ENDED].map((source, i) => ({
      ...{ cell_type: "code", id: `cell-${i}`, execution_count: null, metadata: {}, outputs: [] },
      source,
    }));
    await writeFile(notebook, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    const { errors } = await executeNotebook({ notebook, output, kernel: "python3" as Kernel });
    expect(errors).toEqual([]);
    const ran: { cells: { outputs: { data: Record<string, string[]> }[] }[] } = JSON.parse(
      await readFile(output, "utf8"),
    );
    const texts = ran.cells.map(({ outputs }) => outputs.flatMap(({ data }) => data["text/plain"]));
    expect(texts).toEqual([["in time", "late"], []]);
  },
);
