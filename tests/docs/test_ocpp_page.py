"""The pages on OCPP: entries are entries, commands make what the driver takes, models are those that ship."""

from __future__ import annotations

import re
import shlex
import shutil
import ssl
import subprocess
from pathlib import Path

import jsonschema
import pytest
import ruamel.yaml

from noonward.ports import ConfigFault
from noonward_drivers.ocpp import auth
from noonward_drivers.ocpp.driver import DRIVER
from noonward_drivers.ocpp.schema import SCHEMA
from support.docpage import generator

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "ocpp.md").read_text(encoding="utf-8")
ENTRIES = [
    entry
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for entry in ruamel.yaml.YAML(typ="safe").load(block)["devices"].values()
]
COMMANDS = [
    shlex.split(line)
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]


@pytest.mark.parametrize("entry", ENTRIES, ids=range(len(ENTRIES)))
def test_an_example_is_an_entry_that_the_driver_takes(entry):
    config = {key: value for key, value in entry.items() if key != "driver"}
    jsonschema.validate(config, SCHEMA)
    assert not isinstance(DRIVER.describe(config), ConfigFault)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_the_commands_make_keys_and_certificates_that_work(tmp_path):
    printed = [
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True) for command in COMMANDS
    ]
    assert len(printed[0].stdout.strip()) == 20
    context = auth.server_context(tmp_path / "tls.crt", tmp_path / "tls.key", tmp_path / "stations-ca.crt")
    assert context.verify_mode is ssl.CERT_OPTIONAL
    verified = subprocess.run(
        ["openssl", "verify", "-CAfile", "stations-ca.crt", "cp-03.crt"], cwd=tmp_path, capture_output=True, check=False
    )
    assert verified.returncode == 0
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_cert_chain(tmp_path / "cp-03.crt", tmp_path / "cp-03.key")


def test_the_page_of_models_is_what_the_profiles_say():
    module = generator("stations")
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run: python docs/generate/stations.py"
