"""Official SDKs beside `replayer exec --for`: each finds the proxy by the variable that it reads, records, and is
answered the same when the API is gone."""

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

import pytest

from tests import packages
from tests.cli.servers import HOME
from tests.forked import replayer

pytestmark = pytest.mark.installs

OF_PYTHON = ("openai==3.57.0", "anthropic==2.14.0")
OF_NODE = ("openai@6.49.0", "@anthropic-ai/sdk@1.14.0")
PROGRAMS = {
    ("openai", "python"): """
import openai
client = openai.OpenAI(api_key="made-up")
said = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Say hello"}])
print(said.id, said.choices[0].message.content, [model.id for model in client.models.list()])
""",
    ("anthropic", "python"): """
import anthropic
client = anthropic.Anthropic(api_key="made-up")
said = client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "Say hello"}])
print(said.id, said.content[0].text, [model.id for model in client.models.list()])
""",
    ("openai", "node"): """
import OpenAI from "openai";
const client = new OpenAI({ apiKey: "made-up" });
const said = await client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "Say hello" }] });
const models = await client.models.list();
console.log(said.id, said.choices[0].message.content, models.data.map(({ id }) => id));
""",
    ("anthropic", "node"): """
import Anthropic from "@anthropic-ai/sdk";
const client = new Anthropic({ apiKey: "made-up" });
const messages = [{ role: "user", content: "Say hello" }];
const said = await client.messages.create({ model: "m", max_tokens: 9, messages });
const models = await client.models.list();
console.log(said.id, said.content[0].text, models.data.map(({ id }) => id));
""",
}


class Models(BaseHTTPRequestHandler):
    """As much of both APIs as the programs ask for; each id is another one each time."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        model = {"id": "m", "object": "model", "type": "model", "display_name": "M", "created": 1, "owned_by": "us"}
        self.answer({"object": "list", "data": [model], "has_more": False, "first_id": "m", "last_id": "m"})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/messages":
            usage = {"input_tokens": 9, "output_tokens": 3}
            said: dict[str, Any] = {"type": "message", "content": [{"type": "text", "text": "Hello!"}], "usage": usage}
            self.answer({"id": f"msg_01{token_hex(11)}", "role": "assistant", "stop_reason": "end_turn", **said})
        else:
            message = {"role": "assistant", "content": "Hello!"}
            choices = [{"index": 0, "finish_reason": "stop", "message": message}]
            named = {"id": f"chatcmpl-{token_hex(14)}", "object": "chat.completion", "created": 1795305600}
            self.answer({**named, "model": "m", "choices": choices})

    def answer(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not a word."""


@pytest.fixture
def models() -> Iterator[ThreadingHTTPServer]:
    api = ThreadingHTTPServer(("127.0.0.1", 0), Models)
    api.daemon_threads = True
    threading.Thread(target=api.serve_forever, args=(0.01,), daemon=True).start()
    yield api
    api.server_close()


def command(language: str, program: str, folder: Path) -> list[str]:
    """What runs it, where its SDK is found; it skips the test where that cannot be had."""
    if lacking := packages.lacking_of_pip(*OF_PYTHON) if language == "python" else packages.lacking_of_npm(*OF_NODE):
        pytest.skip(lacking)
    if language == "python":
        return ["env", f"PYTHONPATH={packages.pip_folder(*OF_PYTHON)}", sys.executable, "-c", program]
    (folder / "node_modules").symlink_to(packages.npm_folder(*OF_NODE) / "node_modules")
    (folder / "program.mjs").write_text(program, "utf-8")
    return ["node", "program.mjs"]


@pytest.mark.parametrize(("client", "language"), PROGRAMS)
def test_an_sdk_finds_the_proxy_by_itself_records_and_is_answered_the_same_offline(
    models: ThreadingHTTPServer, tmp_path: Path, client: str, language: str
) -> None:
    program = command(language, PROGRAMS[client, language], tmp_path)

    def beside(*words: str) -> str:
        line = [*replayer(), "exec", "--cassette", "a.yaml", "--for", client, *words, "--"]
        environment = os.environ | {"PYTHONPATH": str(HOME)}
        done = subprocess.run(
            [*line, *program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    recorded = beside("--upstream", f"http://127.0.0.1:{models.server_port}")
    models.shutdown()
    models.server_close()
    assert beside() == recorded
    assert "Hello!" in recorded
    assert recorded.startswith({"openai": "chatcmpl-", "anthropic": "msg_"}[client])
