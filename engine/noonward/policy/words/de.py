"""Every word that people are told, in German; as people read it in Germany, Austria and Switzerland (no sharp s)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.model import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTENCES: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        "Ein: Der Überschuss deckt {covers}, es geht weiter bis hinab zu {stops_below}; bis {by} fehlen {missing_wh}.",
        "Ein: {surplus_w} Überschuss, genug für {vehicles} der Fahrzeuge in der Zone.",
        "Ein: {surplus_w} Überschuss dafür übrig; es geht weiter bis hinab zu {off_below_w}.",
        "Ein: {surplus_w} Überschuss dafür übrig.",
        "Ein: Genug Überschuss dafür übrig.",
    ),
    ReasonCode.TIMER: (
        "Ein: Das Zeitfenster «{window}» ist bis {until} offen.",
        "Ein: Das Zeitfenster «{window}» ist offen.",
        "Ein: Ein Zeitfenster ist offen.",
    ),
    ReasonCode.ALWAYS_ON: ("Ein: Die Betriebsart ist «immer ein».",),
    ReasonCode.ALWAYS_OFF: ("Aus: Die Betriebsart ist «immer aus».",),
    ReasonCode.SWITCH_ON: ("Ein: Von Hand eingeschaltet.",),
    ReasonCode.SWITCH_OFF: ("Aus: Der Schalter steht auf Aus.",),
    ReasonCode.MIN_ON: (
        "Ein: Einmal gestartet, läuft es mindestens {min_on_s}, bis {until}.",
        "Ein: Einmal gestartet, läuft es mindestens {min_on_s}.",
        "Ein: Die Mindestlaufzeit ist noch nicht um.",
    ),
    ReasonCode.MIN_OFF: (
        "Wartet: Einmal gestoppt, bleibt es mindestens {min_off_s} aus, bis {until}.",
        "Wartet: Einmal gestoppt, bleibt es mindestens {min_off_s} aus.",
        "Wartet: Die Mindestpause ist noch nicht um.",
    ),
    ReasonCode.ON_DELAY: (
        "Wartet: {surplus_w} Überschuss, {on_above_w} genügen; Start {until:um|am}, wenn das anhält.",
        "Wartet: {surplus_w} Überschuss, das genügt; ein Fahrzeug startet {until:um|am}, wenn das anhält.",
        "Wartet: Genug Überschuss; Start {until:um|am}, wenn das anhält.",
        "Wartet: Genug Überschuss; Start, wenn das anhält.",
    ),
    ReasonCode.OFF_DELAY: (
        (
            "Vorerst ein: {surplus_w} Überschuss, weniger als {off_below_w}; Stopp {until:um|am}, "
            "wenn der Überschuss nicht wiederkommt."
        ),
        (
            "Vorerst ein: {surplus_w} Überschuss, zu wenig für alle, die laden; eines pausiert {until:um|am}, "
            "wenn er nicht wiederkommt."
        ),
        "Vorerst ein: Zu wenig Überschuss; Stopp {until:um|am}, wenn er nicht wiederkommt.",
        "Vorerst ein: Zu wenig Überschuss; Stopp, wenn er nicht wiederkommt.",
    ),
    ReasonCode.TOO_LITTLE_SURPLUS: (
        "Der Überschuss deckt {covers}; der Plan startet bei {starts_at}, ein Lauf geht bis hinab zu {stops_below}.",
        "{surplus_w} Überschuss dafür; ein damit begonnener Lauf geht bis hinab zu {off_below_w} weiter.",
        "Wartet: {surplus_w} Überschuss dafür, Start bei {on_above_w}.",
        "Wartet: {surplus_w} Überschuss, zu wenig für ein weiteres Fahrzeug.",
        "Wartet: Zu wenig Überschuss.",
    ),
    ReasonCode.OUTSIDE_WINDOW: (
        "Aus: Bis {until} ist kein Zeitfenster offen.",
        "Aus: Kein Zeitfenster ist offen.",
    ),
    ReasonCode.NEED_FORCED: (
        "Ein: Letzte Gelegenheit vor {by}, es fehlen {missing_wh}.",
        "Ein: Bis {departure} werden {energy_wh} gebraucht, das nimmt alle Zeit in Anspruch.",
        "Ein: Was gebraucht wird, war anders nicht rechtzeitig zu haben.",
    ),
    ReasonCode.PLAN_WAITS: (
        (
            "Wartet auf mehr Sonne: {covers} gedeckt, Start bei {starts_at}, wohl etwa {likely_at:um|am};"
            " bis {by} werden {missing_wh} gebraucht."
        ),
        "Wartet auf mehr Sonne: {covers} gedeckt, Start bei {starts_at}; bis {by} werden {missing_wh} gebraucht.",
        "Wartet auf mehr Sonne: Bis {by} werden {missing_wh} gebraucht.",
        "Wartet auf mehr Sonne: Die Zeit reicht.",
    ),
    ReasonCode.CHARGE_NOW: (
        "Ein: {by} möchte {energy_wh} sofort, längstens bis {until}.",
        "Ein: {by} möchte es sofort, bis {until}.",
        "Ein: {by} möchte {energy_wh} sofort.",
        "Ein: {by} möchte es sofort.",
        "Ein: Jemand möchte {energy_wh} sofort.",
        "Ein: Jemand möchte es sofort, bis {until}.",
        "Ein: Es soll sofort geladen werden, mit oder ohne Sonne.",
    ),
    ReasonCode.DETECTING_PHASES: ("Ein: Ein kurzer Test stellt fest, auf wie vielen Phasen das Fahrzeug lädt.",),
    ReasonCode.BELOW_MINIMUM: (
        "Wartet: Es bleiben weniger als {min_current_a} je Phase, das Mindeste für ein Fahrzeug.",
        "Wartet: Es bleibt weniger als das Mindeste für ein Fahrzeug.",
    ),
    ReasonCode.ZONE_FULL: ("Wartet: Andere Fahrzeuge brauchen, was die Zone hat; es geht reihum.",),
    ReasonCode.FUSE: ("Zurückgehalten: Sonst flösse auf einer Phase mehr, als ihre Sicherung trägt.",),
    ReasonCode.IMPORT_CAP: ("Zurückgehalten: Sonst käme mehr aus dem Netz als erlaubt.",),
    ReasonCode.DIMMED: ("Zurückgehalten: Der Netzbetreiber hat die steuerbaren Geräte begrenzt.",),
    ReasonCode.PREEMPTED: ("Wartet: Der Überschuss geht an etwas, das Vorrang hat.",),
    ReasonCode.SETTLING: ("Unverändert: Die Messung zeigt die letzte Schaltung noch nicht.",),
    ReasonCode.BOOST: (
        "Ein: Auf Wunsch bis {until}.",
        "Ein: Auf Wunsch.",
    ),
    ReasonCode.OVERRIDE: (
        "{by} hat bis {until} die Betriebsart «{mode}» gewählt: {reason}",
        "{by} hat bis {until} die Betriebsart «{mode}» gewählt.",
        "{by} hat bis auf Weiteres die Betriebsart «{mode}» gewählt: {reason}",
        "{by} hat bis auf Weiteres die Betriebsart «{mode}» gewählt.",
        "Bis {until} gilt die Betriebsart «{mode}».",
        "Vorübergehend gilt die Betriebsart «{mode}».",
        "Vorübergehend gilt eine andere Betriebsart.",
    ),
    ReasonCode.DARK_START: (
        "Wartet: Der Strom ist eben wieder da, die Geräte starten nacheinander, dieses {until:um|am}.",
        "Wartet: Der Strom ist eben wieder da, die Geräte starten nacheinander.",
    ),
    ReasonCode.ENGINE_FAULT: ("Freigegeben: Die Steuerung hat einen eigenen Fehler; im Protokoll steht, welchen.",),
    ReasonCode.METER_HELD: (
        "Unverändert: Der letzte Wert des Netzzählers ist {grid_age_s} alt, darauf startet und stoppt nichts.",
        "Unverändert: Der Netzzähler hat noch nicht geantwortet.",
    ),
    ReasonCode.METER_STALE: (
        "Sicherheitsstellung «{then}»: Der Netzzähler schweigt seit {grid_age_s}.",
        "Sicherheitsstellung «{then}»: Der Netzzähler schweigt.",
        "Sicherheitsstellung: Der Netzzähler schweigt.",
    ),
    ReasonCode.NO_VEHICLE: ("Wartet: Kein Fahrzeug ist eingesteckt.",),
    ReasonCode.ASLEEP: (
        (
            "Das Fahrzeug schläft: Es nimmt den angebotenen Strom nicht. "
            "Weckversuche: {attempts} von 3, dann muss jemand hin."
        ),
        "Das Fahrzeug schläft: Es nimmt den angebotenen Strom nicht.",
    ),
    ReasonCode.WAKING: (
        "Das Fahrzeug nimmt den angebotenen Strom nicht und wird geweckt: Versuch {attempts} von 3.",
        "Das Fahrzeug nimmt den angebotenen Strom nicht und wird geweckt.",
    ),
    ReasonCode.SATISFIED: (
        "Ruht: Die nötigen {needed_wh} sind da; der nächste Bedarf beginnt {until:um|am}.",
        "Ruht: Der angebotene Strom wurde nicht genommen; das nächste Angebot folgt {until:um|am}.",
        "Ruht: Seit dem Einstecken {charged_wh} geladen; mehr wird nicht genommen.",
        "Ruht: Hat genug und nimmt keinen Strom.",
    ),
    ReasonCode.NOT_ANSWERING: (
        "Das Relais folgt seit {unconfirmed_s} dem letzten Befehl nicht; er wird wiederholt.",
        "Die Ladestation gehorcht nicht: {drawn_a} statt {limit_a}; der Befehl wird wiederholt.",
        (
            "Der Station lässt sich gerade nichts vorgeben: Sie ist {online}, ihr letzter Status ist «{status}». "
            "Was sie ziehen darf, bleibt für sie frei."
        ),
        "Der Station lässt sich gerade nichts vorgeben: Sie ist {online}. Was sie ziehen darf, bleibt für sie frei.",
        "Der letzte Befehl wurde nicht befolgt; er wird wiederholt.",
    ),
    ReasonCode.STARTS_EXHAUSTED: (
        "Wartet: Seit dem Einstecken {starts} Mal gestartet; bei noch mehr Starts sperren sich Fahrzeuge.",
        "Wartet: In diesem Ladevorgang so oft gestartet, wie erlaubt ist.",
    ),
}

SCARCE: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        "Ein: Vor {by} kommt wohl zu wenig Sonne für {missing_wh}; jeder Überschuss zählt, bis hinab zu {stops_below}.",
    ),
    ReasonCode.PLAN_WAITS: (
        "Wartet: Vor {by} kommt wohl zu wenig Sonne für {missing_wh}; Start bei jedem Überschuss.",
    ),
}

PHRASES: Mapping[str, str] = {
    # numbers and moments
    "number.decimal": ",",
    "number.space": "\N{NO-BREAK SPACE}",
    "unit.min": "min",
    "unit.h": "h",
    "unit.d": "Tg.",
    "moment.weekdays": "Mo Di Mi Do Fr Sa So",
    "moment.days": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "moment.weekday": "{weekday} {time}",
    "moment.date": "{day}.{month}.{year} {time}",
    "nothing.surplus_w": "kein",
    "nothing.covers": "nichts",
    "nothing.stops_below": "0 %, mit bis zu {share} aus dem Netz",
    # what facts are called
    "mode.auto-solar": "Sonne",
    "mode.auto-timer": "Sonne oder Zeitfenster",
    "mode.timer": "Zeitfenster",
    "mode.always-on": "immer ein",
    "mode.always-off": "immer aus",
    "mode.manual": "von Hand",
    "then.release": "freigeben",
    "then.keep": "beibehalten",
    "then.force": "einschalten",
    "online.yes": "verbunden",
    "online.no": "nicht verbunden",
    "status.available": "frei",
    "status.preparing": "bereitet vor",
    "status.charging": "lädt",
    "status.suspended-ev": "vom Fahrzeug angehalten",
    "status.suspended-evse": "von der Station angehalten",
    "status.finishing": "wird beendet",
    "status.reserved": "reserviert",
    "status.unavailable": "nicht in Betrieb",
    "status.faulted": "gestört",
    # what time brings, and what else would change a policy
    "next": "{at:Um|Am} {what}.",
    "next.override-ends": "endet die gewählte Betriebsart",
    "next.boost-ends": "endet der Lauf auf Wunsch",
    "next.min-on-over": "endet die Mindestlaufzeit",
    "next.min-off-over": "endet die Mindestpause",
    "next.starts": "folgt der Start, wenn der Überschuss anhält",
    "next.stage-up": "folgt die nächste Stufe, wenn der Überschuss anhält",
    "next.stops": "folgt der Stopp, wenn der Überschuss zu klein bleibt",
    "next.offered": "wird wieder Strom angeboten",
    "next.forced": "läuft es für den Bedarf, wenn die Sonne nichts gebracht hat",
    "next.due": "muss der Bedarf gedeckt sein",
    "next.anew": "beginnt der Bedarf von Neuem",
    "next.window-opens": "öffnet das Zeitfenster",
    "next.window-closes": "endet das Zeitfenster",
    "next.named-window-opens": "öffnet das Zeitfenster «{window}»",
    "next.named-window-closes": "endet das Zeitfenster «{window}»",
    "next.vehicle-starts": "startet ein Fahrzeug, wenn der Überschuss anhält",
    "next.one-more-starts": "startet ein weiteres Fahrzeug, wenn der Überschuss anhält",
    "next.vehicle-pauses": "pausiert ein Fahrzeug, wenn der Überschuss zu klein bleibt",
    "next.test-over": "endet spätestens der Phasentest an {station}",
    "next.min-on-over-at": "endet die Mindestlaufzeit an {station}",
    "next.charge-now-ends": "endet «Jetzt laden» an {station}",
    "next.driver-leaves": "ist die Abfahrt an {station}",
    "left": "",
    "left.for": " während {delay}",
    "condition.starts": "Start bei {power} Überschuss{left}.",
    "condition.stage-up": "Eine Stufe höher bei {power} Überschuss{left}.",
    "condition.stops": "Stopp bei weniger als {power} Überschuss{left}.",
    "condition.stage-down": "Eine Stufe tiefer bei weniger als {power} Überschuss{left}.",
    "condition.vehicle-starts": "Ein Fahrzeug startet bei Überschuss für sein Minimum ({current} je Phase){left}.",
    "condition.vehicle-starts-on-part": (
        "Ein Fahrzeug startet bei Überschuss für {share} seines Minimums ({current} je Phase){left}."
    ),
    "condition.vehicle-pauses": "Eines pausiert bei Überschuss für weniger als {share} seines Minimums{left}.",
    "condition.plan-starts": "Start, sobald {share} gedeckt sind; der Plan wird jede Viertelstunde erneuert.",
    "condition.plan-starts-lasting": (
        "Start, sobald {share} während {delay} gedeckt sind; der Plan wird jede Viertelstunde erneuert."
    ),
    "condition.plan-goes-on": "Läuft weiter, solange {share} gedeckt sind; der Plan wird jede Viertelstunde erneuert.",
    "condition.plan-buys": "Läuft mit bis zu {share} aus dem Netz weiter; der Plan wird jede Viertelstunde erneuert.",
    "condition.switch": "Folgt dem Schalter: «noonward switch {name} on» oder «off».",
    "condition.mode": "Ändert sich nur mit der Betriebsart.",
    # states of a policy
    "state.off": "Aus",
    "state.on": "Ein",
    "state.stage": "Stufe {stage}",
    "state.solar": "Mit Sonne",
    "state.minimum": "Minimum",
    "state.full": "Volle Leistung",
    "state.normal": "Normal",
    "state.recommended": "Empfohlen",
    "state.forced": "Erzwungen",
    # before the first decision
    "undecided.fault": "Noch nicht entschieden: Die Steuerung hat einen eigenen Fehler.",
    "undecided.starting": "Noch nicht entschieden: Die Steuerung startet.",
    # needs and plans
    "need.full": "hat genug: {drawn} von {energy} genommen, mehr nicht",
    "need.met": "{energy} sind da",
    "need.open": "{drawn} von {energy}, {missing} fehlen",
    "need.open-by": "{drawn} von {energy}, {missing} fehlen bis {by}",
    "need.open-over": "{drawn} von {energy}, {missing} fehlten am Ende ({by})",
    "need.all-by": "{drawn} von {energy}, alles fehlt noch bis {by}",
    "need.all-over": "{drawn} von {energy}, alles fehlte am Ende ({by})",
    "plan.unlearnt": "noch nichts gelernt; ",
    "plan.starts": "startet bei {share} von der Sonne",
    "plan.any-sun": "nimmt jede Sonne",
    "plan.likely": ", wohl etwa {at:um|am}",
    "plan.stops": ", Stopp unter {share}",
    "plan.stops-at-none": ", Stopp ohne Sonne",
    "plan.stops-buying": ", Stopp, wenn keine da ist und {share} aus dem Netz kämen",
    "learnt.none": "Noch kein ganzer Tag dieser Anlage gelernt; Pläne beginnen nach dem ersten.",
    "learnt.some": "{days} von {all} Tagen dieser Anlage gelernt.",
    "learnt.all": "Die letzten {all} Tage dieser Anlage gelernt.",
    "forecast": "Die Pläne folgen einer fremden Prognose, vor {age} erhalten, gültig bis {until}.",
    # stations
    "charge-now.unplugged": "jetzt laden bis zum Ausstecken",
    "charge-now.until": "jetzt laden bis {until}",
    "charge-now.energy": "jetzt {energy} laden",
    "charge-now.until-or-energy": "jetzt laden bis {until} oder {energy}",
    "driver.full": "nimmt nicht mehr von {energy}",
    "driver.met": "hat die {energy}",
    "driver.needs": "braucht {energy} bis {by}",
    "driver.needs-missing": "braucht {energy} bis {by}, {missing} fehlen",
    "station.undecided": "noch nicht entschieden",
    "station.unknown": "noch nichts gehört",
    "station.not-answering": "antwortet nicht",
    "station.absent": "frei",
    "station.paused": "wartet",
    "station.detecting": "zählt die Phasen",
    "station.offered": "{limit} angeboten, lädt noch nicht",
    "station.charging": "lädt mit {current}",
    "station.charging-on": "lädt mit {current} auf {phases}",
    "station.charging-nothing": "lädt, nimmt gerade nichts",
    "station.satisfied": "hat genug",
    "station.asleep": "schläft",
    "station.waking": "wird geweckt",
    "station.needs-driver": "jemand muss zum Fahrzeug",
    "phases.one": "einer Phase",
    "phases.many": "{phases} Phasen",
    "trouble.away": "Nicht verbunden; die letzte Messung ist von {heard}.",
    "trouble.gone": "Nicht verbunden.",
    "trouble.never": "War noch nie verbunden.",
    "trouble.faulted": "Meldet eine Störung: Die Anzeige der Station oder die App des Herstellers sagt, welche.",
    "trouble.unavailable": "Meldet, dass sie nicht in Betrieb ist.",
    "trouble.needs-driver": "Das Fahrzeug wacht nicht auf: entriegeln oder das Kabel neu einstecken.",
    "trouble.disbelieved": "Zieht mehr, als ihr erlaubt ist, und zählt mit dem, was sie zieht.",
    "trouble.fewer-phases": (
        "Das Fahrzeug lädt auf {phases}, nicht auf {declared}, wie angegeben; «phases: auto» fände es heraus."
    ),
    # how sentences begin where a heading says it already
    "begins.waiting": "Wartet: ",
    "begins.on": "Ein: ",
    # the plain page
    "page.lost": "Keine Verbindung zum Gateway: Das hier ist alt.",
    "page.power": "Leistung jetzt",
    "page.policies": "Regeln",
    "page.stations": "Ladestationen",
    "page.none": "Noch keine Regeln.",
    "page.unknown": "unbekannt",
    "page.sun": "Sonne",
    "page.grid": "Netz",
    "page.grid-takes": "Bezug aus dem Netz",
    "page.grid-gives": "Einspeisung ins Netz",
    "page.battery": "Batterie",
    "page.battery-takes": "Batterie lädt",
    "page.battery-gives": "Batterie gibt ab",
    "page.full": ", {share} voll",
    "page.never": "nie gemessen",
    "page.ago": "vor {age}",
    "page.solar": "Mit Sonne",
    "page.minimum": "Mit Minimum",
    "page.charging": "Lädt",
    "page.testing": "Zählt Phasen",
    "page.waking": "Weckt",
    "page.mode": "Betriebsart",
    "page.overridden": "{mode} (Datei: {file})",
    "page.switch": "Schalter",
    "page.switched-on": "ein",
    "page.switched-off": "aus",
    "page.draws": "Leistung",
    "page.together": "Alle Fahrzeuge zusammen",
    "page.at-most": "höchstens {power}",
    "page.needs": "Bedarf",
    "page.plan": "Plan, {pace}",
    "page.min-on": "Mindestlaufzeit",
    "page.time-left": "noch {time}",
    "page.so-far": "bisher {energy}",
    "page.limit": "höchstens {current}",
    "pace.normal": "für am meisten Energie",
    "pace.calm": "mit wenigen Starts",
    "contact.silent": "antwortet nicht",
    "contact.unknown": "Stellung unbekannt",
    "contact.closed": "geschlossen",
    "contact.open": "offen",
    "contact.unconfirmed": "{position}, nicht bestätigt",
    # what is not as it should be, and what to do about it
    "notice.engine-fault": "Die Steuerung hat einen eigenen Fehler und die Geräte in Sicherheitsstellung: {error}",
    "todo.engine-fault": "Das Protokoll des Gateways an die Betreuung geben; die Steuerung versucht es weiter.",
    "notice.engine-starting": "Die Steuerung startet; noch ist nichts entschieden.",
    "todo.engine-starting": "Nichts zu tun: Es dauert wenige Sekunden.",
    "notice.engine-late": "Der letzte Schritt der Steuerung war vor {age}: Alles hier ist alt.",
    "todo.engine-late": "Das Gateway neu starten, wenn das nicht in wenigen Minuten vergeht.",
    "notice.meter-stale": "Der Netzzähler schweigt seit {age}: Was der Sonne folgt, ist in Sicherheitsstellung.",
    "notice.meter-stale-never": (
        "Der Netzzähler hat noch nicht geantwortet: Was der Sonne folgt, ist in Sicherheitsstellung."
    ),
    "todo.meter-stale": "Strom und Netzwerkkabel des Zählers prüfen; antwortet er, geht alles von selbst weiter.",
    "notice.meter-held": "Der Netzzähler schweigt seit {age}: Auf seinen letzten Wert startet und stoppt nichts.",
    "notice.meter-held-never": (
        "Der Netzzähler hat noch nicht geantwortet: Auf seinen letzten Wert startet und stoppt nichts."
    ),
    "todo.meter-held": "Noch nichts zu tun: Die meisten Lücken enden von selbst.",
    "notice.meter-reversed": (
        "Laut Netzzähler werden {power} eingespeist, obwohl weder Sonne noch Batterie etwas liefern: "
        "Sein Vorzeichen ist verkehrt."
    ),
    "todo.meter-reversed": (
        "Vom Installateur das Vorzeichen des Netzzählers umkehren lassen, in site.yaml oder an den Klemmen."
    ),
    "notice.device-silent": "{device} ({channels}) antwortet seit {last} nicht.",
    "notice.device-silent-saying": "{device} ({channels}) antwortet seit {last} nicht: {error}",
    "notice.device-silent-never": "{device} ({channels}) hat noch nie geantwortet.",
    "notice.device-silent-never-saying": "{device} ({channels}) hat noch nie geantwortet: {error}",
    "todo.device-silent": "Strom und Netzwerkkabel prüfen; das Gerät wird von selbst wieder gefragt.",
    "notice.vehicle-asleep": "{station}: Das Fahrzeug schläft; es nimmt den angebotenen Strom nicht.",
    "todo.vehicle-asleep": "Das Fahrzeug von hier oder mit seiner App wecken; es wird auch von selbst geweckt.",
    "notice.vehicle-needs-driver": "{station}: Das Fahrzeug wacht nicht auf; jemand muss hin.",
    "todo.vehicle-needs-driver": "Das Fahrzeug entriegeln, oder das Kabel aus- und wieder einstecken.",
    "notice.station-away": "{station} ist seit {last} nicht verbunden.",
    "notice.station-away-never": "{station} war noch nie verbunden.",
    "todo.station-away": "Strom und Netzwerk der Station prüfen, und ob ihre OCPP-Adresse zu diesem Gateway führt.",
    "todo.station-away-at": "Strom und Netzwerk der Station prüfen, und ob ihre OCPP-Adresse stimmt ({address}).",
    "notice.station-faulted": "{station} meldet eine Störung.",
    "todo.station-faulted": (
        "Die Anzeige der Station oder die App des Herstellers sagt, welche; "
        "manchmal hilft es, auszustecken und die Station neu zu starten."
    ),
    "notice.station-amiss": "{station} ist verbunden, aber nicht in Ordnung: {error}",
    "todo.station-amiss": (
        "Vom Installateur ansehen lassen; bis dahin rechnet die Ladezone mit dem, was die Station ziehen darf."
    ),
    "notice.station-disobeys": "{station} zieht mehr Strom als erlaubt.",
    "todo.station-disobeys": (
        "Vom Installateur die Grenzwerte der Station prüfen lassen; bis dahin zählt, was sie wirklich zieht."
    ),
    "notice.need-at-risk": (
        "{name} braucht bis {by} noch {missing}; davon sind {short} selbst mit voller Leistung nicht mehr zu schaffen."
    ),
    "notice.need-at-risk-vehicle": (
        "Das Fahrzeug an {name} braucht bis {by} noch {missing}; davon sind {short} selbst mit voller Leistung nicht "
        "mehr zu schaffen."
    ),
    "todo.need-at-risk": "Mehr Zeit geben oder weniger verlangen, und nachsehen, ob etwas es zurückhält.",
    "notice.need-missed": "{name} hat bis {by} {missing} zu wenig bekommen.",
    "notice.need-missed-vehicle": "Das Fahrzeug an {name} hat bis {by} {missing} zu wenig bekommen.",
    "todo.need-missed": "Sofort einschalten oder laden, wenn es noch nötig ist; der nächste Bedarf beginnt von selbst.",
    "notice.fuse-holds": "{name} wird zurückgehalten: Sonst flösse auf einer Phase mehr, als ihre Sicherung trägt.",
    "todo.fuse-holds": "Auf dieser Phase etwas anderes ausschalten oder warten: Es geht von selbst weiter.",
    "notice.import-cap-holds": "{name} wird zurückgehalten: Sonst käme mehr aus dem Netz als erlaubt.",
    "todo.import-cap-holds": "Etwas anderes ausschalten oder warten: Es geht von selbst weiter.",
    "notice.dimmed": "Der Netzbetreiber hat die steuerbaren Geräte begrenzt.",
    "notice.dimmed-to": "Der Netzbetreiber hat die steuerbaren Geräte auf zusammen {power} begrenzt.",
    "todo.dimmed": "Nichts zu tun: Alles geht weiter, sobald der Netzbetreiber die Grenze aufhebt.",
    "notice.policies-broken": (
        "Der Ordner mit den Regeln wurde geändert und lässt sich nicht laden, die bisherigen gelten weiter: {error}. "
        "«noonward check» sagt alles."
    ),
    "notice.policies-broken-one-more": (
        "Der Ordner mit den Regeln wurde geändert und lässt sich nicht laden, die bisherigen gelten weiter: {error} "
        "und ein weiteres Problem. «noonward check» sagt alles."
    ),
    "notice.policies-broken-more": (
        "Der Ordner mit den Regeln wurde geändert und lässt sich nicht laden, die bisherigen gelten weiter: {error} "
        "und {more} weitere Probleme. «noonward check» sagt alles."
    ),
    "todo.policies-broken": "Die genannte Datei berichtigen; nach dem Speichern wird sie geladen.",
    "notice.clock-untrusted": "Der Uhr wird noch nicht getraut: So lange gelten alle Zeitfenster als geschlossen.",
    "todo.clock-untrusted": "Prüfen, ob das Gateway einen Zeitserver erreicht.",
}

REFUSALS: Mapping[str, str] = {
    "The name or the password is wrong.": "Der Name oder das Passwort stimmt nicht.",
    "This code is not good any more, or never was. “noonward auth code” on the gateway makes a new one.": (
        "Dieser Code gilt nicht mehr oder galt nie. «noonward auth code» auf dem Gateway macht einen neuen."
    ),
    "That was too often; try again in {seconds} s.": "Das war zu oft; in {seconds} s nochmals versuchen.",
    "The old password is wrong.": "Das bisherige Passwort stimmt nicht.",
    "Sign in with the old password to change it.": "Zum Ändern mit dem bisherigen Passwort anmelden.",
    "A password has at least {least} characters; three words that do not belong together are a good one.": (
        "Ein Passwort hat mindestens {least} Zeichen; gut sind drei Wörter, die nicht zusammengehören."
    ),
    "A password has at most {most} characters.": "Ein Passwort hat höchstens {most} Zeichen.",
    "This password repeats a few characters; three words that do not belong together are a good one.": (
        "Dieses Passwort wiederholt wenige Zeichen; gut sind drei Wörter, die nicht zusammengehören."
    ),
    "“{word}” is what anyone would try first; take words that have nothing to do with this site.": (
        "«{word}» würde jeder zuerst versuchen; besser sind Wörter, die nichts mit dieser Anlage zu tun haben."
    ),
    "This password is on the list of those that are tried first; take another.": (
        "Dieses Passwort steht auf der Liste derer, die zuerst versucht werden; bitte ein anderes."
    ),
    "A name has letters and digits, with single . - _ or @ between them, and at most {most} characters.": (
        "Ein Name hat Buchstaben und Ziffern, dazwischen einzelne . - _ oder @, und höchstens {most} Zeichen."
    ),
    "There is somebody called {name} already.": "{name} gibt es schon.",
    "{name} is the only owner: make somebody else an owner first.": (
        "{name} ist der einzige Eigentümer: zuerst jemand anderen zum Eigentümer machen."
    ),
    "A token needs a name that says what it is for, of at most {most} characters.": (
        "Ein Token braucht einen Namen, der sagt, wofür es ist, mit höchstens {most} Zeichen."
    ),
    "There are {most} tokens already; delete those that nothing uses.": (
        "Es gibt schon {most} Tokens; die löschen, die nichts mehr benutzt."
    ),
    "A token may do no more than who makes it.": "Ein Token darf nicht mehr als die Person, die es erstellt.",
    "A token lasts a year at most; make a new one then.": (
        "Ein Token gilt höchstens ein Jahr; dann ein neues erstellen."
    ),
    "There is no such token, or it is over.": "Dieses Token gibt es nicht oder nicht mehr.",
    "There is no such session, or it is over.": "Diese Anmeldung gibt es nicht oder nicht mehr.",
    "Sign in first, or send a token. On the gateway itself “noonward” commands do without.": "Bitte zuerst anmelden.",
    "There is nothing of that name that you may see.": "Unter diesem Namen gibt es nichts, das freigegeben ist.",
    "{name} may not do that here: it needs “{action}”, which the role {role} does not have.": (
        "{name} darf das nicht: Dafür reicht die Rolle nicht."
    ),
    "{name} may not do that here: it needs “{action}”, which the role {role} has only for the whole site.": (
        "{name} darf das hier nicht: Die Rolle gilt nur für einen Teil der Anlage."
    ),
    (
        "Somebody has set it meanwhile, or its file has changed: look at what it is “now”, and set it again if you "
        "still want to."
    ): (
        "Das hat inzwischen jemand eingestellt, oder die Datei hat sich geändert: nachsehen, was jetzt gilt, und "
        "nochmals einstellen, wenn noch gewünscht."
    ),
    "Somebody has changed it meanwhile: see what it is “now”, and change it again if you still want to.": (
        "Das hat inzwischen jemand geändert: nachsehen, was jetzt gilt, und nochmals ändern, wenn noch gewünscht."
    ),
    "The engine is starting; ask again in a moment.": "Die Steuerung startet; gleich nochmals versuchen.",
    "A bug in Noonward; its log has the trace. Devices go on.": (
        "Ein Fehler in Noonward; im Protokoll steht mehr. Die Geräte laufen weiter."
    ),
    "It could not be made durable, and is not set: {error}": (
        "Es konnte nicht gespeichert werden und gilt nicht: {error}"
    ),
    "The device did not do it: {error}": "Das Gerät hat es nicht getan: {error}",
    "{policy} is in mode {mode}; its switch works in mode manual only": (
        "{policy} hat die Betriebsart «{mode}»; der Schalter wirkt nur in «von Hand»."
    ),
    "{policy} is in mode always-off, which a boost does not lift": (
        "{policy} hat die Betriebsart «immer aus»; auf Wunsch geht es dann nicht ein."
    ),
    "{policy} is in mode always-off: {station} does not charge, whoever asks": (
        "{policy} hat die Betriebsart «immer aus»: {station} lädt nicht, wer auch fragt."
    ),
    "{policy} is in mode manual and switched off; switch it on instead": (
        "{policy} läuft von Hand und ist ausgeschaltet; stattdessen einschalten."
    ),
    "{zone} does not let people charge at once: charge_now.allowed is false in {file}": (
        "{zone} erlaubt kein sofortiges Laden (charge_now.allowed in {file})."
    ),
    "no vehicle sleeps at {station}, so there is none to wake": (
        "An {station} schläft kein Fahrzeug; es gibt nichts zu wecken."
    ),
    "an override that has ended already changes nothing; give an end in the future, or none": (
        "Dieses Ende ist schon vorbei; eines in der Zukunft wählen, oder keines."
    ),
    "charge-now would have ended already; give a moment in the future, or none": (
        "Dieses Ende ist schon vorbei; eines in der Zukunft wählen, oder keines."
    ),
    "that departure is past; give a moment in the future": (
        "Diese Abfahrt ist schon vorbei; eine in der Zukunft wählen."
    ),
    "{written} is over already; {what} must end in the future.": (
        "{written} ist schon vorbei; das Ende muss in der Zukunft liegen."
    ),
    "{written} is more than ten years away; {endless}": "{written} ist mehr als zehn Jahre entfernt; bitte früher.",
    "The energy must be more than 0 and at most 1000 kWh, not {sent}.": (
        "Die Energie muss mehr als 0 und höchstens 1000 kWh sein, nicht {sent}."
    ),
    "a test lasts from 0 s to {minutes} min; for longer, override the mode": (
        "Eine Probe dauert höchstens {minutes} min; für länger eine Betriebsart wählen."
    ),
}
