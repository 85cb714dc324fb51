"""yaml-language-server, as editors run it: spoken to over standard input and output."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any, Self

import pytest

NODE = Path(__file__).parent.parent / "peers" / "node"
SERVER = NODE / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
ANSWER_S = 20.0


class YamlLanguageServer:
    """One running server. A context manager; skips the test where node or the package is missing."""

    def __init__(self) -> None:
        node = shutil.which("node")
        if node is None:
            pytest.skip("node is not installed")
        if not SERVER.exists():
            pytest.skip(f"yaml-language-server is not installed: run `npm ci` in {NODE}")
        self._process = subprocess.Popen(
            [node, str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._inbox: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._id = 0

    def __enter__(self) -> Self:
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.tell("initialized", {})
        settings = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
        self.tell("workspace/didChangeConfiguration", {"settings": {"yaml": settings}})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(ANSWER_S)
        self._reader.join(ANSWER_S)
        self._process.stdin.close()
        self._process.stdout.close()

    def messages(self, path: Path, text: str) -> list[str]:
        """Open a text under a path and return what the editor would underline, as ``line: message``."""
        self.open(path, text)
        while True:
            message = self._inbox.get(timeout=ANSWER_S)
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri():
                found = message["params"]["diagnostics"]
                return [f"{d['range']['start']['line'] + 1}: {d['message']}" for d in found]

    def open(self, path: Path, text: str) -> None:
        """Open a text under a path."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def hover(self, path: Path, line: int, column: int) -> str:
        """Return what the editor shows over a place, both counted from 1."""
        answer = self.ask("textDocument/hover", self._at(path, line, column))
        return answer["contents"]["value"] if answer else ""

    def complete(self, path: Path, line: int, column: int) -> list[str]:
        """Return what the editor offers at a place, both counted from 1."""
        answer = self.ask("textDocument/completion", self._at(path, line, column))
        return [item["label"] for item in answer["items"]]

    @staticmethod
    def _at(path: Path, line: int, column: int) -> dict[str, Any]:
        return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line - 1, "character": column - 1}}

    def tell(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """Send a request and return its result; what else arrives meanwhile is dropped."""
        self._id += 1
        self._send({"id": self._id, "method": method, "params": params})
        while True:
            message = self._inbox.get(timeout=ANSWER_S)
            if message.get("id") == self._id and "method" not in message:
                return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass
            message = json.loads(stream.read(length))
            if "id" in message and "method" in message:  # the server asks for settings or registers something
                items = message.get("params", {}).get("items")
                self._send({"id": message["id"], "result": [None] * len(items) if items else None})
            else:
                self._inbox.put(message)
