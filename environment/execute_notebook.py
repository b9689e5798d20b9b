"""Runs one notebook on one kernel.

One JSON line on stdin asks: notebook, output, kernel, cwd, timeout (seconds for a cell), hide (path prefixes).
JSON lines on stdout tell: {"cells"}, {"kernel": pid}, {"done"}; at the end {"finished"}, {"cell", "name", "message"}
or {"problem", "message"}. The end of stdin means stop: it comes on an abort, and also when the asking process is gone.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading

import nbformat
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

THROWN = re.compile(r"^(?:Uncaught )?([A-Z]\w*): (.+)$", re.MULTILINE)
# How long a cell's output may come after its reply.
OUTPUT_SECONDS = 120
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def tell(**fact):
    print(json.dumps(fact), flush=True)


def is_run(cell):
    return cell.cell_type == "code" and cell.source.strip() != ""


def hider(prefixes):
    """Replaces the given folders in every text: outputs are published, where they were made is nobody's business."""
    ways = [(re.compile(re.escape(path) + r"(?![\w-])"), name) for path, name in prefixes if len(path) > 1]

    def hide(value):
        if isinstance(value, str):
            for path, name in ways:
                value = path.sub(name, value)
            return value
        if isinstance(value, list):
            return [hide(part) for part in value]
        if isinstance(value, dict):
            return {key: hide(part) for key, part in value.items()}
        return value

    return hide


def reason(error, cell):
    """Name and message of what a cell threw. Deno says them; tslab prints them, in a stack or as line:column."""
    if error.evalue:
        return error.ename, error.evalue
    said = "".join(out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stderr")
    thrown = THROWN.findall(ANSI.sub("", said))
    return thrown[-1] if thrown else ("CompileError", said or "no reason given")


def stop_with_stdin():
    """Cancels the current task when stdin ends."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def watch():
        # Not through sys.stdin: a thread that waits in it makes Python abort at its end.
        os.read(0, 1)
        loop.call_soon_threadsafe(task.cancel)

    threading.Thread(target=watch, daemon=True).start()


class Listener(AsyncZMQSocketChannel):
    """Keeps what cells display after the kernel said that they had ended: nbclient does not look at it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ended, self.late = set(), []

    async def get_msg(self, *args, **kwargs):
        message = await super().get_msg(*args, **kwargs)
        parent, kind = message["parent_header"].get("msg_id"), message["msg_type"]
        if message["content"].get("execution_state") == "idle":
            self.ended.add(parent)
        elif parent in self.ended and kind in ("display_data", "update_display_data", "stream"):
            self.late.append(message)
        return message


class Client(AsyncKernelClient):
    iopub_channel_class = Listener


async def add_late_outputs(client, cells):
    """On a busy machine Deno's kernel sends a cell's last display behind the cell's end (2.9.5: in 2 runs of 25)."""
    last = client.kc.execute("0", store_history=False)
    while last not in client.kc.iopub_channel.ended:
        await client.kc.get_iopub_msg(timeout=OUTPUT_SECONDS)
    for message in client.kc.iopub_channel.late:
        index = cells.get(message["parent_header"]["msg_id"])
        if index is not None:
            client.process_message(message, client.nb.cells[index], index)


async def execute(ask, notebook):
    manager = AsyncKernelManager(kernel_name=ask["kernel"], client_factory=Client)
    # Its standard output is not ours: ours carries facts, and ends when we end.
    await manager.start_kernel(cwd=ask["cwd"], stdout=subprocess.DEVNULL)
    tell(kernel=manager.provisioner.pid)
    stop_with_stdin()
    place = {"index": 0, "done": 0}
    cells = {}

    def started(cell, cell_index):
        place["index"] = cell_index

    def executed(cell, cell_index, execute_reply):
        cells[execute_reply["parent_header"]["msg_id"]] = cell_index
        if execute_reply["content"]["status"] == "ok":
            place["done"] += 1
            tell(done=place["done"])

    # nbclient's own four seconds are too few on a busy machine: a large figure would be missing without a word.
    patience = {"timeout": ask["timeout"], "iopub_timeout": OUTPUT_SECONDS, "raise_on_iopub_timeout": True}
    # Nor is its minute for a kernel's start, the compiler's with it; one that ends before it answers is noticed at once.
    patience["startup_timeout"] = ask["timeout"]
    client = NotebookClient(notebook, km=manager, record_timing=False, **patience)
    client.on_cell_start, client.on_cell_executed = started, executed
    try:
        await client.async_execute()
        await add_late_outputs(client, cells)
        return None
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        cell = notebook.cells[place["index"]]
        number = sum(is_run(one) for one in notebook.cells[: place["index"] + 1])
        if isinstance(error, CellTimeoutError) and "IOPub" in str(error):
            return number, "Timeout", f"what it put out did not come within {OUTPUT_SECONDS} s"
        if isinstance(error, CellTimeoutError):
            return number, "Timeout", f"still running after {ask['timeout']} s"
        if isinstance(error, DeadKernelError):
            return number, "DeadKernel", "the kernel ended while the cell ran"
        return number, *reason(error, cell)
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        await manager.shutdown_kernel(now=True)


async def main(ask):
    notebook = nbformat.read(ask["notebook"], as_version=4)
    tell(cells=sum(map(is_run, notebook.cells)))
    hide = hider(ask["hide"])
    failed = await execute(ask, notebook)
    if failed is not None:
        number, name, message = failed
        return tell(cell=number, name=name, message=hide(ANSI.sub("", message)).strip())
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [nbformat.from_dict(hide(out)) for out in cell.outputs]
    draft = ask["output"] + ".draft"
    nbformat.write(notebook, draft)
    os.replace(draft, ask["output"])
    tell(finished=True)


try:
    asyncio.run(main(json.loads(sys.stdin.readline())))
except Exception as error:
    tell(problem=type(error).__name__, message=str(error))
