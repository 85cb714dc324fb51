"""Every word that people are told, in French; spaces before colons and in guillemets are made unbreakable when read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.model import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTENCES: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        "En marche : le surplus couvre {covers}, continue jusqu'à {stops_below} ; il manque {missing_wh} avant {by}.",
        "En marche : surplus de {surplus_w}, assez pour {vehicles} des véhicules de la zone.",
        "En marche : surplus disponible {surplus_w}, cela continue jusqu'à {off_below_w}.",
        "En marche : surplus disponible {surplus_w}.",
        "En marche : il reste assez de surplus.",
    ),
    ReasonCode.TIMER: (
        "En marche : la plage « {window} » est ouverte jusqu'à {until}.",
        "En marche : la plage « {window} » est ouverte.",
        "En marche : une plage horaire est ouverte.",
    ),
    ReasonCode.ALWAYS_ON: ("En marche : le mode est « toujours en marche ».",),
    ReasonCode.ALWAYS_OFF: ("À l'arrêt : le mode est « toujours à l'arrêt ».",),
    ReasonCode.SWITCH_ON: ("En marche : enclenché à la main.",),
    ReasonCode.SWITCH_OFF: ("À l'arrêt : l'interrupteur est coupé.",),
    ReasonCode.MIN_ON: (
        "En marche : une fois démarré, cela dure au moins {min_on_s}, jusqu'à {until}.",
        "En marche : une fois démarré, cela dure au moins {min_on_s}.",
        "En marche : la durée minimale de marche n'est pas écoulée.",
    ),
    ReasonCode.MIN_OFF: (
        "En attente : une fois arrêté, cela reste coupé au moins {min_off_s}, jusqu'à {until}.",
        "En attente : une fois arrêté, cela reste coupé au moins {min_off_s}.",
        "En attente : la pause minimale n'est pas écoulée.",
    ),
    ReasonCode.ON_DELAY: (
        "En attente : surplus de {surplus_w}, {on_above_w} suffisent ; démarrage {until:à|} si cela dure.",
        "En attente : surplus de {surplus_w}, cela suffit ; un véhicule démarre {until:à|} si cela dure.",
        "En attente : assez de surplus ; démarrage {until:à|} si cela dure.",
        "En attente : assez de surplus ; démarrage si cela dure.",
    ),
    ReasonCode.OFF_DELAY: (
        (
            "Encore en marche : surplus {surplus_w}, moins que {off_below_w} ; arrêt {until:à|} "
            "si le surplus ne revient pas."
        ),
        (
            "Encore en marche : surplus {surplus_w}, trop peu pour tout ce qui charge ; une pause {until:à|} "
            "s'il ne revient pas."
        ),
        "Encore en marche : trop peu de surplus ; arrêt {until:à|} s'il ne revient pas.",
        "Encore en marche : trop peu de surplus ; arrêt s'il ne revient pas.",
    ),
    ReasonCode.TOO_LITTLE_SURPLUS: (
        "Le surplus couvre {covers} ; le plan démarre à {starts_at}, une marche continue jusqu'à {stops_below}.",
        "Surplus disponible {surplus_w} ; une marche due au surplus continue jusqu'à {off_below_w}.",
        "En attente : surplus disponible {surplus_w}, démarrage à {on_above_w}.",
        "En attente : surplus {surplus_w}, trop peu pour un véhicule de plus.",
        "En attente : trop peu de surplus.",
    ),
    ReasonCode.OUTSIDE_WINDOW: (
        "À l'arrêt : aucune plage horaire n'est ouverte avant {until}.",
        "À l'arrêt : aucune plage horaire n'est ouverte.",
    ),
    ReasonCode.NEED_FORCED: (
        "En marche : dernière occasion avant {by}, il manque {missing_wh}.",
        "En marche : il faut {energy_wh} avant {departure}, et cela prend tout le temps qui reste.",
        "En marche : le besoin ne pouvait être couvert à temps autrement.",
    ),
    ReasonCode.PLAN_WAITS: (
        (
            "En attente de plus de soleil : {covers} couvert, démarrage à {starts_at}, sans doute vers {likely_at} ;"
            " il faut {missing_wh} avant {by}."
        ),
        "En attente de plus de soleil : {covers} couvert, démarrage à {starts_at} ; il faut {missing_wh} avant {by}.",
        "En attente de plus de soleil : il faut {missing_wh} avant {by}.",
        "En attente de plus de soleil : il reste assez de temps.",
    ),
    ReasonCode.CHARGE_NOW: (
        "En marche : {by} demande {energy_wh} tout de suite, au plus tard jusqu'à {until}.",
        "En marche : demandé tout de suite par {by}, jusqu'à {until}.",
        "En marche : {by} demande {energy_wh} tout de suite.",
        "En marche : demandé tout de suite par {by}.",
        "En marche : quelqu'un demande {energy_wh} tout de suite.",
        "En marche : quelqu'un l'a demandé tout de suite, jusqu'à {until}.",
        "En marche : il faut charger tout de suite, avec ou sans soleil.",
    ),
    ReasonCode.DETECTING_PHASES: ("En marche : un court essai compte les phases que le véhicule utilise.",),
    ReasonCode.BELOW_MINIMUM: (
        "En attente : il reste moins de {min_current_a} par phase, le minimum pour un véhicule.",
        "En attente : il reste moins que le minimum pour un véhicule.",
    ),
    ReasonCode.ZONE_FULL: ("En attente : d'autres véhicules prennent ce que la zone peut donner ; chacun son tour.",),
    ReasonCode.FUSE: ("Retenu : sinon une phase dépasserait ce que porte son fusible.",),
    ReasonCode.IMPORT_CAP: ("Retenu : sinon l'achat au réseau dépasserait la limite.",),
    ReasonCode.DIMMED: ("Retenu : le gestionnaire du réseau a limité les appareils pilotés.",),
    ReasonCode.PREEMPTED: ("En attente : le surplus va à ce qui est servi en premier.",),
    ReasonCode.SETTLING: ("Inchangé : la mesure ne montre pas encore la dernière commutation.",),
    ReasonCode.BOOST: (
        "En marche : à la demande jusqu'à {until}.",
        "En marche : à la demande.",
    ),
    ReasonCode.OVERRIDE: (
        "{by} a choisi le mode « {mode} » jusqu'à {until} : {reason}",
        "{by} a choisi le mode « {mode} » jusqu'à {until}.",
        "{by} a choisi le mode « {mode} » jusqu'à nouvel ordre : {reason}",
        "{by} a choisi le mode « {mode} » jusqu'à nouvel ordre.",
        "Le mode « {mode} » s'applique jusqu'à {until}.",
        "Le mode « {mode} » s'applique pour l'instant.",
        "Un autre mode s'applique pour l'instant.",
    ),
    ReasonCode.DARK_START: (
        "En attente : le courant vient de revenir, les appareils démarrent l'un après l'autre, celui-ci {until:à|}.",
        "En attente : le courant vient de revenir, les appareils démarrent l'un après l'autre.",
    ),
    ReasonCode.ENGINE_FAULT: ("Relâché : la commande a une erreur interne ; son journal la décrit.",),
    ReasonCode.METER_HELD: (
        "Inchangé : la dernière valeur du compteur a {grid_age_s} ; rien ne démarre ni ne s'arrête sur elle.",
        "Inchangé : le compteur n'a pas encore répondu.",
    ),
    ReasonCode.METER_STALE: (
        "Position de sécurité « {then} » : le compteur se tait depuis {grid_age_s}.",
        "Position de sécurité « {then} » : le compteur se tait.",
        "Position de sécurité : le compteur se tait.",
    ),
    ReasonCode.NO_VEHICLE: ("En attente : aucun véhicule n'est branché.",),
    ReasonCode.ASLEEP: (
        (
            "Le véhicule dort : du courant lui est offert, il n'en prend pas. "
            "Essais de réveil : {attempts} sur 3, ensuite il faut y aller."
        ),
        "Le véhicule dort : du courant lui est offert, il n'en prend pas.",
    ),
    ReasonCode.WAKING: (
        "Le véhicule ne prend pas le courant offert, on le réveille : essai {attempts} sur 3.",
        "Le véhicule ne prend pas le courant offert, on le réveille.",
    ),
    ReasonCode.SATISFIED: (
        "Au repos : les {needed_wh} nécessaires y sont ; le prochain besoin commence {until:à|}.",
        "Au repos : le courant offert n'a pas été pris ; prochaine offre {until:à|}.",
        "Au repos : {charged_wh} chargés depuis le branchement, le véhicule n'en veut plus.",
        "Au repos : le besoin est couvert, aucun courant n'est pris.",
    ),
    ReasonCode.NOT_ANSWERING: (
        "Le relais ne suit pas sa dernière commande depuis {unconfirmed_s} ; elle est répétée.",
        "La borne n'obéit pas : {drawn_a} au lieu de {limit_a} ; la commande est répétée.",
        (
            "La borne ne peut pas être réglée pour l'instant : elle est {online}, son dernier état est « {status} ». "
            "Ce qu'elle peut prendre lui reste réservé."
        ),
        (
            "La borne ne peut pas être réglée pour l'instant : elle est {online}. "
            "Ce qu'elle peut prendre lui reste réservé."
        ),
        "La dernière commande n'a pas été suivie ; elle est répétée.",
    ),
    ReasonCode.STARTS_EXHAUSTED: (
        "En attente : démarré {starts} fois depuis le branchement ; trop de démarrages bloquent un véhicule.",
        "En attente : démarré aussi souvent que permis pendant cette charge.",
    ),
}

SCARCE: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        (
            "En marche : pas assez de soleil attendu avant {by} pour {missing_wh} ; tout surplus est pris, "
            "jusqu'à {stops_below}."
        ),
    ),
    ReasonCode.PLAN_WAITS: (
        "En attente : pas assez de soleil attendu avant {by} pour {missing_wh} ; tout surplus suffit à démarrer.",
    ),
}

PHRASES: Mapping[str, str] = {
    # numbers and moments
    "number.decimal": ",",
    "number.space": "\N{NO-BREAK SPACE}",
    "unit.min": "min",
    "unit.h": "h",
    "unit.d": "j",
    "moment.weekdays": "lun. mar. mer. jeu. ven. sam. dim.",
    "moment.days": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "moment.weekday": "{weekday} {time}",
    "moment.date": "{day}.{month}.{year} {time}",
    "nothing.surplus_w": "nul",
    "nothing.covers": "0 %",
    "nothing.stops_below": "0 %, avec au plus {share} du réseau",
    # what facts are called
    "mode.auto-solar": "soleil",
    "mode.auto-timer": "soleil ou plages horaires",
    "mode.timer": "plages horaires",
    "mode.always-on": "toujours en marche",
    "mode.always-off": "toujours à l'arrêt",
    "mode.manual": "à la main",
    "then.release": "relâcher",
    "then.keep": "garder",
    "then.force": "enclencher",
    "online.yes": "connectée",
    "online.no": "déconnectée",
    "status.available": "libre",
    "status.preparing": "se prépare",
    "status.charging": "charge",
    "status.suspended-ev": "suspendu par le véhicule",
    "status.suspended-evse": "suspendu par la borne",
    "status.finishing": "se termine",
    "status.reserved": "réservée",
    "status.unavailable": "hors service",
    "status.faulted": "en panne",
    # what time brings, and what else would change a policy
    "next": "{at:À|Le} : {what}.",
    "next.override-ends": "fin du mode choisi",
    "next.boost-ends": "fin de la marche à la demande",
    "next.min-on-over": "fin de la durée minimale de marche",
    "next.min-off-over": "fin de la pause minimale",
    "next.starts": "démarrage si le surplus dure",
    "next.stage-up": "un palier de plus si le surplus dure",
    "next.stops": "arrêt si le surplus reste trop faible",
    "next.offered": "le courant est offert de nouveau",
    "next.forced": "marche pour le besoin, si le soleil n'a rien donné",
    "next.due": "échéance du besoin",
    "next.anew": "le besoin recommence",
    "next.window-opens": "la plage horaire s'ouvre",
    "next.window-closes": "la plage horaire se ferme",
    "next.named-window-opens": "la plage « {window} » s'ouvre",
    "next.named-window-closes": "la plage « {window} » se ferme",
    "next.vehicle-starts": "un véhicule démarre si le surplus dure",
    "next.one-more-starts": "un véhicule de plus démarre si le surplus dure",
    "next.vehicle-pauses": "un véhicule s'interrompt si le surplus reste trop faible",
    "next.test-over": "fin au plus tard de l'essai des phases à {station}",
    "next.min-on-over-at": "fin de la durée minimale de marche à {station}",
    "next.charge-now-ends": "fin de « charger maintenant » à {station}",
    "next.driver-leaves": "départ du véhicule à {station}",
    "left": "",
    "left.for": " pendant {delay}",
    "condition.starts": "Démarre avec un surplus de {power}{left}.",
    "condition.stage-up": "Monte d'un palier avec un surplus de {power}{left}.",
    "condition.stops": "S'arrête si le surplus est inférieur à {power}{left}.",
    "condition.stage-down": "Descend d'un palier si le surplus est inférieur à {power}{left}.",
    "condition.vehicle-starts": "Un véhicule démarre si le surplus couvre son minimum ({current} par phase){left}.",
    "condition.vehicle-starts-on-part": (
        "Un véhicule démarre si le surplus couvre {share} de son minimum ({current} par phase){left}."
    ),
    "condition.vehicle-pauses": "Un véhicule s'interrompt si le surplus couvre moins de {share} de son minimum{left}.",
    "condition.plan-starts": "Démarre dès que {share} sont couverts ; le plan est refait tous les quarts d'heure.",
    "condition.plan-starts-lasting": (
        "Démarre dès que {share} sont couverts pendant {delay} ; le plan est refait tous les quarts d'heure."
    ),
    "condition.plan-goes-on": "Continue tant que {share} sont couverts ; le plan est refait tous les quarts d'heure.",
    "condition.plan-buys": "Continue avec au plus {share} du réseau ; le plan est refait tous les quarts d'heure.",
    "condition.switch": "Suit son interrupteur : « noonward switch {name} on » ou « off ».",
    "condition.mode": "Ne change qu'avec son mode.",
    # states of a policy
    "state.off": "À l'arrêt",
    "state.on": "En marche",
    "state.stage": "Palier {stage}",
    "state.solar": "Au soleil",
    "state.minimum": "Minimum",
    "state.full": "Pleine puissance",
    "state.normal": "Normal",
    "state.recommended": "Recommandé",
    "state.forced": "Forcé",
    # before the first decision
    "undecided.fault": "Pas encore décidé : la commande a une erreur interne.",
    "undecided.starting": "Pas encore décidé : la commande démarre.",
    # needs and plans
    "need.full": "a assez : {drawn} pris sur {energy}, n'en prend plus",
    "need.met": "a ses {energy}",
    "need.open": "{drawn} sur {energy}, il manque {missing}",
    "need.open-by": "{drawn} sur {energy}, il manque {missing} avant {by}",
    "need.open-over": "{drawn} sur {energy}, il manquait {missing} à la fin ({by})",
    "need.all-by": "{drawn} sur {energy}, tout manque encore avant {by}",
    "need.all-over": "{drawn} sur {energy}, tout manquait à la fin ({by})",
    "plan.unlearnt": "n'a encore rien appris ; ",
    "plan.starts": "démarre à {share} de soleil",
    "plan.any-sun": "prend tout le soleil qu'il y a",
    "plan.likely": ", sans doute vers {at}",
    "plan.stops": ", s'arrête sous {share}",
    "plan.stops-at-none": ", s'arrête sans soleil",
    "plan.stops-buying": ", s'arrête sans soleil avec {share} du réseau",
    "learnt.none": "Pas encore appris un jour entier de ce site ; les plans commencent après le premier.",
    "learnt.some": "{days} jours appris sur {all} de ce site.",
    "learnt.all": "Les {all} derniers jours de ce site sont appris.",
    "forecast": "Les plans suivent une prévision externe, reçue il y a {age}, valable jusqu'à {until}.",
    # stations
    "charge-now.unplugged": "charger maintenant jusqu'au débranchement",
    "charge-now.until": "charger maintenant jusqu'à {until}",
    "charge-now.energy": "charger {energy} maintenant",
    "charge-now.until-or-energy": "charger maintenant jusqu'à {until} ou {energy}",
    "driver.full": "ne prend plus rien de ses {energy}",
    "driver.met": "a ses {energy}",
    "driver.needs": "a besoin de {energy} avant {by}",
    "driver.needs-missing": "a besoin de {energy} avant {by}, il manque {missing}",
    "station.undecided": "pas encore décidé",
    "station.unknown": "pas encore de nouvelles",
    "station.not-answering": "ne répond pas",
    "station.absent": "libre",
    "station.paused": "en attente",
    "station.detecting": "compte les phases",
    "station.offered": "{limit} offerts, ne charge pas encore",
    "station.charging": "charge à {current}",
    "station.charging-on": "charge à {current} sur {phases}",
    "station.charging-nothing": "charge, ne prend rien pour l'instant",
    "station.satisfied": "a assez",
    "station.asleep": "dort",
    "station.waking": "se fait réveiller",
    "station.needs-driver": "il faut aller au véhicule",
    "phases.one": "une phase",
    "phases.many": "{phases} phases",
    "trouble.away": "Pas connectée ; la dernière mesure date de {heard}.",
    "trouble.gone": "Pas connectée.",
    "trouble.never": "Ne s'est jamais connectée.",
    "trouble.faulted": "Signale une panne : son écran ou l'application du fabricant dit laquelle.",
    "trouble.unavailable": "Signale qu'elle est hors service.",
    "trouble.needs-driver": "Le véhicule ne se réveille pas : le déverrouiller ou rebrancher le câble.",
    "trouble.disbelieved": "Prend plus que permis, et compte pour ce qu'elle prend.",
    "trouble.fewer-phases": (
        "Le véhicule charge sur {phases}, et non {declared} comme indiqué ; « phases: auto » le découvrirait."
    ),
    # how sentences begin where a heading says it already
    "begins.waiting": "En attente : ",
    "begins.on": "En marche : ",
    # the plain page
    "page.lost": "Pas de connexion à la passerelle : ce qui s'affiche est ancien.",
    "page.power": "Puissance actuelle",
    "page.policies": "Règles",
    "page.stations": "Bornes",
    "page.none": "Pas encore de règles.",
    "page.unknown": "inconnu",
    "page.sun": "Soleil",
    "page.grid": "Réseau",
    "page.grid-takes": "Achat au réseau",
    "page.grid-gives": "Vente au réseau",
    "page.battery": "Batterie",
    "page.battery-takes": "Batterie en charge",
    "page.battery-gives": "Batterie fournit",
    "page.full": ", pleine à {share}",
    "page.never": "jamais mesuré",
    "page.ago": "il y a {age}",
    "page.solar": "Au soleil",
    "page.minimum": "Au minimum",
    "page.charging": "Charge",
    "page.testing": "Compte les phases",
    "page.waking": "Réveil",
    "page.mode": "Mode de marche",
    "page.overridden": "{mode} (fichier : {file})",
    "page.switch": "Interrupteur",
    "page.switched-on": "enclenché",
    "page.switched-off": "coupé",
    "page.draws": "Puissance",
    "page.together": "Tous les véhicules ensemble",
    "page.at-most": "au plus {power}",
    "page.needs": "Besoin",
    "page.plan": "Plan, {pace}",
    "page.min-on": "Durée minimale de marche",
    "page.time-left": "encore {time}",
    "page.so-far": "{energy} jusqu'ici",
    "page.limit": "limite {current}",
    "pace.normal": "pour le plus d'énergie",
    "pace.calm": "avec peu de démarrages",
    "contact.silent": "ne répond pas",
    "contact.unknown": "position inconnue",
    "contact.closed": "fermé",
    "contact.open": "ouvert",
    "contact.unconfirmed": "{position}, pas confirmé",
    # what is not as it should be, and what to do about it
    "notice.engine-fault": "La commande a une erreur interne et a mis les appareils en position de sécurité : {error}",
    "todo.engine-fault": "Donner le journal de la passerelle à qui s'en occupe ; la commande réessaie d'elle-même.",
    "notice.engine-starting": "La commande démarre ; rien n'est encore décidé.",
    "todo.engine-starting": "Rien à faire : cela prend quelques secondes.",
    "notice.engine-late": "La dernière étape de la commande date d'il y a {age} : ce qui suit est ancien.",
    "todo.engine-late": "Redémarrer la passerelle si cela ne passe pas en quelques minutes.",
    "notice.meter-stale": ("Le compteur se tait depuis {age} : ce qui suit le soleil est en position de sécurité."),
    "notice.meter-stale-never": (
        "Le compteur n'a pas encore répondu : ce qui suit le soleil est en position de sécurité."
    ),
    "todo.meter-stale": (
        "Vérifier l'alimentation et le câble réseau du compteur ; tout reprend de soi-même dès qu'il répond."
    ),
    "notice.meter-held": "Le compteur se tait depuis {age} : rien ne démarre ni ne s'arrête sur sa dernière valeur.",
    "notice.meter-held-never": (
        "Le compteur n'a pas encore répondu : rien ne démarre ni ne s'arrête sur sa dernière valeur."
    ),
    "todo.meter-held": "Rien à faire pour l'instant : la plupart des coupures passent d'elles-mêmes.",
    "notice.meter-reversed": (
        "Selon le compteur, {power} sont vendus alors que ni le soleil ni une batterie ne donnent rien : "
        "son signe est inversé."
    ),
    "todo.meter-reversed": (
        "Faire inverser par l'installateur le signe du compteur, dans site.yaml ou aux pinces de mesure."
    ),
    "notice.device-silent": "{device} ({channels}) ne répond plus depuis {last}.",
    "notice.device-silent-saying": "{device} ({channels}) ne répond plus depuis {last} : {error}",
    "notice.device-silent-never": "{device} ({channels}) n'a jamais répondu.",
    "notice.device-silent-never-saying": "{device} ({channels}) n'a jamais répondu : {error}",
    "todo.device-silent": "Vérifier son alimentation et son câble réseau ; l'appareil est réinterrogé tout seul.",
    "notice.vehicle-asleep": "{station} : le véhicule dort ; du courant lui est offert, il n'en prend pas.",
    "todo.vehicle-asleep": "Réveiller le véhicule d'ici ou avec son application ; il est aussi réveillé tout seul.",
    "notice.vehicle-needs-driver": "{station} : le véhicule ne se réveille pas ; il faut y aller.",
    "todo.vehicle-needs-driver": "Déverrouiller le véhicule, ou débrancher puis rebrancher le câble.",
    "notice.station-away": "{station} n'est plus connectée depuis {last}.",
    "notice.station-away-never": "{station} ne s'est jamais connectée.",
    "todo.station-away": "Vérifier son alimentation et son réseau, et que son adresse OCPP mène à cette passerelle.",
    "todo.station-away-at": "Vérifier son alimentation et son réseau, et que son adresse OCPP mène ici ({address}).",
    "notice.station-faulted": "{station} signale une panne.",
    "todo.station-faulted": (
        "Son écran ou l'application du fabricant dit laquelle ; débrancher et redémarrer la borne aide parfois."
    ),
    "notice.station-amiss": "{station} est connectée, mais tout ne va pas bien : {error}",
    "todo.station-amiss": (
        "La faire voir par l'installateur ; d'ici là, la zone compte avec ce que la borne peut prendre."
    ),
    "notice.station-disobeys": "{station} prend plus que permis.",
    "todo.station-disobeys": (
        "Faire vérifier les limites de la borne par l'installateur ; d'ici là, ce qu'elle prend vraiment compte."
    ),
    "notice.need-at-risk": (
        "{name} a encore besoin de {missing} avant {by}, dont {short} ne peuvent plus venir, même à pleine puissance."
    ),
    "notice.need-at-risk-vehicle": (
        "Le véhicule à {name} a encore besoin de {missing} avant {by}, dont {short} ne peuvent plus venir, "
        "même à pleine puissance."
    ),
    "todo.need-at-risk": "Donner plus de temps ou demander moins, et voir si quelque chose le retient.",
    "notice.need-missed": "{name} : il manquait {missing} du besoin à l'échéance ({by}).",
    "notice.need-missed-vehicle": "Le véhicule à {name} : il manquait {missing} du besoin à l'échéance ({by}).",
    "todo.need-missed": "Lancer à la demande si c'est encore utile ; le prochain besoin commence de lui-même.",
    "notice.fuse-holds": "{name} est retenu : sinon une phase dépasserait ce que porte son fusible.",
    "todo.fuse-holds": "Éteindre autre chose sur cette phase, ou attendre : cela reprend de soi-même.",
    "notice.import-cap-holds": "{name} est retenu : sinon l'achat au réseau dépasserait la limite.",
    "todo.import-cap-holds": "Éteindre autre chose, ou attendre : cela reprend de soi-même.",
    "notice.dimmed": "Le gestionnaire du réseau a limité les appareils pilotés.",
    "notice.dimmed-to": "Le gestionnaire du réseau a limité les appareils pilotés à {power} ensemble.",
    "todo.dimmed": "Rien à faire : tout reprend quand le gestionnaire du réseau lève la limite.",
    "notice.policies-broken": (
        "Le dossier des règles a changé et ne se charge pas, les règles d'avant continuent : {error}. "
        "« noonward check » dit tout."
    ),
    "notice.policies-broken-one-more": (
        "Le dossier des règles a changé et ne se charge pas, les règles d'avant continuent : {error} "
        "et un autre problème. « noonward check » dit tout."
    ),
    "notice.policies-broken-more": (
        "Le dossier des règles a changé et ne se charge pas, les règles d'avant continuent : {error} "
        "et {more} autres problèmes. « noonward check » dit tout."
    ),
    "todo.policies-broken": "Corriger le fichier nommé ; il est chargé dès qu'il est enregistré.",
    "notice.clock-untrusted": "L'heure n'est pas encore sûre : d'ici là, les plages horaires comptent comme fermées.",
    "todo.clock-untrusted": "Vérifier que la passerelle atteint un serveur de temps.",
}

REFUSALS: Mapping[str, str] = {
    "The name or the password is wrong.": "Le nom ou le mot de passe est faux.",
    "This code is not good any more, or never was. “noonward auth code” on the gateway makes a new one.": (
        "Ce code ne vaut plus, ou n'a jamais valu. « noonward auth code » sur la passerelle en fait un nouveau."
    ),
    "That was too often; try again in {seconds} s.": "C'était trop souvent ; réessayer dans {seconds} s.",
    "The old password is wrong.": "L'ancien mot de passe est faux.",
    "Sign in with the old password to change it.": "Se connecter avec l'ancien mot de passe pour le changer.",
    "A password has at least {least} characters; three words that do not belong together are a good one.": (
        "Un mot de passe a au moins {least} caractères ; trois mots sans rapport entre eux conviennent bien."
    ),
    "A password has at most {most} characters.": "Un mot de passe a au plus {most} caractères.",
    "This password repeats a few characters; three words that do not belong together are a good one.": (
        "Ce mot de passe répète quelques caractères ; trois mots sans rapport entre eux conviennent bien."
    ),
    "“{word}” is what anyone would try first; take words that have nothing to do with this site.": (
        "« {word} » est ce que chacun essaierait d'abord ; prendre des mots sans rapport avec ce site."
    ),
    "This password is on the list of those that are tried first; take another.": (
        "Ce mot de passe est sur la liste de ceux qu'on essaie d'abord ; en prendre un autre."
    ),
    "A name has letters and digits, with single . - _ or @ between them, and at most {most} characters.": (
        "Un nom a des lettres et des chiffres, avec des . - _ ou @ isolés entre eux, et au plus {most} caractères."
    ),
    "There is somebody called {name} already.": "Il y a déjà quelqu'un du nom de {name}.",
    "{name} is the only owner: make somebody else an owner first.": (
        "{name} est le seul propriétaire : en nommer d'abord un autre."
    ),
    "A token needs a name that says what it is for, of at most {most} characters.": (
        "Un jeton a besoin d'un nom qui dit à quoi il sert, d'au plus {most} caractères."
    ),
    "There are {most} tokens already; delete those that nothing uses.": (
        "Il y a déjà {most} jetons ; supprimer ceux que rien n'utilise."
    ),
    "A token may do no more than who makes it.": "Un jeton ne peut pas plus que la personne qui le crée.",
    "A token lasts a year at most; make a new one then.": "Un jeton vaut un an au plus ; en créer alors un nouveau.",
    "There is no such token, or it is over.": "Ce jeton n'existe pas ou plus.",
    "There is no such session, or it is over.": "Cette connexion n'existe pas ou plus.",
    "Sign in first, or send a token. On the gateway itself “noonward” commands do without.": (
        "Il faut d'abord se connecter."
    ),
    "There is nothing of that name that you may see.": "Sous ce nom, il n'y a rien d'autorisé.",
    "{name} may not do that here: it needs “{action}”, which the role {role} does not have.": (
        "{name} n'en a pas le droit : le rôle n'y suffit pas."
    ),
    "{name} may not do that here: it needs “{action}”, which the role {role} has only for the whole site.": (
        "{name} n'en a pas le droit ici : le rôle ne vaut que pour une partie du site."
    ),
    (
        "Somebody has set it meanwhile, or its file has changed: look at what it is “now”, and set it again if you "
        "still want to."
    ): (
        "Quelqu'un l'a réglé entre-temps, ou le fichier a changé : regarder ce qui vaut maintenant, et régler de "
        "nouveau si nécessaire."
    ),
    "Somebody has changed it meanwhile: see what it is “now”, and change it again if you still want to.": (
        "Quelqu'un l'a changé entre-temps : regarder ce qui vaut maintenant, et changer de nouveau si nécessaire."
    ),
    "The engine is starting; ask again in a moment.": "La commande démarre ; réessayer dans un instant.",
    "A bug in Noonward; its log has the trace. Devices go on.": (
        "Une erreur dans Noonward ; son journal en dit plus. Les appareils continuent."
    ),
    "It could not be made durable, and is not set: {error}": "Cela n'a pas pu être enregistré et ne vaut pas : {error}",
    "The device did not do it: {error}": "L'appareil ne l'a pas fait : {error}",
    "{policy} is in mode {mode}; its switch works in mode manual only": (
        "{policy} est en mode « {mode} » ; l'interrupteur n'agit qu'en mode « à la main »."
    ),
    "{policy} is in mode always-off, which a boost does not lift": (
        "{policy} est en mode « toujours à l'arrêt » ; une demande n'y change rien."
    ),
    "{policy} is in mode always-off: {station} does not charge, whoever asks": (
        "{policy} est en mode « toujours à l'arrêt » : {station} ne charge pour personne."
    ),
    "{policy} is in mode manual and switched off; switch it on instead": (
        "{policy} est en mode « à la main » et coupé ; il faut l'enclencher."
    ),
    "{zone} does not let people charge at once: charge_now.allowed is false in {file}": (
        "{zone} ne permet pas de charger tout de suite (charge_now.allowed dans {file})."
    ),
    "no vehicle sleeps at {station}, so there is none to wake": (
        "À {station}, aucun véhicule ne dort ; il n'y a rien à réveiller."
    ),
    "an override that has ended already changes nothing; give an end in the future, or none": (
        "Cette fin est déjà passée ; en choisir une à venir, ou aucune."
    ),
    "charge-now would have ended already; give a moment in the future, or none": (
        "Cette fin est déjà passée ; en choisir une à venir, ou aucune."
    ),
    "that departure is past; give a moment in the future": "Ce départ est déjà passé ; en choisir un à venir.",
    "{written} is over already; {what} must end in the future.": "{written} est déjà passé ; la fin doit être à venir.",
    "{written} is more than ten years away; {endless}": "{written} est dans plus de dix ans ; choisir plus tôt.",
    "The energy must be more than 0 and at most 1000 kWh, not {sent}.": (
        "L'énergie doit être plus que 0 et au plus 1000 kWh, pas {sent}."
    ),
    "a test lasts from 0 s to {minutes} min; for longer, override the mode": (
        "Un essai dure au plus {minutes} min ; pour plus longtemps, choisir un mode."
    ),
}
