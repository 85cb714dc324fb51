"""What site.yaml says of the world around."""

from __future__ import annotations

import pytest

from noonward.errors import PolicyError
from noonward.policy.bridges import Bridges, Influx, Mqtt, Tls, Webhook
from noonward.policy.language import Language
from noonward.policy.load import load

SITE = """\
kind: site/v1
name: house-12
timezone: Europe/Zurich
grid: {phases: 3}
"""
SECRET = "s3cret"  # noqa: S105 - a test's
ENVIRON = {"HOOK": "https://example.org/x?key=1", "SECRET": SECRET, "NONE": "example.org"}


def around(tmp_path, text, environ=ENVIRON):
    (tmp_path / "site.yaml").write_text(SITE + text)
    return load(tmp_path, environ=environ).bridges


def test_a_site_speaks_to_nobody_unless_it_says_so(tmp_path):
    assert around(tmp_path, "") == Bridges()


MQTT = [
    ("{host: broker.lan}", Mqtt(host="broker.lan", port=1883, topic="noonward/house-12")),
    ("{host: 10.0.0.2, tls: true}", Mqtt(host="10.0.0.2", port=8883, tls=Tls(), topic="noonward/house-12")),
    ("{host: b, port: 1, topic: a/b, discovery: false}", Mqtt(host="b", port=1, topic="a/b", discovery=None)),
    (
        '{host: b, tls: {ca: /etc/ca.pem, cert: pki/a.pem}, user: u, password: "${env:SECRET}", commands: true, language: it}',
        Mqtt(
            host="b",
            port=8883,
            tls=Tls(ca="/etc/ca.pem", cert="{folder}/pki/a.pem"),
            user="u",
            password=SECRET,
            topic="noonward/house-12",
            commands=True,
            language=Language.IT,
        ),
    ),
]


@pytest.mark.parametrize(("written", "expected"), MQTT)
def test_the_broker(tmp_path, written, expected):
    found = around(tmp_path, f"mqtt: {written}\n")
    text = repr(found.mqtt).replace(str(tmp_path), "{folder}")
    assert text == repr(expected)
    assert found.mqtt.password == expected.password


def test_the_database(tmp_path):
    assert around(
        tmp_path, 'influx: {url: "http://db:8086/", bucket: b, token: "${env:SECRET}", every: 1 min}\n'
    ).influx == Influx(url="http://db:8086", bucket="b", token=SECRET, every_s=60.0)
    assert around(tmp_path, 'influx: {url: "http://db", bucket: b, org: o}\n').influx.every_s == 10.0


def test_webhooks(tmp_path):
    written = 'webhooks: [{url: "${env:HOOK}", secret: "${env:SECRET}", language: fr, level: trouble}, {url: "http://a.b/c"}]\n'
    first, second = around(tmp_path, written).webhooks
    assert first == Webhook(url=ENVIRON["HOOK"], secret=SECRET, language=Language.FR, level="trouble")
    assert (second.secret, second.language, second.level) == (None, Language.EN, "note")
    assert first.host == "example.org"


def test_no_secret_shows(tmp_path):
    written = (
        'mqtt: {host: b, password: "${env:SECRET}"}\ninflux: {url: "http://db", bucket: b, token: "${env:SECRET}"}\n'
    )
    shown = repr(around(tmp_path, written + 'webhooks: [{url: "${env:HOOK}", secret: "${env:SECRET}"}]\n'))
    assert SECRET not in shown
    assert "key=1" not in shown


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('mqtt: {host: b, password: "${env:GONE}"}', "D311"),
        ('webhooks: [{url: "${env:GONE}"}]', "D311"),
        ('webhooks: [{url: "${env:NONE}"}]', "D312"),
        ('influx: {url: "http://a:99999", bucket: b}', "D312"),
    ],
)
def test_what_the_environment_lacks_keeps_it_from_running(tmp_path, written, said):
    with pytest.raises(PolicyError, match=said) as refused:
        around(tmp_path, written + "\n")
    assert "example.org" not in str(refused.value).partition("for example")[0]
    around(tmp_path, written + "\n", environ=None)  # CI has no secrets
