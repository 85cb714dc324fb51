// A relay board and meter on npm's modbus-serial: node modbus_server.js UNITS [PRESET...]
// UNITS: "1,2". PRESET: "unit N input ADDR WORD...". 16 coils a unit; a unit that is not there is answered as a gateway
// would (exception 11). Prints "listening PORT", a free one; end of standard input ends the program.
"use strict";
const net = require("net");
const { ServerTCP } = require("modbus-serial");

const [list, ...presets] = process.argv.slice(2);
const units = new Map(list.split(",").map((n) => [Number(n), { coil: new Array(16).fill(false), input: [], holding: [] }]));
for (const preset of presets) {
  const [, n, table, at, ...words] = preset.split(" ");
  words.forEach((word, i) => (units.get(Number(n))[table][Number(at) + i] = Number(word)));
}

function cell(n, table, at) {
  const unit = units.get(n);
  const fault = !unit ? 11 : table === "coil" && at >= 16 ? 2 : 0;
  if (fault) throw Object.assign(new Error("refused"), { modbusErrorCode: fault });
  return unit[table];
}

const board = {
  getCoil: (at, n) => cell(n, "coil", at)[at],
  setCoil: (at, value, n) => void (cell(n, "coil", at)[at] = value),
  getInputRegister: (at, n) => cell(n, "input", at)[at] || 0,
  getHoldingRegister: (at, n) => cell(n, "holding", at)[at] || 0,
};
// modbus-serial takes port 0 for 502, so a free port is found first.
const probe = net.createServer().listen(0, "127.0.0.1", () => {
  const { port } = probe.address();
  probe.close(() => {
    const server = new ServerTCP(board, { host: "127.0.0.1", port, unitID: 255 });
    server.on("initialized", () => console.log(`listening ${port}`));
    server.on("socketError", () => {});
  });
});
process.stdin.on("end", () => process.exit(0)).resume();
