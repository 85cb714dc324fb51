"""Every word that people are told, in Italian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.model import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTENCES: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        "In funzione: l'eccedenza copre {covers}, continua fino a {stops_below}; mancano {missing_wh} entro {by:le|}.",
        "In funzione: eccedenza di {surplus_w}, basta per {vehicles} dei veicoli della zona.",
        "In funzione: eccedenza disponibile {surplus_w}, continua fino a {off_below_w}.",
        "In funzione: eccedenza disponibile {surplus_w}.",
        "In funzione: resta abbastanza eccedenza.",
    ),
    ReasonCode.TIMER: (
        "In funzione: la fascia «{window}» è aperta fino {until:alle|a}.",
        "In funzione: la fascia «{window}» è aperta.",
        "In funzione: una fascia oraria è aperta.",
    ),
    ReasonCode.ALWAYS_ON: ("In funzione: la modalità è «sempre in funzione».",),
    ReasonCode.ALWAYS_OFF: ("Spento: la modalità è «sempre spento».",),
    ReasonCode.SWITCH_ON: ("In funzione: acceso a mano.",),
    ReasonCode.SWITCH_OFF: ("Spento: l'interruttore è su spento.",),
    ReasonCode.MIN_ON: (
        "In funzione: una volta avviato resta acceso almeno {min_on_s}, fino {until:alle|a}.",
        "In funzione: una volta avviato resta acceso almeno {min_on_s}.",
        "In funzione: la durata minima non è ancora trascorsa.",
    ),
    ReasonCode.MIN_OFF: (
        "In attesa: una volta fermato resta spento almeno {min_off_s}, fino {until:alle|a}.",
        "In attesa: una volta fermato resta spento almeno {min_off_s}.",
        "In attesa: la pausa minima non è ancora trascorsa.",
    ),
    ReasonCode.ON_DELAY: (
        "In attesa: eccedenza di {surplus_w}, ne bastano {on_above_w}; si avvia {until:alle|} se dura.",
        "In attesa: eccedenza di {surplus_w}, sufficiente; un veicolo si avvia {until:alle|} se dura.",
        "In attesa: eccedenza sufficiente; si avvia {until:alle|} se dura.",
        "In attesa: eccedenza sufficiente; si avvia se dura.",
    ),
    ReasonCode.OFF_DELAY: (
        (
            "Ancora in funzione: eccedenza {surplus_w}, meno di {off_below_w}; si ferma {until:alle|} "
            "se l'eccedenza non torna."
        ),
        (
            "Ancora in funzione: eccedenza {surplus_w}, troppo poca per tutti quelli in carica; "
            "uno va in pausa {until:alle|} se non torna."
        ),
        "Ancora in funzione: troppo poca eccedenza; si ferma {until:alle|} se non torna.",
        "Ancora in funzione: troppo poca eccedenza; si ferma se non torna.",
    ),
    ReasonCode.TOO_LITTLE_SURPLUS: (
        "L'eccedenza copre {covers}; il piano si avvia a {starts_at}, una volta avviato continua fino a {stops_below}.",
        "Eccedenza disponibile {surplus_w}; ciò che è partito con il sole continua fino a {off_below_w}.",
        "In attesa: eccedenza disponibile {surplus_w}, si avvia a {on_above_w}.",
        "In attesa: eccedenza {surplus_w}, troppo poca per un altro veicolo.",
        "In attesa: troppo poca eccedenza.",
    ),
    ReasonCode.OUTSIDE_WINDOW: (
        "Spento: nessuna fascia oraria è aperta fino {until:alle|a}.",
        "Spento: nessuna fascia oraria è aperta.",
    ),
    ReasonCode.NEED_FORCED: (
        "In funzione: ultima occasione prima {by:delle|di}, mancano {missing_wh}.",
        "In funzione: servono {energy_wh} entro {departure:le|}, e ci vuole tutto il tempo che resta.",
        "In funzione: il fabbisogno non si poteva coprire in tempo altrimenti.",
    ),
    ReasonCode.PLAN_WAITS: (
        (
            "In attesa di più sole: {covers} coperto, si avvia a {starts_at}, probabilmente verso {likely_at:le|};"
            " servono {missing_wh} entro {by:le|}."
        ),
        "In attesa di più sole: {covers} coperto, si avvia a {starts_at}; servono {missing_wh} entro {by:le|}.",
        "In attesa di più sole: servono {missing_wh} entro {by:le|}.",
        "In attesa di più sole: c'è abbastanza tempo.",
    ),
    ReasonCode.CHARGE_NOW: (
        "In funzione: {by} ha chiesto {energy_wh} subito, al più tardi fino {until:alle|a}.",
        "In funzione: richiesto subito da {by}, fino {until:alle|a}.",
        "In funzione: {by} ha chiesto {energy_wh} subito.",
        "In funzione: richiesto subito da {by}.",
        "In funzione: qualcuno ha chiesto {energy_wh} subito.",
        "In funzione: richiesto subito da qualcuno, fino {until:alle|a}.",
        "In funzione: si deve caricare subito, con o senza sole.",
    ),
    ReasonCode.DETECTING_PHASES: ("In funzione: una breve prova conta le fasi usate dal veicolo.",),
    ReasonCode.BELOW_MINIMUM: (
        "In attesa: restano meno di {min_current_a} per fase, il minimo per un veicolo.",
        "In attesa: resta meno del minimo per un veicolo.",
    ),
    ReasonCode.ZONE_FULL: ("In attesa: altri veicoli prendono ciò che la zona può dare; si va a turno.",),
    ReasonCode.FUSE: ("Trattenuto: altrimenti una fase supererebbe la portata del suo fusibile.",),
    ReasonCode.IMPORT_CAP: ("Trattenuto: altrimenti si supererebbe il prelievo ammesso dalla rete.",),
    ReasonCode.DIMMED: ("Trattenuto: il gestore di rete ha limitato gli apparecchi comandati.",),
    ReasonCode.PREEMPTED: ("In attesa: l'eccedenza va a chi è servito prima.",),
    ReasonCode.SETTLING: ("Invariato: la misura non mostra ancora l'ultima commutazione.",),
    ReasonCode.BOOST: (
        "In funzione: su richiesta fino {until:alle|a}.",
        "In funzione: su richiesta.",
    ),
    ReasonCode.OVERRIDE: (
        "{by} ha scelto la modalità «{mode}» fino {until:alle|a}: {reason}",
        "{by} ha scelto la modalità «{mode}» fino {until:alle|a}.",
        "{by} ha scelto la modalità «{mode}» fino a nuovo avviso: {reason}",
        "{by} ha scelto la modalità «{mode}» fino a nuovo avviso.",
        "La modalità «{mode}» vale fino {until:alle|a}.",
        "La modalità «{mode}» vale per ora.",
        "Per ora vale un'altra modalità.",
    ),
    ReasonCode.DARK_START: (
        "In attesa: la corrente è appena tornata, gli apparecchi si avviano uno dopo l'altro, questo {until:alle|}.",
        "In attesa: la corrente è appena tornata, gli apparecchi si avviano uno dopo l'altro.",
    ),
    ReasonCode.ENGINE_FAULT: ("Rilasciato: il motore ha un errore interno; il suo registro dice quale.",),
    ReasonCode.METER_HELD: (
        "Invariato: l'ultimo valore del contatore di rete ha {grid_age_s}; con quello nulla si avvia né si ferma.",
        "Invariato: il contatore di rete non ha ancora risposto.",
    ),
    ReasonCode.METER_STALE: (
        "Posizione di sicurezza «{then}»: il contatore di rete tace da {grid_age_s}.",
        "Posizione di sicurezza «{then}»: il contatore di rete tace.",
        "Posizione di sicurezza: il contatore di rete tace.",
    ),
    ReasonCode.NO_VEHICLE: ("In attesa: nessun veicolo è collegato.",),
    ReasonCode.ASLEEP: (
        (
            "Il veicolo dorme: gli viene offerta corrente e non ne prende. "
            "Tentativi di risveglio: {attempts} su 3, poi bisogna andarci."
        ),
        "Il veicolo dorme: gli viene offerta corrente e non ne prende.",
    ),
    ReasonCode.WAKING: (
        "Il veicolo non prende la corrente offerta e viene svegliato: tentativo {attempts} su 3.",
        "Il veicolo non prende la corrente offerta e viene svegliato.",
    ),
    ReasonCode.SATISFIED: (
        "A riposo: i {needed_wh} necessari ci sono; il prossimo fabbisogno inizia {until:alle|}.",
        "A riposo: la corrente offerta non è stata presa; la prossima offerta {until:alle|}.",
        "A riposo: {charged_wh} caricati da quando è collegato, non ne vuole più.",
        "A riposo: ha quanto vuole e non prende corrente.",
    ),
    ReasonCode.NOT_ANSWERING: (
        "Il relè non segue l'ultimo comando da {unconfirmed_s}; il comando viene ripetuto.",
        "La stazione non ubbidisce: {drawn_a} invece di {limit_a}; il comando viene ripetuto.",
        (
            "La stazione ora non può essere regolata: è {online}, il suo ultimo stato è «{status}». "
            "Quanto può prendere le resta riservato."
        ),
        "La stazione ora non può essere regolata: è {online}. Quanto può prendere le resta riservato.",
        "L'ultimo comando non è stato seguito; viene ripetuto.",
    ),
    ReasonCode.STARTS_EXHAUSTED: (
        "In attesa: avviato {starts} volte da quando è collegato; con troppi avvii i veicoli si bloccano.",
        "In attesa: avviato tante volte quante ne sono ammesse in questa ricarica.",
    ),
}

SCARCE: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        (
            "In funzione: non si prevede abbastanza sole prima {by:delle|di} per {missing_wh}; "
            "prende ogni eccedenza, fino a {stops_below}."
        ),
    ),
    ReasonCode.PLAN_WAITS: (
        "In attesa: non si prevede abbastanza sole prima {by:delle|di} per {missing_wh}; ogni eccedenza lo avvia.",
    ),
}

PHRASES: Mapping[str, str] = {
    # numbers and moments
    "number.decimal": ",",
    "number.space": "\N{NO-BREAK SPACE}",
    "unit.min": "min",
    "unit.h": "h",
    "unit.d": "g",
    "moment.weekdays": "lun mar mer gio ven sab dom",
    "moment.days": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "moment.weekday": "{weekday} {time}",
    "moment.date": "{day}.{month}.{year} {time}",
    "nothing.surplus_w": "nulla",
    "nothing.covers": "0 %",
    "nothing.stops_below": "0 %, con al massimo {share} dalla rete",
    # what facts are called
    "mode.auto-solar": "sole",
    "mode.auto-timer": "sole o fasce orarie",
    "mode.timer": "fasce orarie",
    "mode.always-on": "sempre in funzione",
    "mode.always-off": "sempre spento",
    "mode.manual": "a mano",
    "then.release": "rilasciare",
    "then.keep": "mantenere",
    "then.force": "accendere",
    "online.yes": "connessa",
    "online.no": "non connessa",
    "status.available": "libera",
    "status.preparing": "si prepara",
    "status.charging": "in carica",
    "status.suspended-ev": "sospesa dal veicolo",
    "status.suspended-evse": "sospesa dalla stazione",
    "status.finishing": "sta terminando",
    "status.reserved": "riservata",
    "status.unavailable": "fuori servizio",
    "status.faulted": "guasta",
    # what time brings, and what else would change a policy
    "next": "{at:Alle|Il} {what}.",
    "next.override-ends": "termina la modalità scelta",
    "next.boost-ends": "termina il funzionamento su richiesta",
    "next.min-on-over": "termina la durata minima",
    "next.min-off-over": "termina la pausa minima",
    "next.starts": "si avvia se l'eccedenza dura",
    "next.stage-up": "sale di un livello se l'eccedenza dura",
    "next.stops": "si ferma se l'eccedenza resta troppo poca",
    "next.offered": "viene offerta di nuovo corrente",
    "next.forced": "funziona per il fabbisogno, se il sole non ha dato nulla",
    "next.due": "scade il fabbisogno",
    "next.anew": "ricomincia il fabbisogno",
    "next.window-opens": "si apre la fascia oraria",
    "next.window-closes": "si chiude la fascia oraria",
    "next.named-window-opens": "si apre la fascia «{window}»",
    "next.named-window-closes": "si chiude la fascia «{window}»",
    "next.vehicle-starts": "si avvia un veicolo se l'eccedenza dura",
    "next.one-more-starts": "si avvia un altro veicolo se l'eccedenza dura",
    "next.vehicle-pauses": "un veicolo va in pausa se l'eccedenza resta troppo poca",
    "next.test-over": "termina al più tardi la prova delle fasi a {station}",
    "next.min-on-over-at": "termina la durata minima a {station}",
    "next.charge-now-ends": "termina «carica ora» a {station}",
    "next.driver-leaves": "parte il veicolo a {station}",
    "left": "",
    "left.for": " per {delay}",
    "condition.starts": "Si avvia con un'eccedenza di {power}{left}.",
    "condition.stage-up": "Sale di un livello con un'eccedenza di {power}{left}.",
    "condition.stops": "Si ferma con un'eccedenza sotto {power}{left}.",
    "condition.stage-down": "Scende di un livello con un'eccedenza sotto {power}{left}.",
    "condition.vehicle-starts": "Un veicolo si avvia se l'eccedenza copre il suo minimo ({current} per fase){left}.",
    "condition.vehicle-starts-on-part": (
        "Un veicolo si avvia se l'eccedenza copre {share} del suo minimo ({current} per fase){left}."
    ),
    "condition.vehicle-pauses": "Uno va in pausa se l'eccedenza copre meno di {share} del suo minimo{left}.",
    "condition.plan-starts": "Si avvia quando è coperto {share}; il piano viene rifatto ogni quarto d'ora.",
    "condition.plan-starts-lasting": (
        "Si avvia quando è coperto {share} per {delay}; il piano viene rifatto ogni quarto d'ora."
    ),
    "condition.plan-goes-on": "Continua finché è coperto {share}; il piano viene rifatto ogni quarto d'ora.",
    "condition.plan-buys": "Continua con al massimo {share} dalla rete; il piano viene rifatto ogni quarto d'ora.",
    "condition.switch": "Segue il suo interruttore: «noonward switch {name} on» oppure «off».",
    "condition.mode": "Cambia solo con la modalità.",
    # states of a policy
    "state.off": "Spento",
    "state.on": "In funzione",
    "state.stage": "Livello {stage}",
    "state.solar": "Con il sole",
    "state.minimum": "Minimo",
    "state.full": "Piena potenza",
    "state.normal": "Normale",
    "state.recommended": "Consigliato",
    "state.forced": "Forzato",
    # before the first decision
    "undecided.fault": "Non ancora deciso: il motore ha un errore interno.",
    "undecided.starting": "Non ancora deciso: il motore si avvia.",
    # needs and plans
    "need.full": "ha abbastanza: presi {drawn} di {energy}, non ne prende più",
    "need.met": "ha i suoi {energy}",
    "need.open": "{drawn} di {energy}, mancano {missing}",
    "need.open-by": "{drawn} di {energy}, mancano {missing} entro {by:le|}",
    "need.open-over": "{drawn} di {energy}, mancavano {missing} alla scadenza ({by})",
    "need.all-by": "{drawn} di {energy}, manca ancora tutto entro {by:le|}",
    "need.all-over": "{drawn} di {energy}, mancava tutto alla scadenza ({by})",
    "plan.unlearnt": "non ha ancora imparato; ",
    "plan.starts": "si avvia con {share} dal sole",
    "plan.any-sun": "prende tutto il sole che c'è",
    "plan.likely": ", probabilmente verso {at:le|}",
    "plan.stops": ", si ferma sotto {share}",
    "plan.stops-at-none": ", si ferma senza sole",
    "plan.stops-buying": ", si ferma senza sole e con {share} dalla rete",
    "learnt.none": "Non ancora imparato un giorno intero di questo impianto; i piani iniziano dopo il primo.",
    "learnt.some": "Imparati {days} di {all} giorni di questo impianto.",
    "learnt.all": "Imparati gli ultimi {all} giorni di questo impianto.",
    "forecast": "I piani seguono una previsione esterna, ricevuta {age} fa, valida fino {until:alle|a}.",
    # stations
    "charge-now.unplugged": "carica ora fino allo scollegamento",
    "charge-now.until": "carica ora fino {until:alle|a}",
    "charge-now.energy": "carica ora {energy}",
    "charge-now.until-or-energy": "carica ora fino {until:alle|a} o {energy}",
    "driver.full": "non prende altro dei suoi {energy}",
    "driver.met": "ha i suoi {energy}",
    "driver.needs": "ha bisogno di {energy} entro {by:le|}",
    "driver.needs-missing": "ha bisogno di {energy} entro {by:le|}, mancano {missing}",
    "station.undecided": "non ancora deciso",
    "station.unknown": "ancora nessuna notizia",
    "station.not-answering": "non risponde",
    "station.absent": "libera",
    "station.paused": "in attesa",
    "station.detecting": "conta le fasi",
    "station.offered": "{limit} offerti, non carica ancora",
    "station.charging": "carica a {current}",
    "station.charging-on": "carica a {current} su {phases}",
    "station.charging-nothing": "carica, ora non prende nulla",
    "station.satisfied": "ha abbastanza",
    "station.asleep": "dorme",
    "station.waking": "viene svegliato",
    "station.needs-driver": "bisogna andare al veicolo",
    "phases.one": "una fase",
    "phases.many": "{phases} fasi",
    "trouble.away": "Non è connessa; l'ultima misura è di {heard}.",
    "trouble.gone": "Non è connessa.",
    "trouble.never": "Non si è mai connessa.",
    "trouble.faulted": "Segnala un guasto: il suo display o l'app del produttore dice quale.",
    "trouble.unavailable": "Segnala di essere fuori servizio.",
    "trouble.needs-driver": "Il veicolo non si sveglia: sbloccarlo o ricollegare il cavo.",
    "trouble.disbelieved": "Prende più del consentito, e conta per quanto prende.",
    "trouble.fewer-phases": (
        "Il veicolo carica su {phases}, non su {declared} come dichiarato; «phases: auto» lo scoprirebbe."
    ),
    # how sentences begin where a heading says it already
    "begins.waiting": "In attesa: ",
    "begins.on": "In funzione: ",
    # the plain page
    "page.lost": "Nessuna connessione al gateway: ciò che si vede è vecchio.",
    "page.power": "Potenza ora",
    "page.policies": "Regole",
    "page.stations": "Stazioni di ricarica",
    "page.none": "Ancora nessuna regola.",
    "page.unknown": "sconosciuto",
    "page.sun": "Sole",
    "page.grid": "Rete",
    "page.grid-takes": "Prelievo dalla rete",
    "page.grid-gives": "Immissione in rete",
    "page.battery": "Batteria",
    "page.battery-takes": "Batteria in carica",
    "page.battery-gives": "Batteria fornisce",
    "page.full": ", carica al {share}",
    "page.never": "mai misurato",
    "page.ago": "{age} fa",
    "page.solar": "Con il sole",
    "page.minimum": "Al minimo",
    "page.charging": "In carica",
    "page.testing": "Conta le fasi",
    "page.waking": "Sveglia",
    "page.mode": "Modalità",
    "page.overridden": "{mode} (nel file: {file})",
    "page.switch": "Interruttore",
    "page.switched-on": "acceso",
    "page.switched-off": "spento",
    "page.draws": "Potenza",
    "page.together": "Tutti i veicoli insieme",
    "page.at-most": "al massimo {power}",
    "page.needs": "Fabbisogno",
    "page.plan": "Piano ({pace})",
    "page.min-on": "Durata minima",
    "page.time-left": "ancora {time}",
    "page.so-far": "finora {energy}",
    "page.limit": "limite {current}",
    "pace.normal": "per più energia",
    "pace.calm": "con pochi avvii",
    "contact.silent": "non risponde",
    "contact.unknown": "posizione sconosciuta",
    "contact.closed": "chiuso",
    "contact.open": "aperto",
    "contact.unconfirmed": "{position}, non confermato",
    # what is not as it should be, and what to do about it
    "notice.engine-fault": "Errore interno del motore; gli apparecchi sono in posizione di sicurezza: {error}",
    "todo.engine-fault": "Dare il registro del gateway a chi se ne occupa; il motore continua a riprovare da solo.",
    "notice.engine-starting": "Il motore si avvia; nulla è ancora deciso.",
    "todo.engine-starting": "Nulla da fare: ci vogliono pochi secondi.",
    "notice.engine-late": "L'ultimo passo del motore è di {age} fa: ciò che segue è vecchio.",
    "todo.engine-late": "Riavviare il gateway se non passa entro pochi minuti.",
    "notice.meter-stale": "Il contatore di rete tace da {age}: ciò che segue il sole è in posizione di sicurezza.",
    "notice.meter-stale-never": (
        "Il contatore di rete non ha ancora risposto: ciò che segue il sole è in posizione di sicurezza."
    ),
    "todo.meter-stale": (
        "Controllare l'alimentazione e il cavo di rete del contatore; appena risponde, tutto riprende da solo."
    ),
    "notice.meter-held": "Il contatore di rete tace da {age}: con il suo ultimo valore nulla si avvia né si ferma.",
    "notice.meter-held-never": (
        "Il contatore di rete non ha ancora risposto: con il suo ultimo valore nulla si avvia né si ferma."
    ),
    "todo.meter-held": "Per ora nulla da fare: quasi sempre passa da solo.",
    "notice.meter-reversed": (
        "Secondo il contatore di rete si vendono {power}, ma né il sole né una batteria ne danno: "
        "il suo segno è invertito."
    ),
    "todo.meter-reversed": (
        "Far invertire dall'installatore il segno del contatore, in site.yaml o alle pinze amperometriche."
    ),
    "notice.device-silent": "{device} ({channels}) non risponde {last:dalle|da}.",
    "notice.device-silent-saying": "{device} ({channels}) non risponde {last:dalle|da}: {error}",
    "notice.device-silent-never": "{device} ({channels}) non ha mai risposto.",
    "notice.device-silent-never-saying": "{device} ({channels}) non ha mai risposto: {error}",
    "todo.device-silent": "Controllare la sua alimentazione e il cavo di rete; viene interrogato di nuovo da solo.",
    "notice.vehicle-asleep": "{station}: il veicolo dorme; gli viene offerta corrente e non ne prende.",
    "todo.vehicle-asleep": "Svegliare il veicolo da qui o con la sua app; viene svegliato anche da solo.",
    "notice.vehicle-needs-driver": "{station}: il veicolo non si sveglia; bisogna andarci.",
    "todo.vehicle-needs-driver": "Sbloccare il veicolo, oppure scollegare e ricollegare il cavo.",
    "notice.station-away": "{station} non è connessa {last:dalle|da}.",
    "notice.station-away-never": "{station} non si è mai connessa.",
    "todo.station-away": (
        "Controllare la sua alimentazione e la sua rete, e che il suo indirizzo OCPP porti a questo gateway."
    ),
    "todo.station-away-at": (
        "Controllare la sua alimentazione e la sua rete, e che il suo indirizzo OCPP porti qui ({address})."
    ),
    "notice.station-faulted": "{station} segnala un guasto.",
    "todo.station-faulted": (
        "Il suo display o l'app del produttore dice quale; a volte aiuta scollegare e riavviare la stazione."
    ),
    "notice.station-amiss": "{station} è connessa, ma non tutto va bene: {error}",
    "todo.station-amiss": (
        "Farla vedere dall'installatore; fino ad allora la zona conta con quanto la stazione può prendere."
    ),
    "notice.station-disobeys": "{station} prende più del consentito.",
    "todo.station-disobeys": (
        "Far controllare i limiti della stazione dall'installatore; fino ad allora conta quanto prende davvero."
    ),
    "notice.need-at-risk": (
        "{name} ha ancora bisogno di {missing} entro {by:le|}, e {short} non possono più arrivare, "
        "nemmeno a piena potenza."
    ),
    "notice.need-at-risk-vehicle": (
        "Il veicolo a {name} ha ancora bisogno di {missing} entro {by:le|}, e {short} non possono più arrivare, "
        "nemmeno a piena potenza."
    ),
    "todo.need-at-risk": "Dare più tempo o chiedere meno, e guardare se qualcosa lo trattiene.",
    "notice.need-missed": "{name}: alla scadenza ({by}) mancavano {missing} del fabbisogno.",
    "notice.need-missed-vehicle": "Il veicolo a {name}: alla scadenza ({by}) mancavano {missing} del fabbisogno.",
    "todo.need-missed": "Avviarlo su richiesta se serve ancora; il prossimo fabbisogno inizia da solo.",
    "notice.fuse-holds": "{name} è trattenuto: altrimenti una fase supererebbe la portata del suo fusibile.",
    "todo.fuse-holds": "Spegnere altro su quella fase, o aspettare: riprende da solo.",
    "notice.import-cap-holds": "{name} è trattenuto: altrimenti si supererebbe il prelievo ammesso dalla rete.",
    "todo.import-cap-holds": "Spegnere altro, o aspettare: riprende da solo.",
    "notice.dimmed": "Il gestore di rete ha limitato gli apparecchi comandati.",
    "notice.dimmed-to": "Il gestore di rete ha limitato gli apparecchi comandati a {power} in tutto.",
    "todo.dimmed": "Nulla da fare: tutto riprende quando il gestore di rete toglie il limite.",
    "notice.policies-broken": (
        "La cartella delle regole è cambiata e non si carica, continuano quelle di prima: {error}. "
        "«noonward check» dice tutto."
    ),
    "notice.policies-broken-one-more": (
        "La cartella delle regole è cambiata e non si carica, continuano quelle di prima: {error} e un altro problema. "
        "«noonward check» dice tutto."
    ),
    "notice.policies-broken-more": (
        "La cartella delle regole è cambiata e non si carica, continuano quelle di prima: {error} e altri {more} "
        "problemi. «noonward check» dice tutto."
    ),
    "todo.policies-broken": "Correggere il file indicato; viene caricato appena salvato.",
    "notice.clock-untrusted": "L'ora non è ancora sicura: fino ad allora le fasce orarie contano come chiuse.",
    "todo.clock-untrusted": "Controllare che il gateway raggiunga un server dell'ora.",
}

REFUSALS: Mapping[str, str] = {
    "The name or the password is wrong.": "Il nome o la password non è giusta.",
    "This code is not good any more, or never was. “noonward auth code” on the gateway makes a new one.": (
        "Questo codice non vale più, o non è mai valso. «noonward auth code» sul gateway ne fa uno nuovo."
    ),
    "That was too often; try again in {seconds} s.": "È stato troppo spesso; riprovare tra {seconds} s.",
    "The old password is wrong.": "La vecchia password non è giusta.",
    "Sign in with the old password to change it.": "Per cambiarla, accedere con la vecchia password.",
    "A password has at least {least} characters; three words that do not belong together are a good one.": (
        "Una password ha almeno {least} caratteri; vanno bene tre parole che non c'entrano tra loro."
    ),
    "A password has at most {most} characters.": "Una password ha al massimo {most} caratteri.",
    "This password repeats a few characters; three words that do not belong together are a good one.": (
        "Questa password ripete pochi caratteri; vanno bene tre parole che non c'entrano tra loro."
    ),
    "“{word}” is what anyone would try first; take words that have nothing to do with this site.": (
        "«{word}» è ciò che chiunque proverebbe per primo; meglio parole che non c'entrano con questo impianto."
    ),
    "This password is on the list of those that are tried first; take another.": (
        "Questa password è nella lista di quelle provate per prime; prenderne un'altra."
    ),
    "A name has letters and digits, with single . - _ or @ between them, and at most {most} characters.": (
        "Un nome ha lettere e cifre, con singoli . - _ o @ in mezzo, e al massimo {most} caratteri."
    ),
    "There is somebody called {name} already.": "C'è già qualcuno di nome {name}.",
    "{name} is the only owner: make somebody else an owner first.": (
        "{name} è l'unico proprietario: nominarne prima un altro."
    ),
    "A token needs a name that says what it is for, of at most {most} characters.": (
        "Un token ha bisogno di un nome che dica a che cosa serve, di al massimo {most} caratteri."
    ),
    "There are {most} tokens already; delete those that nothing uses.": (
        "Ci sono già {most} token; eliminare quelli che nulla usa."
    ),
    "A token may do no more than who makes it.": "Un token non può più di chi lo crea.",
    "A token lasts a year at most; make a new one then.": "Un token vale al massimo un anno; poi crearne uno nuovo.",
    "There is no such token, or it is over.": "Questo token non esiste, o non esiste più.",
    "There is no such session, or it is over.": "Questo accesso non esiste, o non esiste più.",
    "Sign in first, or send a token. On the gateway itself “noonward” commands do without.": "Prima occorre accedere.",
    "There is nothing of that name that you may see.": "Con questo nome non c'è nulla di autorizzato.",
    "{name} may not do that here: it needs “{action}”, which the role {role} does not have.": (
        "{name} non può farlo: il ruolo non basta."
    ),
    "{name} may not do that here: it needs “{action}”, which the role {role} has only for the whole site.": (
        "{name} non può farlo qui: il ruolo vale solo per una parte dell'impianto."
    ),
    (
        "Somebody has set it meanwhile, or its file has changed: look at what it is “now”, and set it again if you "
        "still want to."
    ): (
        "Nel frattempo qualcuno l'ha impostato, o il file è cambiato: guardare che cosa vale ora, e impostare di "
        "nuovo se serve ancora."
    ),
    "Somebody has changed it meanwhile: see what it is “now”, and change it again if you still want to.": (
        "Nel frattempo qualcuno l'ha cambiato: guardare che cosa vale ora, e cambiare di nuovo se serve ancora."
    ),
    "The engine is starting; ask again in a moment.": "Il motore si avvia; riprovare tra un momento.",
    "A bug in Noonward; its log has the trace. Devices go on.": (
        "Un errore in Noonward; il suo registro dice di più. Gli apparecchi continuano."
    ),
    "It could not be made durable, and is not set: {error}": "Non si è potuto salvare e non vale: {error}",
    "The device did not do it: {error}": "Il dispositivo non l'ha fatto: {error}",
    "{policy} is in mode {mode}; its switch works in mode manual only": (
        "{policy} è in modalità «{mode}»; l'interruttore agisce solo in «a mano»."
    ),
    "{policy} is in mode always-off, which a boost does not lift": (
        "{policy} è in modalità «sempre spento»; una richiesta non la cambia."
    ),
    "{policy} is in mode always-off: {station} does not charge, whoever asks": (
        "{policy} è in modalità «sempre spento»: {station} non carica per nessuno."
    ),
    "{policy} is in mode manual and switched off; switch it on instead": (
        "{policy} è in modalità «a mano» e spento; va acceso."
    ),
    "{zone} does not let people charge at once: charge_now.allowed is false in {file}": (
        "{zone} non permette di caricare subito (charge_now.allowed in {file})."
    ),
    "no vehicle sleeps at {station}, so there is none to wake": (
        "A {station} nessun veicolo dorme; non c'è nulla da svegliare."
    ),
    "an override that has ended already changes nothing; give an end in the future, or none": (
        "Questa fine è già passata; sceglierne una futura, o nessuna."
    ),
    "charge-now would have ended already; give a moment in the future, or none": (
        "Questa fine è già passata; sceglierne una futura, o nessuna."
    ),
    "that departure is past; give a moment in the future": "Questa partenza è già passata; sceglierne una futura.",
    "{written} is over already; {what} must end in the future.": "{written} è già passato; la fine deve essere futura.",
    "{written} is more than ten years away; {endless}": "{written} è tra più di dieci anni; scegliere prima.",
    "The energy must be more than 0 and at most 1000 kWh, not {sent}.": (
        "L'energia deve essere più di 0 e al massimo 1000 kWh, non {sent}."
    ),
    "a test lasts from 0 s to {minutes} min; for longer, override the mode": (
        "Una prova dura al massimo {minutes} min; per più a lungo scegliere una modalità."
    ),
}
