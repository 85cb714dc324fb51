"""OCPP central system: charge points that connect to the gateway, 1.6J and 2.0.1 behind one set of events and commands.

From the wire inwards::

    server    websockets, who may come in (auth, tls), one link a station
    link      one connected station: typed events in, typed commands out
    rpc       calls, results and errors over one connection, whatever comes; frames, wirelog
    v16 v201  the two dialects: payloads to events, commands to payloads
    payloads  the one module that knows the package ``ocpp``: its dataclasses and schemas
    facade    events, commands and answers, the same for both; schedule, metervalues
    quirks    what is known about station models, as data in ``stations/``

From the device entry to the engine::

    driver    what the engine loads; declared reads the entry, schema checks it
    desk      all stations of an entry; charger one of them, arrival its comings and goings
    connector what the engine sees; transactions, badges, locallist, stationclock, kept in memory
    control   what the engine commands, behind ``seam``; commission prepares a station for it
"""
