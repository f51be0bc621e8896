"""Programs in several languages, in an empty folder and home: one line of `replayer exec` records them, and the same
line replays them with the same output, offline. Java and the shell are examples of the manual, and run there."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.installs

GO = """
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	form := strings.NewReader("name=Ada")
	request, err := http.NewRequest("POST", os.Getenv("STRIPE_API_BASE")+"/v1/customers", form)
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth("sk_test_made_up", "")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.StatusCode, string(body))
}
"""
RUST = r"""
use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let base = std::env::var("STRIPE_API_BASE").expect("the address");
    let host = base.strip_prefix("http://").expect("plain HTTP: Rust's own library knows no TLS");
    let mut stream = std::net::TcpStream::connect(host)?;
    let head = "POST /v1/customers HTTP/1.1\r\nAuthorization: Bearer sk_test_made_up\r\nConnection: close\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\nname=Ada";
    write!(stream, "{head}Host: {host}\r\n{form}")?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    println!("{}", said.split_once("\r\n\r\n").expect("a head and a body").1);
    Ok(())
}
"""
NODE = """
const headers = { Authorization: "Bearer sk_test_made_up" };
const body = new URLSearchParams({ name: "Ada" });
const answer = await fetch(`${process.env.STRIPE_API_BASE}/v1/customers`, { method: "POST", headers, body });
console.log(answer.status, await answer.text());
"""
PYTHON = """
import os, stripe
client = stripe.StripeClient("sk_test_made_up", base_addresses={"api": os.environ["STRIPE_API_BASE"]})
print(client.v1.customers.create({"name": "Ada"}))
"""
CURL = 'curl --silent --show-error "$STRIPE_API_BASE/v1/customers" --user sk_test_made_up: --data name=Ada\n'


@dataclass(frozen=True)
class Program:
    """Its files, what runs it and has to be there, and what makes it ready first; `words` are options of `exec`."""

    files: dict[str, str]
    command: list[str]
    needs: str
    ready: list[str] = field(default_factory=list)
    words: tuple[str, ...] = ("--env", "STRIPE_API_BASE")
    environment: dict[str, str] = field(default_factory=dict)


PACKAGE = json.dumps({"type": "module", "scripts": {"test": "node customers.js"}})
BEHIND = {"STRIPE_API_BASE": "https://api.stripe.com"}  # for which it is sent through the proxy by its environment
PROGRAMS = {
    "npm": Program({"package.json": PACKAGE, "customers.js": NODE}, ["npm", "test"], "npm"),
    "stripe-python": Program({"customers.py": PYTHON}, [sys.executable, "customers.py"], "python3"),
    "curl": Program({"customers.sh": CURL}, ["sh", "customers.sh"], "curl"),
    "curl as proxy": Program({"a.sh": CURL}, ["sh", "a.sh"], "curl", words=("--as-proxy",), environment=BEHIND),
    "go": Program({"main.go": GO}, ["./main"], "go", ["go", "build", "main.go"]),
    "go as proxy": Program(
        {"main.go": GO}, ["./main"], "go", ["go", "build", "main.go"], words=("--as-proxy",), environment=BEHIND
    ),
    "rust": Program({"main.rs": RUST}, ["./main"], "rustc", ["rustc", "main.rs"]),
}


def _answers(program: str, environment: dict[str, str]) -> bool:
    """Whether it is there and runs: rustup puts a compiler there that may have to be chosen yet."""
    asked = [program, "version" if program == "go" else "--version"]
    return (
        shutil.which(program) is not None
        and subprocess.run(asked, env=environment, capture_output=True).returncode == 0
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_line_records_and_then_replays_with_the_same_output(tmp_path: Path, name: str) -> None:
    program, folder, home = PROGRAMS[name], tmp_path / "folder", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    for path, text in program.files.items():
        (folder / path).write_text(text, "utf-8")
    kept = {key: os.environ[key] for key in ("RUSTUP_HOME", "RUSTUP_TOOLCHAIN") if key in os.environ}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    rustup = {"RUSTUP_HOME": str(Path.home() / ".rustup")}  # where its compiler is, if it was installed by that
    environment = {**rustup, **kept, **program.environment, "HOME": str(home), "PATH": path}

    if not _answers(program.needs, environment):
        pytest.skip(f"needs {program.needs}, which is not installed here")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done

    if program.ready:
        run(*program.ready)
    line = ("replayer", "exec", "--cassette", "x.yaml", "--upstream", "sandbox", *program.words, "--", *program.command)
    first, again = run(*line), run(*line)
    assert "1 recorded, 0 played" in first.stderr
    assert "0 recorded, 1 played" in again.stderr
    assert '"name": "Ada"' in first.stdout
    assert again.stdout == first.stdout
