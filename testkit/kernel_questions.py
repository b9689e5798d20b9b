"""Asks a kernel what an editor asks it: completions, and what is known of a name.

One JSON line on stdin: kernel, cwd, setup (code that runs first), complete and inspect (code, the cursor at its ‸, else
at its end).
One JSON line on stdout: complete (lists of words), inspect (texts).
"""

import json
import sys

from jupyter_client.manager import start_new_kernel

ask = json.loads(sys.stdin.readline())


def at_cursor(code):
    """The code without its mark, and where that was."""
    place = code.find("‸")
    return code.replace("‸", ""), len(code) if place < 0 else place


manager, client = start_new_kernel(kernel_name=ask["kernel"], cwd=ask["cwd"])
try:
    client.execute_interactive(ask["setup"], timeout=60, output_hook=lambda message: None)
    words = [client.complete(*at_cursor(code), reply=True, timeout=60)["content"]["matches"] for code in ask["complete"]]
    known = [client.inspect(*at_cursor(code), reply=True, timeout=60)["content"]["data"] for code in ask["inspect"]]
    print(json.dumps({"complete": words, "inspect": [text.get("text/plain", "") for text in known]}))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
