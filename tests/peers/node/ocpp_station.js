// A charging station on ocpp-rpc, with its strict schemas on, and a one-phase car that takes what it may.
//
//   node ocpp_station.js '{"endpoint": "ws://127.0.0.1:8887/ocpp", "identity": "garage-1", "protocol": "ocpp1.6", "password": "…"}'
//
// Says "ready" once a transaction runs, then one line of JSON for every request that it gets and for what it meters.
"use strict";
const { RPCClient, createRPCError } = require("ocpp-rpc");

const options = JSON.parse(process.argv[2]);
const is16 = options.protocol === "ocpp1.6";
const client = new RPCClient({
  endpoint: options.endpoint,
  identity: options.identity,
  password: options.password,
  protocols: [options.protocol],
  strictMode: true,
  reconnect: false,
});
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const now = () => new Date().toISOString();
let profiles = [];
let transaction = null;

client.on("strictValidationFailure", (event) => say({ invalid: event.method, why: String(event.error) }));

function limitA() {
  // TxProfile over TxDefaultProfile; a floor of 6 A; watts by numberPhases, three where it is absent
  const found = profiles.find((p) => p.chargingProfilePurpose === "TxProfile") || profiles[0];
  if (!found) return 32;
  const schedule = is16 ? found.chargingSchedule : found.chargingSchedule[0];
  const age = (Date.now() - Date.parse(schedule.startSchedule)) / 1000;
  const period = schedule.chargingSchedulePeriod.filter((p) => p.startPeriod <= age).pop();
  const amps = schedule.chargingRateUnit === "A" ? period.limit : period.limit / (230 * (period.numberPhases || 3));
  return amps < 6 ? 0 : amps;
}

function meterValue() {
  const a = limitA();
  const value = (v, measurand, phase, unit) =>
    is16
      ? { value: v.toFixed(3), measurand, unit, ...(phase && { phase }) }
      : { value: v, measurand, unitOfMeasure: { unit }, ...(phase && { phase }) };
  return [
    {
      timestamp: now(),
      sampledValue: [
        value(a, "Current.Import", "L1", "A"),
        value(0, "Current.Import", "L2", "A"),
        value(0, "Current.Import", "L3", "A"),
        value((a * 230) / 1000, "Power.Active.Import", null, "kW"),
      ],
    },
  ];
}

async function meter() {
  if (is16) return client.call("MeterValues", { connectorId: 1, transactionId: transaction, meterValue: meterValue() });
  return client.call("TransactionEvent", {
    eventType: "Updated", timestamp: now(), triggerReason: "MeterValuePeriodic", seqNo: 1,
    transactionInfo: { transactionId: transaction, chargingState: "Charging" }, meterValue: meterValue(),
  });
}

client.handle("SetChargingProfile", ({ params }) => {
  const profile = is16 ? params.csChargingProfiles : params.chargingProfile;
  const id = is16 ? "chargingProfileId" : "id";
  const bound = profile.transactionId === undefined || String(profile.transactionId) === String(transaction);
  say({ got: "SetChargingProfile", id: profile[id] });
  if (profile.chargingProfilePurpose === "TxProfile" && !bound) return { status: "Rejected" };
  profiles = profiles.filter((p) => p[id] !== profile[id]);
  profiles.unshift(profile);
  return { status: "Accepted" };
});
client.handle("TriggerMessage", ({ params }) => {
  if (params.requestedMessage !== "MeterValues") return { status: "NotImplemented" };
  setImmediate(meter);
  return { status: "Accepted" };
});
client.handle("GetConfiguration", ({ params }) => ({
  configurationKey: [{ key: "NumberOfConnectors", readonly: true, value: "1" }],
  unknownKey: (params.key || []).filter((key) => key !== "NumberOfConnectors"),
}));
client.handle(({ method }) => {
  say({ got: method });
  throw createRPCError("NotImplemented");
});

(async () => {
  await client.connect();
  if (is16) {
    await client.call("BootNotification", { chargePointVendor: "Node", chargePointModel: "Box" });
    await client.call("StatusNotification", { connectorId: 1, errorCode: "NoError", status: "Preparing" });
    const started = await client.call("StartTransaction", { connectorId: 1, idTag: "04A1B2", meterStart: 0, timestamp: now() });
    transaction = started.transactionId;
  } else {
    await client.call("BootNotification", { reason: "PowerUp", chargingStation: { vendorName: "Node", model: "Box" } });
    await client.call("StatusNotification", { timestamp: now(), connectorStatus: "Occupied", evseId: 1, connectorId: 1 });
    transaction = "node-tx-1";
    await client.call("TransactionEvent", {
      eventType: "Started", timestamp: now(), triggerReason: "CablePluggedIn", seqNo: 0, evse: { id: 1, connectorId: 1 },
      transactionInfo: { transactionId: transaction, chargingState: "EVConnected" }, idToken: { idToken: "04A1B2", type: "ISO14443" },
    });
  }
  await meter();
  say("ready");
})().catch((error) => {
  say({ failed: String(error), code: error.code });
  process.exit(1);
});
