"""Other tools that replay, each as a process that gives the same bytes: mitmproxy, mountebank, talkback and WireMock.
Each is installed once, below .venv, from its registry; who cannot be is named as missing."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests import packages
from tests.bench.peers import Peer, free_port, until_open
from tests.bench.replay import HEADERS, invoice

MITMPROXY = "mitmproxy==11.0.2"
MOUNTEBANK, TALKBACK, WIREMOCK = "mountebank@2.9.1", "talkback@4.2.0", "wiremock@3.13.2"
VENV = Path(__file__).parents[2] / ".venv" / "mitmproxy"
HOST = "127.0.0.1"
TYPE = dict(HEADERS)["Content-Type"]
PATIENCE = 120.0  # seconds that one may take to open what it plays
NOBODY = 9  # a port where no upstream is: nobody is to ask one

FLOWS = """
import json, sys
from mitmproxy import http, io
from mitmproxy.test import tflow
with open(sys.argv[2], "wb") as file:
    writer = io.FlowWriter(file)
    for line in open(sys.argv[1]):
        path, body = json.loads(line)
        flow = tflow.tflow(resp=True)
        flow.request = http.Request.make("GET", "http://127.0.0.1:9" + path)
        flow.response = http.Response.make(200, body.encode(), {"Content-Type": sys.argv[3]})
        writer.add(flow)
"""
PLAY = """
const talkback = require("talkback")
const [port, path] = process.argv.slice(2)
const options = {host: "http://127.0.0.1:9", port: Number(port), path, silent: true, summary: false,
  record: talkback.Options.RecordMode.DISABLED, fallbackMode: talkback.Options.FallbackMode.NOT_FOUND,
  allowHeaders: []}
talkback(options).start()
"""


def recorded(count: int) -> Iterator[tuple[str, str]]:
    """The paths with their bodies."""
    for number in range(count):
        path, body = invoice(number)
        yield path, body.decode()


def mitmproxy(folder: Path, count: int) -> Peer:
    python = VENV / "bin" / "python"
    if not (VENV / "bin" / "mitmdump").exists():
        _run([sys.executable, "-m", "venv", str(VENV)])
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", MITMPROXY])
    lines, flows, port = folder / "flows.jsonl", folder / "flows", free_port()
    lines.write_text("".join(json.dumps(one) + "\n" for one in recorded(count)), "utf-8")
    _run([str(python), "-c", FLOWS, str(lines), str(flows), TYPE])
    options = ("server_replay_reuse=true", "server_replay_extra=404", "connection_strategy=lazy", "flow_detail=0")
    command = [str(VENV / "bin" / "mitmdump"), "-q", "--mode", f"reverse:http://{HOST}:{NOBODY}"]
    command += ["--listen-host", HOST, "--listen-port", str(port), "--server-replay", str(flows)]
    return _begun("mitmproxy", command + [word for each in options for word in ("--set", each)], port)


def mountebank(folder: Path, count: int) -> Peer:
    port, control = free_port(), free_port()
    stubs = [
        {
            "predicates": [{"equals": {"method": "GET", "path": path}}],
            "responses": [{"is": {"statusCode": 200, "headers": {"Content-Type": TYPE}, "body": body}}],
        }
        for path, body in recorded(count)
    ]
    imposter = {"port": port, "protocol": "http", "host": HOST, "stubs": stubs, "recordRequests": False}
    file = folder / "imposters.json"
    file.write_text(json.dumps({"imposters": [imposter]}), "utf-8")
    command = ["node", str(_package(MOUNTEBANK) / "bin" / "mb"), "--port", str(control), "--host", HOST]
    command += ["--nologfile", "--loglevel", "error", "--configfile", str(file), "--noParse"]
    return _begun("mountebank", [*command, "--pidfile", str(folder / "mb.pid")], port)


def talkback(folder: Path, count: int) -> Peer:
    tapes, port = folder / "tapes", free_port()
    tapes.mkdir(exist_ok=True)
    for number, (path, body) in enumerate(recorded(count)):
        response = {"status": 200, "headers": {"content-type": [TYPE]}, "body": body}
        meta = {"createdAt": "2026-11-22T00:00:00.000Z", "host": f"http://{HOST}:{NOBODY}", "resHumanReadable": True}
        request = {"url": path, "method": "GET", "headers": {}, "body": ""}
        (tapes / f"{number}.json5").write_text(json.dumps({"meta": meta, "req": request, "res": response}), "utf-8")
    script = _package(TALKBACK).parent.parent / "play.js"
    script.write_text(PLAY, "utf-8")
    return _begun("talkback", ["node", str(script), str(port), str(tapes)], port)


def wiremock(folder: Path, count: int) -> Peer:
    port, mappings = free_port(), folder / "wiremock" / "mappings"
    mappings.mkdir(parents=True, exist_ok=True)
    found = [
        {
            "request": {"method": "GET", "url": path},
            "response": {"status": 200, "body": body, "headers": {"Content-Type": TYPE}},
        }
        for path, body in recorded(count)
    ]
    (mappings / "all.json").write_text(json.dumps({"mappings": found}), "utf-8")
    (jar,) = (_package(WIREMOCK) / "build").glob("*.jar")
    command = [_java(), "-jar", str(jar), "--port", str(port), "--bind-address", HOST, "--disable-banner"]
    command += ["--no-request-journal", "--async-response-enabled=false", "--root-dir", str(mappings.parent)]
    return _begun("WireMock", command, port)


OTHERS: dict[str, Callable[[Path, int], Peer]] = {
    "mitmproxy": mitmproxy,
    "mountebank": mountebank,
    "talkback": talkback,
    "WireMock": wiremock,
}
FOR_NPM = {"mountebank": MOUNTEBANK, "talkback": TALKBACK, "WireMock": WIREMOCK}
FEWER = {"talkback": 1_000, "mountebank": 1_000, "mitmproxy": 10_000, "WireMock": 10_000}
"""How many interactions each is asked to play at most: beyond that it takes minutes to open, or seconds to answer."""


def _begun(name: str, command: list[str], port: int) -> Peer:
    peer = Peer(name, command, port=port)
    try:
        until_open(peer, PATIENCE)
    except BaseException:
        peer.end()
        raise
    return peer


def _package(package: str) -> Path:
    """Where that package is. RuntimeError, in words, where it cannot be used."""
    if lacking := packages.lacking_of_npm(package):
        raise RuntimeError(lacking)
    return packages.npm_folder(package) / "node_modules" / package.partition("@")[0]


def _java() -> str:
    command = shutil.which("java")
    if command is None:
        raise RuntimeError("needs Java, which is not installed here")
    return command


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it failed"])[-1])
