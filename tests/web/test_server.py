import asyncio
import socket
import stat

import httpx
import pytest

from noonward.core.model import Mode, Reading
from noonward.errors import UsageError
from noonward.web.server import bind_control, bind_port, serving
from support.fakeengine import NOON, FakeEngine, appliance


@pytest.fixture
def engine():
    return FakeEngine(appliance(mode=Mode.MANUAL)).see(grid_w=Reading(0.0, NOON))


def over(path):
    return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(path)), base_url="http://localhost")


async def test_the_socket_sets_and_the_port_shows(engine, tmp_path):
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place:
        async with over(place.control) as control:
            answer = await control.put("/api/v1/policies/boiler/switch", json={"on": True})
            assert answer.status_code == 200
        async with httpx.AsyncClient(base_url=place.url) as port:
            assert (await port.get("/api/v1/policies/boiler")).json()["on"] is True
            assert (await port.put("/api/v1/policies/boiler/switch", json={"on": False})).status_code == 401
            assert (await port.get("/", headers={"host": "evil.test"})).status_code == 421
            assert "server" not in (await port.get("/healthz")).headers
    assert engine.inputs["boiler"].switch_on is True


async def test_only_the_owner_may_speak_to_the_socket(engine, tmp_path):
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place:
        assert stat.S_IMODE(place.control.stat().st_mode) == 0o600
    assert not place.control.exists()


async def test_an_open_stream_does_not_keep_the_daemon_from_ending(engine, tmp_path):
    async def read(url):
        async with httpx.AsyncClient() as client, client.stream("GET", f"{url}api/v1/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                lines.append(line)
                opened.set()

    lines, opened = [], asyncio.Event()
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place:
        readers = [asyncio.create_task(read(place.url)) for _ in range(3)]
        await asyncio.wait_for(opened.wait(), 5)
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 1.0
    await asyncio.wait_for(asyncio.gather(*readers), 5)
    assert lines.count("event: stopping") == 3
    assert engine.publishers == []


async def test_a_client_that_vanishes_is_forgotten(engine, tmp_path):
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(place.url.rpartition(":")[2].strip("/")))
        writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(b"event: site"), 5)
        assert len(engine.publishers) == 1
        writer.transport.abort()
        for _ in range(100):
            if not engine.publishers:
                break
            await asyncio.sleep(0.02)
        assert engine.publishers == []


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 400_000,  # headers without end
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # somebody tries TLS
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\nX\r\n\r\n",
    ],
)
async def test_nonsense_is_refused_and_harms_nobody(engine, tmp_path, request_text):
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(place.url.rpartition(":")[2].strip("/")))
        try:
            writer.write(request_text)
            answer = await asyncio.wait_for(reader.read(64), 5)
        finally:
            writer.close()
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 421"))
        async with httpx.AsyncClient(base_url=place.url) as client:
            assert (await client.get("/healthz")).status_code == 200


async def test_a_crowd_on_the_port_leaves_the_socket_free(engine, tmp_path, monkeypatch):
    monkeypatch.setattr("noonward.web.server.CONNECTIONS_MAX", 2)
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place:
        number = int(place.url.rpartition(":")[2].strip("/"))
        crowd = [await asyncio.open_connection("127.0.0.1", number) for _ in range(3)]
        async with httpx.AsyncClient(base_url=place.url) as port:
            assert (await port.get("/healthz")).status_code == 503
        async with over(place.control) as control:
            assert (await control.get("/healthz")).status_code == 200
        for _, writer in crowd:
            writer.close()


def test_a_socket_left_behind_is_replaced(tmp_path):
    path = tmp_path / "control.sock"
    bind_control(path).close()  # as after SIGKILL: the file stays
    assert path.is_socket()
    with bind_control(path) as bound:
        assert bound.getsockname() == str(path)


def test_a_socket_that_answers_is_not_taken_away(tmp_path):
    path = tmp_path / "control.sock"
    with bind_control(path), pytest.raises(UsageError, match="another noonward runs"):
        bind_control(path)


async def test_a_successor_keeps_its_socket(engine, tmp_path):
    async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0)) as place:
        place.control.unlink()
        successor = bind_control(place.control)
    assert place.control.is_socket()
    successor.close()


def test_what_is_no_socket_stays(tmp_path):
    path = tmp_path / "control.sock"
    path.write_text("mine")
    with pytest.raises(UsageError, match="cannot create"):
        bind_control(path)
    assert path.read_text() == "mine"


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"cannot create .*No such file"):
        bind_control(tmp_path / "missing" / "control.sock")


def test_a_taken_port_is_said():
    with bind_port("127.0.0.1", 0) as taken, pytest.raises(UsageError, match=r"something else listens there.*--http"):
        bind_port("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "words"),
    [("192.0.2.1", "not an address of this machine"), ("no such host", "name an address of this machine")],
)
def test_an_address_of_elsewhere_is_said(host, words, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    if " " in host:  # no test asks a name server
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UsageError, match=words):
        bind_port(host, 0)


async def test_six_is_spoken_too(engine, tmp_path):
    try:
        bind_port("::1", 0).close()
    except UsageError:
        pytest.skip("this machine has no IPv6")
    async with serving(engine, state_dir=tmp_path, listen=("::1", 0)) as place:
        assert place.url.startswith("http://[::1]:")
        async with httpx.AsyncClient(base_url=place.url) as client:
            assert (await client.get("/healthz")).status_code == 200
