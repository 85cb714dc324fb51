"""A relay board and meter on modbus-tk: ``modbus_tk_server.py tcp PORT UNITS [PRESET...]`` or ``rtu DEVICE BAUD UNITS ...``.

UNITS: "1,2". PRESET: "unit N input ADDR WORD...". 16 coils a unit. Prints "listening PORT"; end of standard input ends it.
"""

from __future__ import annotations

import sys
import time

import serial
from modbus_tk import defines, modbus_rtu, modbus_tcp

TABLES = {"input": defines.ANALOG_INPUTS, "holding": defines.HOLDING_REGISTERS}

rtu = sys.argv[1] == "rtu"
units, *presets = sys.argv[4 if rtu else 3 :]
if rtu:
    server = modbus_rtu.RtuServer(serial.Serial(sys.argv[2], int(sys.argv[3])))
else:
    server = modbus_tcp.TcpServer(int(sys.argv[2]), "127.0.0.1")
for number in map(int, units.split(",")):
    slave = server.add_slave(number)
    slave.add_block("coils", defines.COILS, 0, 16)
    for name, table in TABLES.items():
        slave.add_block(name, table, 0, 0x6000)
for preset in presets:
    _, number, name, at, *words = preset.split()
    server.get_slave(int(number)).set_values(name, int(at), [int(word, 0) for word in words])
server.start()
while not rtu and (server._sock is None or not server._sock.getsockname()[1]):
    time.sleep(0.01)
port = 0 if rtu else server._sock.getsockname()[1]
print(f"listening {port}", flush=True)
sys.stdin.read()
server.stop()
