// A charging station on ocpp-rpc, with its strict schemas on, and a car that comes, charges and goes as it is told.
//
//   node car_station.js '{"endpoint": "ws://127.0.0.1:8887/ocpp", "identity": "cp-01", "protocol": "ocpp1.6", …}'
//
// Standard input, one line each: plug, unplug, drop SECONDS (the link is lost for so long), junk, badge TAG.
// Standard output: a line of JSON a second of its time, {"t", "id", "w", "limit", "status", "tx", "online"}; others say
// what it was asked ("got"), what came of its own schemas ("invalid"), and what went wrong ("failed").
"use strict";
const readline = require("readline");
const { RPCClient, createRPCError } = require("ocpp-rpc");

const o = {
  protocol: "ocpp1.6", tag: "04A1B2", interval: 10, voltage: 230,
  phases: 3, max: 16, min: 6, fixed: 0, // the car: phases, its bounds, and what it takes if it cannot modulate
  meter: "phases", // or "power": only a total; or "energy": only a register
  unit: "Current", // or "Power": amperes are rejected
  ignores: false, // says Accepted to every profile and does nothing
  mute: 0, // says nothing by itself for so long after it came back
  fallback: 32, // what it gives without any profile
  clock: { factor: 1, base: Date.now() / 1000, origin: 0 }, // base + factor * (CLOCK_MONOTONIC - origin)
  ...JSON.parse(process.argv[2]),
};
const is16 = o.protocol === "ocpp1.6";
const monotonic = () => Number(process.hrtime.bigint()) / 1e9;
if (!o.clock.origin) o.clock.origin = monotonic();
const now = () => o.clock.base + o.clock.factor * (monotonic() - o.clock.origin);
const iso = (t = now()) => new Date(t * 1000).toISOString();
const after = (s) => new Promise((done) => setTimeout(done, (s * 1000) / o.clock.factor));
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

let client = null;
let online = false;
let quietUntil = 0;
let backlog = []; // what happened while nobody listened, in its order
let plugged = false;
let transaction = null; // 1.6: null until it is known
let charging = false; // a transaction runs, known or not
let seq = 0;
let energyWh = 1000;
let drawnA = 0;
let status = "Available";
let profiles = [];
let began = 0;
let sessions = 0;

// -- profiles ---------------------------------------------------------------------------------------------------------

function allowed(purpose, t) {
  const found = profiles
    .filter((p) => p.chargingProfilePurpose === purpose)
    .sort((a, b) => b.stackLevel - a.stackLevel);
  for (const profile of found) {
    const schedule = is16 ? profile.chargingSchedule : profile.chargingSchedule[0];
    const start = profile.chargingProfileKind === "Relative" ? began : Date.parse(schedule.startSchedule) / 1000;
    const age = t - start;
    if (age < 0 || (schedule.duration !== undefined && age >= schedule.duration)) continue;
    const period = schedule.chargingSchedulePeriod.filter((p) => p.startPeriod <= age).pop();
    if (!period) continue;
    return schedule.chargingRateUnit === "A" ? period.limit : period.limit / (o.voltage * (period.numberPhases || 3));
  }
  return null;
}

function limitA(t = now()) {
  if (o.ignores) return o.fallback;
  const own = allowed("TxProfile", t) ?? allowed("TxDefaultProfile", t) ?? o.fallback;
  return Math.min(own, allowed(is16 ? "ChargePointMaxProfile" : "ChargingStationMaxProfile", t) ?? Infinity);
}

function takes(offered) {
  if (!charging || offered < Math.max(6, o.min)) return 0;
  return o.fixed ? (offered >= o.fixed ? o.fixed : 0) : Math.min(offered, o.max);
}

// -- what it says -----------------------------------------------------------------------------------------------------

async function tell(action, params) {
  if (online && now() >= quietUntil && !backlog.length) return client.call(action, params).catch((error) => fail(action, error));
  if (action !== "StatusNotification" && action !== "Heartbeat") backlog.push([action, params]);
  return null;
}

function fail(action, error) {
  if (online) say({ failed: action, why: String(error), code: error.rpcErrorCode });
  return null;
}

async function replay() {
  while (backlog.length && online) {
    const [action, params] = backlog[0];
    if (is16 && "transactionId" in params) params.transactionId ??= transaction;
    if (!is16) params.offline = true;
    const answer = await client.call(action, params).catch((error) => fail(action, error));
    if (!online) return;
    if (action === "StartTransaction" && answer) transaction = answer.transactionId;
    backlog.shift();
  }
}

function meterValue() {
  const a = drawnA;
  const one = (v, measurand, unit, phase) => is16
    ? { value: v.toFixed(1), measurand, unit, ...(phase && { phase }) }
    : { value: v, measurand, unitOfMeasure: { unit }, ...(phase && { phase }) };
  const total = one(a * o.voltage * o.phases, "Power.Active.Import", "W");
  const register = one(energyWh, "Energy.Active.Import.Register", "Wh");
  const currents = ["L1", "L2", "L3"].map((phase, n) => one(n < o.phases ? a : 0, "Current.Import", "A", phase));
  const sampledValue = { phases: [...currents, total, register], power: [total], energy: [register] }[o.meter];
  return [{ timestamp: iso(), sampledValue }];
}

const meter = () => is16
  ? tell("MeterValues", { connectorId: 1, ...(charging && (transaction !== null || backlog.length) && { transactionId: transaction }), meterValue: meterValue() })
  : charging ? event("Updated", "MeterValuePeriodic", { meterValue: meterValue() }) : null;

const event = (eventType, triggerReason, more = {}, info = {}) => tell("TransactionEvent", {
  eventType, timestamp: iso(), triggerReason, seqNo: seq++,
  transactionInfo: { transactionId: transaction, chargingState: state(), ...info }, ...more,
});
const state = () => !plugged ? "Idle" : drawnA > 0 ? "Charging" : limitA() < 6 ? "SuspendedEVSE" : "SuspendedEV";

async function show(wanted) {
  if (wanted === status) return;
  status = wanted;
  if (is16) await tell("StatusNotification", { connectorId: 1, errorCode: "NoError", status, timestamp: iso() });
  else if (charging) await event("Updated", "ChargingStateChanged");
}

// -- what happens to it -----------------------------------------------------------------------------------------------

async function plug(tag = o.tag) {
  plugged = true;
  if (is16) await show("Preparing");
  else await tell("StatusNotification", { timestamp: iso(), connectorStatus: "Occupied", evseId: 1, connectorId: 1 });
  charging = true;
  began = now();
  transaction = null;
  profiles = profiles.filter((p) => p.chargingProfilePurpose !== "TxProfile");
  if (is16) {
    const answer = await tell("StartTransaction", { connectorId: 1, idTag: tag, meterStart: Math.round(energyWh), timestamp: iso() });
    if (answer) transaction = answer.transactionId;
    if (answer && answer.idTagInfo.status !== "Accepted") charging = false;
    say({ started: transaction, verdict: answer && answer.idTagInfo.status });
  } else {
    transaction = `${o.identity}-${++sessions}`;
    seq = 0;
    await event("Started", "CablePluggedIn", { evse: { id: 1, connectorId: 1 }, idToken: { idToken: tag, type: "ISO14443" } });
    say({ started: transaction });
  }
}

async function unplug() {
  drawnA = 0;
  if (charging) {
    if (is16) await tell("StopTransaction", { transactionId: transaction, meterStop: Math.round(energyWh), timestamp: iso(), reason: "EVDisconnected" });
    else await event("Ended", "EVDeparted", {}, { stoppedReason: "EVDisconnected" });
  }
  charging = plugged = false;
  transaction = null;
  profiles = profiles.filter((p) => p.chargingProfilePurpose !== "TxProfile");
  if (is16) await show("Available");
  else {
    status = "Available";
    await tell("StatusNotification", { timestamp: iso(), connectorStatus: "Available", evseId: 1, connectorId: 1 });
  }
  say({ stopped: true });
}

const JUNK = ["{", "[]", "[2]", '[2,"j",{},{}]', '[3,"nobody",{}]', '[4,"nobody","X","",{}]', '[9,"j",{}]', "[".repeat(3000),
  '[2,"j","MeterValues",{"connectorId":"one"}]', '[2,"j","StatusNotification",{"connectorId":1,"status":"Bored"}]', "\u0000"];

async function junk() {
  for (const frame of JUNK) client.sendRaw(frame);
}

function second(t, dt) {
  const wanted = takes(limitA(t));
  drawnA = wanted < drawnA ? wanted : Math.min(wanted, drawnA + 4 * dt); // cars let go at once and ramp up
  energyWh += (drawnA * o.voltage * o.phases * dt) / 3600;
  if (charging && is16) show(drawnA > 0 ? "Charging" : limitA(t) < 6 ? "SuspendedEVSE" : "SuspendedEV");
  say({ t, id: o.identity, w: drawnA * o.voltage * o.phases, limit: limitA(t), status, tx: transaction, online, wh: energyWh });
}

// -- what it is asked -------------------------------------------------------------------------------------------------

const settings = {
  NumberOfConnectors: "1", SupportedFeatureProfiles: "Core,SmartCharging,RemoteTrigger", ChargingScheduleMaxPeriods: "8",
  ChargingScheduleAllowedChargingRateUnit: o.unit, ChargeProfileMaxStackLevel: "9", MaxChargingProfilesInstalled: "9",
  MeterValueSampleInterval: String(o.interval), MeterValuesSampledData: "Energy.Active.Import.Register",
};
const MEASURED = {
  phases: ["Power.Active.Import", "Current.Import", "Energy.Active.Import.Register"],
  power: ["Power.Active.Import"], energy: ["Energy.Active.Import.Register"],
}[o.meter];

const HANDLERS = {
  GetConfiguration: ({ key }) => ({
    configurationKey: (key || Object.keys(settings)).filter((k) => k in settings)
      .map((k) => ({ key: k, readonly: false, value: settings[k] })),
    unknownKey: (key || []).filter((k) => !(k in settings)),
  }),
  ChangeConfiguration: ({ key, value }) => {
    if (!(key in settings)) return { status: "NotSupported" };
    if (key === "MeterValuesSampledData" && value.split(",").some((m) => !MEASURED.includes(m.trim()))) return { status: "Rejected" };
    settings[key] = value;
    return { status: "Accepted" };
  },
  GetVariables: ({ getVariableData }) => ({
    getVariableResult: getVariableData.map(({ component, variable }) => ({ component, variable, attributeStatus: "UnknownVariable" })),
  }),
  SetVariables: ({ setVariableData }) => ({
    setVariableResult: setVariableData.map(({ component, variable }) => ({ component, variable, attributeStatus: "UnknownVariable" })),
  }),
  SetChargingProfile: (params) => {
    const profile = is16 ? params.csChargingProfiles : params.chargingProfile;
    const id = is16 ? "chargingProfileId" : "id";
    const schedule = is16 ? profile.chargingSchedule : profile.chargingSchedule[0];
    const unit = { Current: "A", Power: "W" }[o.unit];
    const mine = profile.transactionId === undefined || String(profile.transactionId) === String(transaction);
    if (unit && schedule.chargingRateUnit !== unit) return { status: "Rejected" };
    if (profile.chargingProfilePurpose === "TxProfile" && !(charging && mine)) return { status: "Rejected" };
    profiles = profiles.filter((p) => p[id] !== profile[id]);
    profiles.push(profile);
    return { status: "Accepted" };
  },
  ClearChargingProfile: (params) => {
    const purpose = is16 ? params.chargingProfilePurpose : params.chargingProfileCriteria?.chargingProfilePurpose;
    const before = profiles.length;
    profiles = profiles.filter((p) => purpose && p.chargingProfilePurpose !== purpose);
    return { status: profiles.length < before ? "Accepted" : "Unknown" };
  },
  TriggerMessage: ({ requestedMessage }) => {
    if (requestedMessage === "MeterValues") setImmediate(meter);
    else if (requestedMessage === "StatusNotification") {
      const now_ = status;
      status = null;
      setImmediate(() => (is16 ? show(now_) : (status = now_)));
    } else return { status: "NotImplemented" };
    return { status: "Accepted" };
  },
  RemoteStartTransaction: () => ({ status: "Rejected" }),
  RequestStartTransaction: () => ({ status: "Rejected" }),
};

async function connect(first) {
  client = new RPCClient({ endpoint: o.endpoint, identity: o.identity, password: o.password, protocols: [o.protocol],
    strictMode: true, reconnect: false, callTimeoutMs: 20000 });
  client.on("strictValidationFailure", (found) => say({ invalid: found.method, why: String(found.error), outbound: found.outbound }));
  client.on("close", () => { online = false; });
  for (const [action, handler] of Object.entries(HANDLERS)) client.handle(action, ({ params }) => {
    say({ got: action, params });
    return handler(params);
  });
  client.handle(({ method }) => { say({ got: method }); throw createRPCError("NotImplemented"); });
  for (let tries = 100; ; tries--) {
    try {
      await client.connect();
      break;
    } catch (error) {
      if (error.code !== "ECONNREFUSED" || !tries) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  online = true;
  if (!first) {
    quietUntil = now() + o.mute;
    if (o.mute) await after(o.mute);
    return replay();
  }
  if (is16) {
    await client.call("BootNotification", { chargePointVendor: "Node", chargePointModel: "Car", firmwareVersion: "1" });
    await client.call("StatusNotification", { connectorId: 1, errorCode: "NoError", status });
  } else {
    await client.call("BootNotification", { reason: "PowerUp", chargingStation: { vendorName: "Node", model: "Car" } });
    await client.call("StatusNotification", { timestamp: iso(), connectorStatus: "Available", evseId: 1, connectorId: 1 });
  }
}

async function drop(seconds) {
  online = false;
  await client.close({ force: true });
  await after(seconds);
  for (;;) {
    try {
      await connect(false);
      return say({ back: true });
    } catch (error) {
      await after(2);
    }
  }
}

let turn = Promise.resolve(); // one after the other, but a lost link, which they go on without
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [word, value] = line.split(" ");
  if (word === "drop") return drop(Number(value || 30)).catch((error) => fail(word, error));
  const does = { plug: () => plug(value), unplug, junk }[word];
  turn = turn.then(does).catch((error) => fail(word, error));
}).on("close", () => process.exit(0));

(async () => {
  await connect(true);
  say({ ready: true });
  let last = now();
  let metered = last;
  for (;;) {
    await after(1);
    const t = now();
    second(t, t - last);
    last = t;
    if (t - metered >= Number(settings.MeterValueSampleInterval)) {
      metered = t;
      meter();
    }
  }
})().catch((error) => {
  say({ failed: "connect", why: String(error), code: error.code });
  process.exit(1);
});
