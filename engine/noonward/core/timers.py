import time
from noonward.policy import yaml
T='''# c
kind: appliance/v1
name: boiler-cellar
description: 300 l hot water tank, house 12
mode: auto-timer             # auto-solar | auto-timer | timer | always-on | always-off | manual
priority: 30                 # smaller is served first; ties go by name. Cars, then heat pumps, then water heaters saved most
load: {power: 3 kW, min_on: 20 min, min_off: 5 min, phases: [L1], meter: cellar/power-1}     # phases, meter optional
relays: [cellar/relay-1]     # device/channel, declared once in site.yaml
surplus: {on_above: 100 %, off_below: 50 %, on_delay: 60 s, off_delay: 60 s}   # of the nominal power, or in W
timers:
  - {name: low tariff, start: "30 22 * * *", stop: "0 6 * * *"}
  - {name: legionella, start: "0 12 * * 0", for: 2 h}
fail_safe: {stale_after: 2 min, then: release}      # release | keep | force
'''
t=time.process_time()
for _ in range(200): tr=yaml.read(T)
print((time.process_time()-t)/200*1e3,"ms", len(T))
print(tr.data)
bomb="a: &a [x,x,x]\n"+"\n".join(f"k{i}: &k{i} {{<<: [{','.join(['*a']*50)}]}}" for i in range(100))
for bad in ["["*3000, "[a,"*3000, "{a: "*3000, "a: "*10, "- "*3000, "\n".join(" "*i+"a:" for i in range(400)), "a: *x", bomb,"%YAML 1.1\n---\na: 1", "a: 1\n---\nb: 2", "\ta: 1", "a: @x", "a: */5 * * *", "a: 'x", "a: b: c", "? [a]\n: b", "a: !!str x", "<<: {a: 1}", "a: &x 1", "\x00", "a: [1,", "a: }", "", "# only","a: 1\na: 2","a:1\nb: 2","x: 22:00\non: yes\nd: 2026-01-01\no: 014\nu: 1_000","a: 9"*0+"a: "+"9"*5000,"{"*3000+"}"*3000, "x: "+"[1,"*15+"1"+"]"*15,"a: "+"x "*100000, "- a\n"*30000,"- "+"'"*50001, "!<"+"a"*10000]:
    t0=time.time()
    try:
        r=yaml.read(bad); print(repr(bad[:20]), 'OK', str(r.data)[:80], [w.message for w in r.warnings], round(time.time()-t0,3))
    except yaml.NotYaml as e:
        print(repr(bad[:20]), str(e.flaw)[:300], round(time.time()-t0,3))
