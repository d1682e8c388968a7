"""A static host on loopback that compresses what it sends, and what a page fetches from it."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page


class StaticHost(SimpleHTTPRequestHandler):
    """Serve files compressed, as static hosts do, so that weights are what readers pay."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        kind = self.guess_type(str(path))
        content = path.read_bytes()
        packed = kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml"))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if packed:
            content = gzip.compress(content, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the report of the tests readable."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a browser that closes while it is being served."""


@contextmanager
def serving(handler: Callable[..., Any]) -> Iterator[str]:
    """Serve until the block ends; give the address."""
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Traffic:
    """Count what a page fetches, in bytes as they came over the wire."""

    def __init__(self, page: Page) -> None:
        self.addresses: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.requestWillBeSent", self._ask)
        session.on("Network.loadingFinished", self._get)

    def _ask(self, event: dict[str, Any]) -> None:
        # Pictures inside a style are no request to a host.
        if event["request"]["url"].startswith("http"):
            self.addresses[event["requestId"]] = event["request"]["url"]

    def _get(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.addresses:
            self.sizes[event["requestId"]] = int(event["encodedDataLength"])

    def total(self) -> tuple[int, int]:
        """Give requests and bytes so far."""
        return len(self.addresses), sum(self.sizes.values())

    def names(self) -> set[str]:
        """Give the names of the files that were fetched."""
        return {address.split("?")[0].rsplit("/", 1)[1] for address in self.addresses.values()}
