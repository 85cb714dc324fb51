"""A server that has comments as GitHub's and GitLab's APIs have them, and a private repository."""

import base64
import json
import os
import re
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "s3cr3t"  # noqa: S105 - of a server that lives for one test

BASIC = f"Basic {base64.b64encode(f'x-access-token:{TOKEN}'.encode()).decode()}"

_ALL = re.compile(r"/repos/acme/house/issues/(?P<thread>\d+)/comments|/projects/42/merge_requests/(?P<mr>\d+)/notes")
_ONE = re.compile(r"/repos/acme/house/issues/comments/(?P<id>\d+)|/projects/42/merge_requests/\d+/notes/(?P<note>\d+)")


class Forge:
    """The repository acme/house, or the project 42.

    Attributes:
        address: Of the API.
        comments: Number to text.
        asked: Every request, as (method, path).
        allows: Whether the token may write.
        repository: What is behind acme/house.git; None for nothing.
    """

    def __init__(self, address):
        self.address = address
        self.comments = {}
        self.asked = []
        self.allows = True
        self.repository = None

    def answer(self, method, path, query, headers, body):
        """Return a status and what is said."""
        self.asked.append((method, path))
        if TOKEN not in (headers.get("Authorization", "").removeprefix("Bearer "), headers.get("PRIVATE-TOKEN")):
            return 401, {"message": "Bad credentials"}
        every, one = _ALL.fullmatch(path), _ONE.fullmatch(path)
        if every and method == "GET":
            size, page = (int(query[key][0]) for key in ("per_page", "page"))
            found = [{"id": number, "body": text} for number, text in self.comments.items()]
            return 200, found[size * (page - 1) : size * page]
        if not self.allows:
            return 403, {"message": "Resource not accessible by integration"}
        if every and method == "POST":
            self.comments[len(self.comments) + 1] = body["body"]
            return 201, {"id": len(self.comments)}
        if one and method == ("PATCH" if one["id"] else "PUT"):
            self.comments[int(one["id"] or one["note"])] = body["body"]
            return 200, {}
        return 404, {"message": "Not Found"}


@contextmanager
def forge():
    """Serve one on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            place = urlsplit(self.path)
            if served.repository is not None and place.path.startswith("/acme/house.git/"):
                self._git(place, body)
                return
            status, said = served.answer(
                self.command, place.path, parse_qs(place.query), self.headers, json.loads(body) if body else None
            )
            raw = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def _git(self, place, body):
            """Let git's own program for web servers answer, to whoever has the token and says so once."""
            if self.headers.get_all("Authorization") != [BASIC]:
                self.send_response(401)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            environ = {
                **os.environ,
                "GIT_PROJECT_ROOT": str(served.repository),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": place.path.removeprefix("/acme/house.git"),
                "QUERY_STRING": place.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            }
            done = subprocess.run(["git", "http-backend"], input=body, env=environ, capture_output=True, check=True)
            head, _, rest = done.stdout.partition(b"\r\n\r\n")
            self.send_response(200)
            for line in head.decode().splitlines():
                self.send_header(*line.split(": ", 1))
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest)

        do_GET = do_POST = do_PATCH = do_PUT = _do  # noqa: N815 - http.server's names

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Forge(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
