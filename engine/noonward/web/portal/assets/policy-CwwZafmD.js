import{C as e,E as t,I as n,M as r,N as i,R as a,T as o,_ as s,a as c,c as l,d as u,g as d,h as f,i as p,o as m,p as h,r as g,s as _,u as v,w as y,y as b}from"./index-UqzyN3MI.js";import{a as x,c as S,d as C,l as w,o as T,p as E,r as D,s as O,t as k,u as A}from"./stations-CnYKy_n7.js";var j={width:120,height:52,gap:56},M={first:30,next:26},N=10;function P(e){let t=new Map;for(let n of e){if(n.from===n.to)continue;let e=`${n.from} ${n.to}`;t.has(e)||t.set(e,{key:e,from:n.from,to:n.to,rows:[]}),t.get(e).rows.push(n)}return[...t.values()]}function F(e){let t=[];for(let i of[...e].sort((e,t)=>e.high-e.low-(t.high-t.low)||e.low-t.low)){var n,r;let e=0;for(;(t[e]||[]).some(e=>i.low<e.high&&e.low<i.high);)e++;((r=t[n=e])==null?t[n]=[]:r).push(i),i.lane=e}return t.length}function I(e,t){for(let n of e){let r=t.flatMap(e=>e.from===n.id?[{one:e,end:`y1`,other:e.to}]:e.to===n.id?[{one:e,end:`y2`,other:e.from}]:[]),i=({one:t,other:r})=>e.find(e=>e.id===r).y<n.y?t.lane:1e3-t.lane,a=({other:t})=>e.find(e=>e.id===t).y<n.y;r.sort((e,t)=>a(t)-a(e)||i(e)-i(t)),r.forEach(({one:e,end:t},i)=>{e[t]=n.y+j.height*(i+1)/(r.length+1)})}}function L(e,t,n,r){let i=Math.sign(t-e),a=Math.sign(r-n),o=Math.min(N,Math.abs(r-n)/2,Math.abs(t-e));return`M${e} ${n}H${t-i*o}Q${t} ${n} ${t} ${n+a*o}V${r-a*o}Q${t} ${r} ${t-i*o} ${r}H${e+i*2}`}function R({states:e,transitions:t}){let n=new Map(e.map(({id:e},t)=>[e,t])),r=P(t).filter(({from:e,to:t})=>n.has(e)&&n.has(t)).map(e=>{let t=n.get(e.from),r=n.get(e.to);return{...e,low:Math.min(t,r),high:Math.max(t,r),down:r>t}}),i=r.filter(({down:e})=>e),a=r.filter(({down:e})=>!e),o=e=>e?M.first+(e-1)*M.next+14:14,s=o(F(a)),c=o(F(i)),l=e.map((e,t)=>({...e,x:s,y:2+t*(j.height+j.gap)}));I(l,i),I(l,a);for(let e of r){let t=e.down?s+j.width:s,r=M.first+e.lane*M.next;e.x=e.down?t+r:t-r,e.y=n.get(e.from)<n.get(e.to)?l[n.get(e.from)].y+j.height+j.gap/2:l[n.get(e.from)].y-j.gap/2,e.path=L(t,e.x,e.y1,e.y2);let i=t+(e.down?1:-1),a=i+(e.down?7:-7);e.head=`M${i} ${e.y2}L${a} ${e.y2-4}V${e.y2+4}Z`}return{width:s+j.width+c,height:e.length*(j.height+j.gap)-j.gap+4,states:l,arrows:r}}function z({machine:e,toLine:t}){let{states:n,transitions:i,current:o}=e,[s,c]=a(null),l=Object.fromEntries(n.map(e=>[e.id,e.label])),u=R(e),d=s&&(l[s]!==void 0||u.arrows.some(({key:e})=>e===s))?s:o,f=e=>({tabindex:0,role:`button`,"aria-pressed":String(d===e),onClick:()=>c(e),onKeyDown:t=>{(t.key===`Enter`||t.key===` `)&&(t.preventDefault(),c(e))}}),p=u.arrows.find(({key:e})=>e===d);return b`<div class="machine">
    <div class="picture"><svg viewBox=${`0 0 ${u.width} ${u.height}`} width=${u.width} height=${u.height}
        role="group" aria-label=${r(`machine.picture`)}>
      ${u.arrows.map(e=>b`<g key=${e.key} class=${`arrow ${e.key===d?`chosen`:``} ${e.from===d?`leaving`:``}`}
          ...${f(e.key)} aria-label=${r(`machine.arrow`,{from:l[e.from],to:l[e.to],n:e.rows.length})}>
        <path class="hit" d=${e.path} /><path class="shaft" d=${e.path} /><path class="head" d=${e.head} />
        <circle cx=${e.x} cy=${e.y} r="10" /><text x=${e.x} y=${e.y}>${e.rows.length}</text></g>`)}
      ${u.states.map(e=>b`<g key=${e.id} class=${`state ${e.id===o?`current`:``} ${e.id===d?`chosen`:``}`}
          ...${f(e.id)} aria-current=${e.id===o?`true`:null} aria-label=${e.id===o?r(`machine.now`,{state:e.label}):e.label}>
        <rect x=${e.x} y=${e.y} width=${j.width} height=${j.height} rx="10" />
        <text x=${e.x+j.width/2} y=${e.y+j.height/2}>${e.label}</text></g>`)}
    </svg></div>
    <div class="rows" aria-live="polite">
      ${p?b`<${V} title=${`${l[p.from]} → ${l[p.to]}`} rows=${p.rows} toLine=${t} />`:b`<${B} id=${d} label=${l} transitions=${i} current=${o} toLine=${t} />`}
    </div>
    <details class="twin"><summary>${r(`machine.table`)}</summary>
      <${E} label=${r(`machine.table`)} heads=${[`machine.from`,`machine.to`,`machine.why`,`machine.line`].map(e=>r(e))}
        rows=${i.map(e=>[l[e.from],e.from===e.to?r(`machine.stays`):l[e.to],b`<span class="text">${e.why}</span>`,b`<${H} row=${e} toLine=${t} />`])} />
    </details>
  </div>`}function B({id:e,label:t,transitions:n,current:i,toLine:a}){let o=n.filter(t=>t.from===e),s=[...new Set(o.filter(t=>t.to!==e).map(e=>e.to))],c=o.filter(t=>t.to===e);return b`<h3>${e===i?r(`machine.now`,{state:t[e]}):t[e]}</h3>
    ${s.map(e=>b`<${V} key=${e} title=${r(`machine.goes`,{state:t[e]})} rows=${o.filter(t=>t.to===e)} toLine=${a} />`)}
    ${c.length>0&&b`<${V} title=${r(`machine.remains`)} rows=${c} toLine=${a} />`}`}function V({title:e,rows:t,toLine:n}){return b`<h4>${e}</h4><ul class="ways">${t.map((e,t)=>b`<li key=${t}>${e.why} <${H} row=${e} toLine=${n} /></li>`)}</ul>`}function H({row:e,toLine:t}){return e.line?b`<a class="soft" href=${`#line-${e.line}`} onClick=${n=>{n.preventDefault(),t(e.line)}}>${r(`machine.at`,{line:e.line})}</a>`:b`<span class="soft">${r(`machine.default`)}</span>`}function U(e,t=``){let i=null;return function(o){let[s,c]=a(()=>i),[l,u]=a(!1);if(n(()=>{i||e().then(e=>{i=e.default,c(()=>i)},()=>u(!0))},[]),l)return b`<p class="soft">${r(`blank.unloaded.text`)}</p>`;let d=s;return d?b`<${d} ...${o} />`:b`<div class=${`awaited ${t}`} aria-busy="true"></div>`}}var W=3600,G=24,K=e=>`${e/G*100}%`,q=(e,t)=>{let{hour:n,minute:r,second:i}=m(e,t);return n+r/60+i/W};function J(e,t,n,r){return e.filter(({from:e,to:r})=>e<n&&r>t).map(e=>({...e,low:e.from<=t?0:q(e.from,r),high:e.to>=n?G:q(e.to,r)}))}function Y({name:n,version:i}){let[o,s]=a(0),d=t.value.timezone,f=g(e()/1e3,d),{from:p,to:m}=_(`week`,e()/1e3,d,o),h={from:new Date(p*1e3).toISOString(),days:7},{data:y,problem:x,again:C}=A(`policies/${encodeURIComponent(n)}/windows`,h,i);if(y&&!y.windows.length&&!o)return null;let w=(y&&y.windows||[]).map(e=>({...e,from:Date.parse(e.from)/1e3,to:Date.parse(e.to)/1e3})),O=[...new Set(w.map(e=>e.name))].sort(),k=Array.from({length:7},(t,n)=>{let r=_(`day`,p+12*W,d,n);return{...r,change:c(r.to,d)-c(r.from,d),now:r.date===f?q(e()/1e3,d):null}}),j=k.filter(e=>e.change),M=b`<span class="turns">
    <button type="button" class="quiet" aria-label=${r(`windows.before`)} onClick=${()=>s(o-1)}>‹</button>
    <span aria-live="polite">${v(k[0].from+12*W)} – ${v(k[6].from+12*W)}</span>
    <button type="button" class="quiet" aria-label=${r(`windows.after`)} onClick=${()=>s(o+1)}>›</button>
    ${o!==0&&b`<button type="button" class="quiet" onClick=${()=>s(0)}>${r(`windows.now`)}</button>`}</span>`;return b`<${S} id="windows" title=${r(`windows.title`)} aside=${M}>
    ${x&&!y&&b`<${T} problem=${x} again=${C} />`}
    <div class="week" aria-hidden="true">
      <div class="hours"><b></b><svg>${[0,6,12,18,24].map(e=>b`<text y=${K(e)} class=${e===0?`first`:e===24?`last`:null}>${e}</text>`)}</svg></div>
      ${k.map(e=>b`<div key=${e.date} class=${`date ${e.date===f?`today`:``}`}>
        <b>${X(e)}${e.change?` *`:``}</b>
        <svg>${[6,12,18].map(e=>b`<line x1="0" x2="100%" y1=${K(e)} y2=${K(e)} />`)}
          ${J(w,e.from,e.to,d).map(e=>b`<rect class=${`fill-${D(O,e.name)}`} x="6%" width="88%" rx="3"
            y=${K(e.low)} height=${K(Math.max(e.high-e.low,.2))} />`)}
          ${e.now!==null&&b`<line class="now" x1="0" x2="100%" y1=${K(e.now)} y2=${K(e.now)} />`}
        </svg></div>`)}
    </div>
    ${O.length>1&&b`<ul class="legend" aria-hidden="true">${O.map(e=>b`<li><span class=${`swatch paint-${D(O,e)}`}></span>${e}</li>`)}</ul>`}
    ${j.map(e=>b`<p class="soft">* ${r(e.change>0?`windows.forward`:`windows.back`,{day:v(e.from+12*W),time:u(Math.abs(e.change))})}</p>`)}
    ${y&&!w.length&&b`<p class="soft">${r(`windows.none`)}</p>`}
    ${w.length>0&&b`<details class="twin"><summary>${r(`windows.table`)}</summary>
      <${E} label=${r(`windows.table`)} heads=${[r(`windows.opens`),r(`windows.closes`),r(`windows.name`),r(`windows.length`)]}
        rows=${w.map(e=>[`${v(e.from)}, ${l(e.from)}`,e.to-e.from<24*W?l(e.to):`${v(e.to)}, ${l(e.to)}`,e.name,u(e.to-e.from)])} /></details>`}
  </${S}>`}var X=({date:e})=>{let[,,n]=e.split(`-`);return`${v(p(e,t.value.timezone)+12*W).slice(0,2)} ${Number(n)}`};function Z({name:e,version:t,toLine:n}){let i=C(`decisions`,{policy:e,limit:25},`decisions`,t),{items:a,problem:o,again:s}=i;return b`<${S} id="decisions" title=${r(`decisions.title`)}>
    ${!a&&o&&b`<${T} problem=${o} again=${s} />`}
    ${!a&&!o&&b`<div class="awaited" aria-busy="true"></div>`}
    ${a&&!a.length&&b`<p class="soft">${r(`decisions.none`)}</p>`}
    ${a&&a.length>0&&b`<ol class="log">${a.map(e=>b`<li key=${`${e.at} ${e.station}`}>
      <${w} at=${e.at} />
      <p>${e.station&&b`<a href=${`/stations/${encodeURIComponent(e.station)}`}>${e.station}</a> `}${e.sentence||e.code}</p>
      <p class="soft">${e.from?`${e.from} → ${e.to}`:e.to}${e.limited_by?` · ${r(`decisions.limited`,{by:e.limited_by})}`:``}
        ${Q(e.where)&&b` · <a href=${`#line-${Q(e.where)}`} onClick=${t=>{t.preventDefault(),n(Q(e.where))}}>${r(`machine.at`,{line:Q(e.where)})}</a>`}
        ${e.revision&&b` · <code>${e.revision.slice(0,10)}</code>`}</p>
    </li>`)}</ol>`}
    <${O} paged=${i} />
  </${S}>`}var Q=e=>Number(((e||``).match(/:(\d+)$/)||[])[1])||null;function $(e){let t=[],n=e.match(/(^|\s)#.*$/),r=n?e.slice(0,n.index):e,i=r.match(/^(\s*(?:- +)?)([\w-]+)(:)(?=\s|$)/);return i?t.push([``,i[1]],[`key`,i[2]],[``,r.slice(i[0].length-1)]):t.push([``,r]),n&&t.push([`comment`,n[0]]),t}function ee({name:e,version:t,wanted:i}){let{data:a,problem:o,again:s}=A(`policies/${encodeURIComponent(e)}/source`,{},t),c=i||a&&a.line;n(()=>{let e=i&&document.getElementById(`line-${i}`);e&&(e.scrollIntoView({block:`center`}),e.focus({preventScroll:!0}))},[i,a]);let l=a&&b`<code>${a.file}</code> ${a.revision?r(`source.revision`,{revision:a.revision.slice(0,10)}):r(`source.unversioned`)}`;return b`<${S} id="source" title=${r(`source.title`)} aside=${l}>
    ${o&&!a&&b`<${T} problem=${o} again=${s} />`}
    ${a&&b`<div class="wide code" tabindex="0" role="region" aria-label=${r(`source.label`,{file:a.file})}>
      <ol>${a.text.replace(/\n$/,``).split(`
`).map((e,t)=>b`<li key=${t} id=${`line-${t+1}`} tabindex="-1"
        class=${t+1===c?`lit`:null}>${t+1===a.line&&b`<span class="unseen">${r(`source.deciding`)} </span>`}<code>${$(e).map(([e,t])=>e?b`<span class=${e}>${t}</span>`:t)}${`
`}</code></li>`)}</ol>
    </div>`}
    ${!a&&!o&&b`<div class="awaited" aria-busy="true"></div>`}
  </${S}>`}var te=U(()=>i(()=>import(`./curve-DtDVDfkd.js`),[]),`chart`),ne=6e4;function re({params:n,hash:i}){let c=o(n.name),[l,u]=a(Number((/^#line-(\d+)$/.exec(i)||[])[1])||null),[d,f]=a(0);if(!y.value||!t.value)return b`<${s} kind="loading" />`;if(!c)return b`<${s} kind="missing" text=${r(`policy.missing`,{name:n.name})} />`;let p=_(`day`,e()/1e3,t.value.timezone,d),m=`${c.state} ${c.reasons.map(e=>e.code)} ${c.line}`,h=d?0:Math.floor(e()/ne);return b`<article class=${`inner policy ${c.on?`on`:``}`}>
    <header class="title"><p class="crumb"><a href="/">${r(`place.home`)}</a></p>
      <h1>${c.name}</h1>${c.description&&b`<p class="soft">${c.description}</p>`}</header>
    <${ae} view=${c} />
    ${c.stations&&b`<${k} zone=${c} />`}
    <${S} id="day" title=${r(`curve.title`)} aside=${b`<${ie} day=${p} turned=${d} turn=${f} />`}>
      <${te} key=${p.from} name=${c.name} day=${p} version=${`${h} ${m}`} />
    </${S}>
    <${Z} name=${c.name} version=${m} toLine=${u} />
    <${se} view=${c} toLine=${u} />
    <${Y} name=${c.name} version=${t.value.digest} />
    <${ee} name=${c.name} version=${`${t.value.digest} ${c.line}`} wanted=${l} />
  </article>`}function ie({day:t,turned:n,turn:i}){return b`<span class="turns"><button type="button" class="quiet" aria-label=${r(`day.before`)} onClick=${()=>i(n-1)}>‹</button>
    <span aria-live="polite">${n?h(t.from+43200,e()).replace(/,? \d\d:\d\d$/,``):r(`day.today`)}</span>
    <button type="button" class="quiet" aria-label=${r(`day.after`)} disabled=${n>=0} onClick=${()=>i(n+1)}>›</button></span>`}function ae({view:t}){let[n,...i]=t.reasons,a=t.min_on_until?(Date.parse(t.min_on_until)-e())/1e3:0,o=t.next_change;return b`<${S} id="why" title=${r(`why.title`)} aside=${b`<span class=${`badge ${t.on?`on`:``}`}>${oe(t)}</span>`}>
    <p class="lead">${n?n.sentence:t.sentence}</p>
    ${i.length>0&&b`<h3>${r(`why.also`)}</h3><ul class="ways">${i.map(e=>b`<li key=${e.code}>${e.sentence}</li>`)}</ul>`}
    ${(t.condition||o)&&b`<h3>${r(`why.change`)}</h3><ul class="ways">
      ${t.condition&&b`<li>${t.condition}</li>`}
      ${o&&b`<li>${r(`why.next`,{what:o.what})} <span class="soft"><${w} at=${o.at} />${Date.parse(o.at)>e()?`, ${r(`why.in`,{time:u((Date.parse(o.at)-e())/1e3)})}`:``}</span></li>`}</ul>`}
    <${x} of=${[[r(`why.mode`),b`${r(`mode.${t.mode}`)}${t.override?b` <span class="soft">${r(`why.overridden`,{mode:r(`mode.${t.file_mode}`)})}</span>`:``}`],[r(`why.since`),t.since&&b`<${w} at=${t.since} />`],[r(`why.draws`),t.draw_w===null||t.draw_w===void 0?null:f(t.draw_w)],[r(`why.min-on`),a>0?u(a):null],[r(`why.need`),t.need&&t.need.summary],[r(`why.plan`),t.plan&&t.plan.summary],[r(`why.covered`),t.plan&&t.plan.covers!==null?d(t.plan.covers):null],[r(`why.starts`),t.starts],[r(`why.priority`),t.priority],[r(`why.most`),t.max_power_w?f(t.max_power_w):null]]} />
  </${S}>`}var oe=e=>e.on===null||e.on===void 0?r(`state.unknown`):e.kind===`appliance`&&e.state&&/\d/.test(e.state)?r(`state.stage`,{n:e.state.replace(/\D/g,``)}):r(e.on?`state.on`:`state.off`);function se({view:e,toLine:n}){let{data:i,problem:a,again:o}=A(`policies/${encodeURIComponent(e.name)}/machine`,{},`${e.state} ${e.mode} ${t.value.digest}`);return b`<${S} id="machine" title=${r(`machine.title`)}>
    ${a&&!i&&b`<${T} problem=${a} again=${o} />`}
    ${!i&&!a&&b`<div class="awaited chart" aria-busy="true"></div>`}
    ${i&&b`<p class="soft">${r(`machine.about`)}</p><${z} machine=${i} toLine=${n} />`}
  </${S}>`}export{re as default};