"""What Home Assistant calls things, in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.policy.language import Language, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLUMNS = (Language.EN, Language.DE, Language.FR, Language.IT)

WORDS: Mapping[str, tuple[str, str, str, str]] = {
    # what devices are
    "site": ("Gateway", "Gateway", "Passerelle", "Gateway"),
    "appliance": ("Appliance", "Gerät", "Appareil", "Apparecchio"),
    "ev-zone": ("Charging zone", "Ladezone", "Zone de recharge", "Zona di ricarica"),
    "station": ("Charging station", "Ladestation", "Borne de recharge", "Stazione di ricarica"),
    # what they show
    "grid_power": ("Grid power", "Netzleistung", "Puissance réseau", "Potenza di rete"),
    "pv_power": ("Solar power", "Solarleistung", "Puissance solaire", "Potenza solare"),
    "battery_power": ("Battery power", "Batterieleistung", "Puissance batterie", "Potenza batteria"),
    "battery_charge": ("Battery charge", "Batterieladung", "Charge batterie", "Carica batteria"),
    "house_power": ("House power", "Hausverbrauch", "Puissance de la maison", "Potenza della casa"),
    "controlled_power": ("Controlled loads", "Gesteuerte Geräte", "Charges pilotées", "Carichi gestiti"),
    "notices": ("Notices", "Meldungen", "Messages", "Avvisi"),
    "trouble": ("Trouble", "Störung", "Problème", "Problema"),
    "on": ("On", "Ein", "Marche", "Acceso"),
    "power": ("Power", "Leistung", "Puissance", "Potenza"),
    "reason": ("Reason", "Grund", "Raison", "Motivo"),
    "next_change": ("Next change", "Nächste Änderung", "Prochain changement", "Prossimo cambiamento"),
    "missing": ("Energy still needed", "Noch benötigte Energie", "Énergie encore requise", "Energia ancora necessaria"),
    "ready_by": ("Ready by", "Bereit bis", "Prêt pour", "Pronto entro"),
    "at_risk": ("Need at risk", "Bedarf gefährdet", "Besoin menacé", "Fabbisogno a rischio"),
    "state": ("State", "Zustand", "État", "Stato"),
    "plugged": ("Vehicle", "Fahrzeug", "Véhicule", "Veicolo"),
    "online": ("Connection", "Verbindung", "Connexion", "Connessione"),
    "limit": ("Current limit", "Stromgrenze", "Limite de courant", "Limite di corrente"),
    "session": (
        "Charged this stay",
        "Geladen seit Einstecken",
        "Chargé depuis branchement",
        "Caricato in questa sosta",
    ),
    "charging_now": ("Charge now active", "Sofortladen aktiv", "Recharge immédiate active", "Ricarica subito attiva"),
    # what can be done
    "switch": ("Switch", "Schalter", "Interrupteur", "Interruttore"),
    "override": ("Mode for 24 h", "Modus für 24 h", "Mode pour 24 h", "Modalità per 24 h"),
    "boost": ("Boost for 1 h", "1 h einschalten", "Forcer 1 h", "Forza per 1 h"),
    "boost_end": ("End boost", "Einschalten beenden", "Arrêter le forçage", "Termina forzatura"),
    "charge_now": ("Charge now", "Jetzt laden", "Recharger maintenant", "Ricarica subito"),
    "charge_now_end": ("End charge now", "Sofortladen beenden", "Arrêter la recharge", "Termina ricarica subito"),
    "wake": ("Wake the vehicle", "Fahrzeug wecken", "Réveiller le véhicule", "Sveglia il veicolo"),
}


def word(name: str) -> str:
    """Return what something is called in the language that is spoken."""
    return WORDS[name][_COLUMNS.index(spoken())]
