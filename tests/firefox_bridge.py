"""Start Firefox for Playwright, which drives it over WebDriver BiDi.

Playwright asks each new window for a colour scheme, by a command that Firefox has only since version 154. Debian's
Firefox is older and refuses it, and the window with it. So this program stands between the two, passes on all that
they say, and grants the one command without a word to Firefox. Where Firefox is newer, it does no harm.

Playwright starts it as if it were Firefox; ``FIREFOX`` in the environment is the path of the real one.
"""

import asyncio
import json
import os
import subprocess
import sys
from typing import IO

from tornado import httpserver, netutil, web, websocket

GRANTED = {"emulation.setMediaFeaturesOverride"}
#: A file that a page has saved may be this large, in bytes.
LONGEST_MESSAGE = 1 << 28
READY = "WebDriver BiDi listening on "


class Bridge(websocket.WebSocketHandler):
    """One conversation between Playwright and Firefox."""

    def initialize(self, firefox: str) -> None:
        self.firefox = firefox

    def check_origin(self, _origin: str) -> bool:
        return True

    async def prepare(self) -> None:
        """Reach Firefox before Playwright can say anything."""
        self.further = await websocket.websocket_connect(
            self.firefox, on_message_callback=self._answer, max_message_size=LONGEST_MESSAGE
        )

    def on_message(self, message: str | bytes) -> None:
        command = json.loads(message)
        if command["method"] in GRANTED:
            self.write_message({"type": "success", "id": command["id"], "result": {}})
        else:
            self.further.write_message(message)

    def _answer(self, message: str | bytes | None) -> None:
        if message is None:
            self.close()
        else:
            self.write_message(message)


async def serve(firefox: str, errors: IO[str]) -> None:
    """Serve on a free port until Firefox has ended."""
    application = web.Application([("/.*", Bridge, {"firefox": firefox})], websocket_max_message_size=LONGEST_MESSAGE)
    sockets = netutil.bind_sockets(0, "127.0.0.1")
    httpserver.HTTPServer(application).add_sockets(sockets)
    print(f"{READY}ws://127.0.0.1:{sockets[0].getsockname()[1]}", file=sys.stderr, flush=True)
    await asyncio.to_thread(errors.read)


def main() -> None:
    """Start Firefox with the arguments of this program, and serve when it is ready."""
    process = subprocess.Popen([os.environ["FIREFOX"], *sys.argv[1:]], stderr=subprocess.PIPE, text=True)
    errors = process.stderr
    assert errors
    for line in errors:
        if READY in line:
            asyncio.run(serve(f"{line.split(READY)[1].strip()}/session", errors))


if __name__ == "__main__":
    main()
