#!/usr/bin/env python3
"""Makes a Python wheel whose one script is the static program itself: `pip install`, `pipx install` and `uvx k0rdent-mcp` put it on the
path, and no Python runs with it. The same bytes for the same input (SOURCE_DATE_EPOCH).

usage: wheel.py OUT VERSION ARCH PROGRAM NOTICES        ARCH: amd64, arm64; prints the wheel's path
Format: the binary distribution format of packaging.python.org, core metadata 2.1.
"""
import base64
import hashlib
import os
import sys
import time
import zipfile

out, version, arch, program, notices = sys.argv[1:]
machine = {"amd64": "x86_64", "arm64": "aarch64"}[arch]
# A static program runs with any C library.
tag = f"py3-none-manylinux2014_{machine}.musllinux_1_1_{machine}"
info = f"k0rdent_mcp-{version}.dist-info"
metadata = f"""Metadata-Version: 2.1
Name: k0rdent-mcp
Version: {version}
Summary: MCP server for k0rdent management clusters
License: Apache-2.0
Requires-Python: >=3.8
Description-Content-Type: text/markdown

An MCP server for k0rdent management clusters, as one static program: `uvx k0rdent-mcp stdio --kubeconfig FILE`.

mcp-name: io.github.k0rdent/k0rdent-mcp
"""


def content(path):
    with open(path, "rb") as file:
        return file.read()


files = [(f"k0rdent_mcp-{version}.data/scripts/k0rdent-mcp", content(program), 0o755)]
files += [(f"{info}/licenses/{name}", content(os.path.join(notices, name)), 0o644) for name in sorted(os.listdir(notices))]
files += [
    (f"{info}/METADATA", metadata.encode(), 0o644),
    (f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: wheel.py\nRoot-Is-Purelib: false\n{''.join(f'Tag: py3-none-{each}' + chr(10) for each in tag[9:].split('.'))}".encode(), 0o644),
]


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, data, _ in files) + f"{info}/RECORD,,\n"
files.append((f"{info}/RECORD", record.encode(), 0o644))
path = os.path.join(out, f"k0rdent_mcp-{version}-{tag}.whl")
with zipfile.ZipFile(path, "w") as wheel:
    for name, data, mode in files:
        entry = zipfile.ZipInfo(name, time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = (0o100000 | mode) << 16
        wheel.writestr(entry, data, compresslevel=9)
print(path)
