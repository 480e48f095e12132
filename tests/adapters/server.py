"""A server on this machine that stands where a forge is asked, and does as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "token-that-nobody-else-may-see"


@dataclass
class Server:
    """A server on loopback that answers as it is told: path → what a handler does."""

    url: str
    port: int
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        """An environment in which this server is where GitHub is asked."""
        known = {"OPSLEDGER_FORGE": "github", "OPSLEDGER_FORGE_URL": "https://github.com", "GITHUB_TOKEN": TOKEN}
        return known | {"OPSLEDGER_FORGE_API": self.url} | more


def answers(status: int, body: bytes = b"{}", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Type": "application/json", "Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def started() -> tuple[ThreadingHTTPServer, Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            made.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
            made.answers.get(self.path, answers(404, b'{"message": "Not Found"}'))(self)

        do_POST = do_CONNECT = do_GET  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            """Keep quiet."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port = running.server_address[1]
    made = Server(f"http://127.0.0.1:{port}", port)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return running, made
