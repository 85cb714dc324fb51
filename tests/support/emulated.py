"""A central system without a socket for an emulated station: it accepts everything, at once."""

from __future__ import annotations

from datetime import UTC, datetime

from noonward.emulate.faults import Faults
from noonward.emulate.station import Station
from noonward.emulate.v16 import V16
from noonward.emulate.v201 import V201

NOON = 1_780_315_200.0  # 2026-06-01 12:00 UTC
VERSIONS = ("1.6", "2.0.1")


def written(t):
    return datetime.fromtimestamp(t, UTC).isoformat().replace("+00:00", "Z")


class Desk:
    """A station, the time, and everything that it said: moment, action, payload."""

    def __init__(self, version="1.6", faults=None, *, connect=True, verdict="Accepted", **more):
        self.version, self.now, self.heard, self.verdict = version, NOON, [], verdict
        dialect = {"1.6": V16, "2.0.1": V201}[version]()
        self.station = Station(id="cp-01", dialect=dialect, faults=faults or Faults(), now=NOON, **more)
        self._transactions = 41
        if connect:
            self.connect()

    def connect(self):
        self.station.connected(self.now)
        self.read()

    def cut(self):
        self.station.disconnected(self.now)

    def later(self, seconds):
        self.now += seconds
        self.station.live(self.now)
        self.read()

    def read(self):
        """Take and answer what it has to say, as long as it is connected; return it."""
        heard = []
        while self.station.online and self.station.outbox:
            message = self.station.outbox.popleft()
            self.station.dialect.number(message)
            heard.append((self.now, message.action, message.payload))
            if message.answered is not None:
                message.answered(self._answer(message.action))
        self.heard += heard
        return heard

    def ask(self, action, **payload):
        answer = self.station.hear(action, payload, self.now)
        self.read()
        return answer

    def plug(self, vehicle, number=1):
        self.station.plug(vehicle, number)
        self.read()

    def actions(self):
        return [action for _, action, _ in self.heard]

    def payloads(self, action):
        return [payload for _, heard, payload in self.heard if heard == action]

    def statuses(self):
        return [
            p.get("status", p.get("connectorStatus"))
            for p in self.payloads("StatusNotification")
            if p.get("connectorId")
        ]

    def offer_a(self, number=1):
        return self.station.connectors[number - 1].offer_a(self.station.t, online=self.station.online)

    def currents_a(self, number=1):
        return self.station.connectors[number - 1].currents_a(self.station.t, online=self.station.online)

    def profile(
        self,
        *periods,
        purpose="TxProfile",
        connector=1,
        unit="A",
        stack=1,
        kind="Absolute",
        ident=None,
        start=None,
        phases=None,
        **more,
    ):
        """Send a charging profile of periods (seconds from now, limit); return whether it was accepted."""
        schedule = {
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [
                {"startPeriod": at, "limit": limit} | ({} if phases is None else {"numberPhases": phases})
                for at, limit in periods
            ],
        } | ({} if kind == "Relative" else {"startSchedule": written(self.now if start is None else start)})
        schedule |= {key: more.pop(key) for key in ("duration",) if key in more}
        ident = ident if ident is not None else {"TxProfile": 200, "TxDefaultProfile": 100}.get(purpose, 1) + connector
        raw = {"stackLevel": stack, "chargingProfilePurpose": purpose, "chargingProfileKind": kind, **more}
        if self.version == "1.6":
            wire = {
                "connectorId": connector,
                "csChargingProfiles": {"chargingProfileId": ident, **raw, "chargingSchedule": schedule},
            }
        else:
            wire = {
                "evseId": connector,
                "chargingProfile": {"id": ident, **raw, "chargingSchedule": [{"id": 1, **schedule}]},
            }
        return self.ask("SetChargingProfile", **wire)["status"] == "Accepted"

    def _answer(self, action):
        self._transactions += action == "StartTransaction"
        verdict = {"status": self.verdict}
        return {
            "BootNotification": {"status": "Accepted", "currentTime": written(self.now), "interval": 300},
            "StartTransaction": {"transactionId": self._transactions, "idTagInfo": verdict},
            "Authorize": {"idTagInfo": verdict, "idTokenInfo": verdict},
            "TransactionEvent": {"idTokenInfo": verdict},
        }.get(action, {})
