"""Clients of streams cannot tell recording from replay: the SDKs of two model APIs in two languages, Node's own fetch,
aiohttp and httpx."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from typing import Any

import aiohttp
import httpx
import pytest

from replayer import Replayer
from tests import packages
from tests.cli.servers import HOME
from tests.forked import replayer

OF_PYTHON = ("openai==3.57.0", "anthropic==2.14.0")  # as in test_clients, which installs the same
OF_NODE = ("openai@6.49.0", "@anthropic-ai/sdk@1.14.0")
WORDS = ("Hel", "lo", "!")
PROGRAMS = {
    ("openai", "python"): """
import openai
client = openai.OpenAI(api_key="made-up")
messages = [{"role": "user", "content": "Say hello"}]
for part in client.chat.completions.create(model="m", messages=messages, stream=True):
    print(part.id, part.choices[0].delta.content)
with client.chat.completions.create(model="m", messages=messages, stream=True, n=1) as left:
    print(next(iter(left)).id)
""",
    ("anthropic", "python"): """
import anthropic
client = anthropic.Anthropic(api_key="made-up")
with client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "Say hello"}]) as stream:
    print(*stream.text_stream, stream.get_final_message().id)
""",
    ("openai", "node"): """
import OpenAI from "openai";
const client = new OpenAI({ apiKey: "made-up" });
const messages = [{ role: "user", content: "Say hello" }];
for await (const part of await client.chat.completions.create({ model: "m", messages, stream: true }))
  console.log(part.id, part.choices[0].delta.content);
""",
    ("anthropic", "node"): """
import Anthropic from "@anthropic-ai/sdk";
const client = new Anthropic({ apiKey: "made-up" });
const messages = [{ role: "user", content: "Say hello" }];
const stream = client.messages.stream({ model: "m", max_tokens: 9, messages });
stream.on("text", (text) => console.log(text));
console.log((await stream.finalMessage()).id);
""",
    ("fetch", "node"): """
const base = process.env.OPENAI_BASE_URL;
const answer = await fetch(`${base}/chat/completions`, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ stream: true }),
});
const text = new TextDecoder();
let said = "";
for await (const piece of answer.body) said += text.decode(piece, { stream: true });
console.log(said);
console.log([...answer.headers].filter(([name]) => name !== "date").join(" "));
""",
}


class Speaking(BaseHTTPRequestHandler):
    """As much of both APIs as the programs ask for; each id is another one each time, and no event comes at once."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in self._message() if self.path == "/v1/messages" else self._completion():
            half = len(event) // 2
            self._chunk(event[:half])
            self._chunk(event[half:])
        self._chunk("")

    def _chunk(self, text: str) -> None:
        try:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text.encode()), text.encode()))
        except OSError:
            self.close_connection = True

    def _completion(self) -> Iterator[str]:
        named = {"id": f"chatcmpl-{token_hex(14)}", "object": "chat.completion.chunk", "created": 1795305600}
        for word in WORDS:
            choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
            yield f"data: {json.dumps({**named, 'model': 'm', 'choices': [choice]})}\n\n"
        yield "data: [DONE]\n\n"

    def _message(self) -> Iterator[str]:
        usage = {"input_tokens": 9, "output_tokens": 3}
        message: dict[str, Any] = {
            "id": f"msg_01{token_hex(11)}",
            "type": "message",
            "role": "assistant",
            "content": [],
        }
        message |= {"model": "m", "stop_reason": None, "stop_sequence": None, "usage": usage}
        yield self._event({"type": "message_start", "message": message})
        yield self._event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
        yield self._event({"type": "ping"})
        for word in WORDS:
            delta = {"type": "text_delta", "text": word}
            yield self._event({"type": "content_block_delta", "index": 0, "delta": delta})
        yield self._event({"type": "content_block_stop", "index": 0})
        end = {"stop_reason": "end_turn", "stop_sequence": None}
        yield self._event({"type": "message_delta", "delta": end, "usage": usage})
        yield self._event({"type": "message_stop"})

    @staticmethod
    def _event(value: dict[str, Any]) -> str:
        return f"event: {value['type']}\ndata: {json.dumps(value)}\n\n"

    def log_message(self, *_: object) -> None:
        """Not a word."""


@pytest.fixture
def api() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Speaking)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def command(language: str, program: str, folder: Path) -> list[str]:
    """What runs it, where its SDK is found; it skips the test where that cannot be had."""
    if lacking := packages.lacking_of_pip(*OF_PYTHON) if language == "python" else packages.lacking_of_npm(*OF_NODE):
        pytest.skip(lacking)
    if language == "python":
        return ["env", f"PYTHONPATH={packages.pip_folder(*OF_PYTHON)}", sys.executable, "-c", program]
    (folder / "node_modules").symlink_to(packages.npm_folder(*OF_NODE) / "node_modules")
    (folder / "program.mjs").write_text(program, "utf-8")
    return ["node", "program.mjs"]


@pytest.mark.installs
@pytest.mark.parametrize(("client", "language"), PROGRAMS)
def test_an_sdk_reads_a_stream_as_it_was_when_the_api_is_gone(
    api: ThreadingHTTPServer, tmp_path: Path, client: str, language: str
) -> None:
    program = command(language, PROGRAMS[client, language], tmp_path)
    called = "openai" if client == "fetch" else client

    def beside(*words: str) -> str:
        line = [*replayer(), "exec", "--cassette", "a.yaml", "--for", called, *words, "--"]
        environment = os.environ | {"PYTHONPATH": str(HOME)}
        done = subprocess.run(
            [*line, *program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    recorded = beside("--upstream", f"http://127.0.0.1:{api.server_port}")
    api.shutdown()
    assert beside() == recorded
    assert "Hel" in recorded
    api.server_close()


def proxy(root: Path, upstream: str = "") -> Replayer:
    """A recording, and without an upstream a replay."""
    return Replayer("a.yaml", root=root, upstream=upstream, record_mode="all" if upstream else "none")


async def test_aiohttp_hears_the_same_chunks(api: ThreadingHTTPServer, tmp_path: Path) -> None:
    heard = []
    for upstream in (f"http://127.0.0.1:{api.server_port}", ""):
        async with (
            proxy(tmp_path, upstream) as replayer,
            aiohttp.ClientSession() as client,
            client.post(f"{replayer.url}/v1/chat/completions", json={"stream": True}) as answer,
        ):
            chunks = [chunk async for chunk, is_end in answer.content.iter_chunks() if is_end and chunk]
            heard.append((answer.status, dict(answer.headers), chunks))
    assert heard[0] == heard[1]
    assert [chunk[:7] for chunk in heard[0][2]] == [b"data: {", b"data: {", b"data: {", b"data: ["]


def test_httpx_hears_the_same_lines(api: ThreadingHTTPServer, tmp_path: Path) -> None:
    heard = []
    for upstream in (f"http://127.0.0.1:{api.server_port}", ""):
        with (
            proxy(tmp_path, upstream) as replayer,
            httpx.Client(base_url=replayer.url) as client,
            client.stream("POST", "/v1/messages", json={"stream": True}) as answer,
        ):
            heard.append((answer.status_code, answer.headers.raw, list(answer.iter_lines())))
    assert heard[0] == heard[1]
    assert sum(line.startswith("event: ") for line in heard[0][2]) == 9
