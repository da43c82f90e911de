"""What a user of the official Python SDK (1.x by ClientSession, 2.x by Client) does in a day, on one server:
connect, list, call, read, subscribe, be told of an update; then the server is restarted, and it goes on.

usage: python story.py URL MODE     MODE: of SDK 2.x, "legacy" or "auto"; 1.x knows one only
Each step that went well is a line "ok STEP DETAIL" on standard output; what went wrong ends the program with the
reason on standard error. At "ok ready" the server is restarted by whoever started us; a line on standard input says when.
"""
import asyncio
import contextlib
import sys
import time

NAMESPACE = "team-a"
URI = f"k0rdent://events/{NAMESPACE}"
STEP_SECONDS = 15
LIVE_AFTER = 0.7  # seconds after subscribing: the snapshot is told long before


def ok(step, detail=""):
    print("ok", step, detail, flush=True)


def notification(message):
    """Name and params of whatever shape a message has: 1.x wraps it in a root model."""
    inner = getattr(message, "root", message)
    return type(inner).__name__, getattr(inner, "params", None)


class Updates:
    def __init__(self):
        self.came = asyncio.Queue()

    async def on_message(self, message):
        name, params = notification(message)
        if name == "ResourceUpdatedNotification":
            await self.came.put((time.monotonic(), params))

    async def live(self, since):
        while True:
            at, params = await asyncio.wait_for(self.came.get(), STEP_SECONDS)
            if at - since < LIVE_AFTER:
                continue
            # SDK 2.x gives an event on a listen stream that names the URI and nothing else.
            text = str(params)
            if not isinstance(params, str) and "delta" not in text:
                raise RuntimeError(f"an update without its delta: {text}")
            return


class First:
    """SDK 1.x."""

    @contextlib.asynccontextmanager
    async def connected(self, url):
        from mcp import ClientSession
        from mcp.client import streamable_http

        open_stream = getattr(streamable_http, "streamablehttp_client", None) or streamable_http.streamable_http_client
        self.updates = Updates()
        async with open_stream(url) as streams:
            async with ClientSession(streams[0], streams[1], message_handler=self.updates.on_message) as session:
                self.session = session
                result = await session.initialize()
                self.revision = result.protocolVersion
                yield self

    async def subscribe(self, wait):
        from pydantic import AnyUrl

        since = time.monotonic()
        await self.session.subscribe_resource(AnyUrl(URI))
        ok("subscribe")
        await self.updates.live(since)

    async def read(self):
        from pydantic import AnyUrl

        return (await self.session.read_resource(AnyUrl(URI))).contents

    def text_of(self, result):
        if result.isError:
            raise RuntimeError(result.content[0].text)
        return result.content[0].text


class Second:
    """SDK 2.x."""

    def __init__(self, mode):
        self.mode = mode

    @contextlib.asynccontextmanager
    async def connected(self, url):
        from mcp import Client

        self.updates = Updates()
        async with Client(url, mode=self.mode, message_handler=self.updates.on_message) as client:
            self.session = client
            self.revision = client.protocol_version
            yield self

    async def subscribe(self, wait):
        since = time.monotonic()
        if self.revision < "2026-07-28":
            await self.session.subscribe_resource(URI)
            ok("subscribe")
            return await self.updates.live(since)
        async with self.session.listen(resource_subscriptions=[URI]) as events:
            ok("subscribe", "listen")
            async with asyncio.timeout(STEP_SECONDS):
                async for event in events:
                    if time.monotonic() - since >= LIVE_AFTER:
                        return

    async def read(self):
        return (await self.session.read_resource(URI)).contents

    def text_of(self, result):
        if result.is_error:
            raise RuntimeError(result.content[0].text)
        return result.content[0].text


async def call(client):
    result = await client.session.call_tool("k0rdent.mgmt.namespaces.list", {})
    if NAMESPACE not in client.text_of(result):
        raise RuntimeError(f"{NAMESPACE} is not in the list of namespaces")
    # What an adapter writes for everything that was left out.
    nulls = {"namespace": NAMESPACE, "types": None, "forKind": None, "limit": None, "labelSelector": None}
    client.text_of(await client.session.call_tool("k0rdent.mgmt.events.list", nulls))
    ok("call")


async def day(client):
    ok("connect", client.revision)
    tools = [tool.name for tool in (await client.session.list_tools()).tools]
    if "k0rdent.mgmt.events.list" not in tools:
        raise RuntimeError(f"tools: {tools}")
    ok("list", str(len(tools)))
    await call(client)
    if not (await client.read())[0].text:
        raise RuntimeError("an empty resource")
    ok("read")
    await client.subscribe(ok)
    ok("update")


async def main(url, mode):
    import importlib.metadata

    second = importlib.metadata.version("mcp").startswith("2.")
    client = Second(mode) if second else First()
    seen = None
    # Leaving the context of a client whose server went away is allowed to be ugly.
    with contextlib.suppress(asyncio.CancelledError, *() if seen else ()):
        try:
            async with client.connected(url):
                await day(client)
                ok("ready")
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
                try:
                    await asyncio.wait_for(call(client), STEP_SECONDS)
                    await client.subscribe(ok)
                    ok("survive", "same client")
                    return
                except Exception as error:
                    seen = error
        except Exception as error:
            if seen is None:
                raise
            print("note on leaving:", repr(error), file=sys.stderr)
    if seen is None:
        raise RuntimeError("the story was cut short")
    print("note after the restart:", str(seen) or repr(seen), flush=True)
    again = Second(mode) if second else First()
    async with again.connected(url):
        await day(again)
        ok("survive", "new client")


asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "auto"))
