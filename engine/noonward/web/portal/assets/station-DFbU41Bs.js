import{a as e,c as t,d as n,l as r,n as i,o as a,p as o,s,u as c}from"./stations-CnYKy_n7.js";import{A as l,C as u,D as d,E as f,M as p,R as m,S as h,T as g,_,b as v,c as y,d as b,f as x,g as S,h as C,k as w,l as T,m as E,o as D,s as O,u as k,v as A,w as j,x as M,y as N}from"./index-UqzyN3MI.js";function P(){let[e,t]=m({busy:!1,problem:null}),n=async e=>{t({busy:!0,problem:null});try{let n=await e();return v(n),t({busy:!1,problem:null}),!0}catch(e){return t({busy:!1,problem:e}),!1}};return{...e,write:n}}var F=({problem:e})=>N`<p class="trouble" role="alert">${e&&(e.message||p(`blank.offline.title`))}</p>`,I=(e,t)=>`stations/${encodeURIComponent(e.station)}/${t}`,L=[`asleep`,`needs-driver`],R={unplugged:()=>`unplugged`,duration:e=>`${e} h`,energy:e=>`${e} kWh`};function z({one:e}){let{busy:t,problem:n,write:r}=P();return L.includes(e.state)?N`<p><button type="button" disabled=${t} onClick=${()=>r(()=>w(I(e,`wake`),{}))}>${p(`wake.do`)}</button>
    <span class="soft">${p(`wake.about`)}</span></p><${F} problem=${n} />`:null}function B({one:e}){let[n,r]=m(`unplugged`),[a,o]=m({duration:`2`,energy:`10`}),{busy:s,problem:c,write:u}=P(),d=t=>{t.preventDefault(),u(()=>w(I(e,`charge-now`),{until:R[n](Number(a[n]))}))},f=(e,t)=>N`<label class="choice"><input type="radio" name="end" value=${e} checked=${n===e} onChange=${()=>r(e)} /><span>${t}</span></label>`,h=(e,t,i,s)=>N`<label class="amount"><span class="unseen">${p(`charge.${e}`)}</span>
    <input type="number" inputmode="decimal" required=${n===e} min=${s} max=${i} step=${s} value=${a[e]}
      onFocus=${()=>r(e)} onInput=${t=>o({...a,[e]:t.target.value})} /> ${t}</label>`;return N`<${t} id="charge-now" title=${p(`charge.title`)}>
    ${e.charge_now?N`<p>${i(e.charge_now.summary)}</p>
      <p><button type="button" disabled=${s} onClick=${()=>u(()=>l(I(e,`charge-now`)))}>${p(`charge.end`)}</button></p>`:N`<form class="wish" onSubmit=${d}>
      <p class="soft">${p(`charge.about`)}</p>
      <fieldset><legend class="unseen">${p(`charge.until`)}</legend>
        <div>${f(`unplugged`,p(`charge.unplugged`))}</div>
        <div>${f(`duration`,p(`charge.duration`))} ${h(`duration`,`h`,24,.5)}</div>
        <div>${f(`energy`,p(`charge.energy`))} ${h(`energy`,`kWh`,200,.5)}</div>
      </fieldset>
      <p><button class="primary" disabled=${s}>${p(`charge.do`)}</button></p></form>`}
    <${F} problem=${c} />
  </${t}>`}function V({one:e}){let n=f.value.timezone,r=e.need&&e.need.source===`driver`?e.need:null,[a,o]=m(String(e.need&&e.need.energy_kwh||10)),[s,c]=m(e.need?H(Date.parse(e.need.departure)/1e3,n):U(n)),{busy:d,problem:h,write:g}=P();return N`<${t} id="need" title=${p(`need.title`)}>
    ${e.need&&N`<p>${i(e.need.summary)}</p>`}
    <form class="wish" onSubmit=${t=>{t.preventDefault(),g(()=>w(I(e,`need`),{energy_kwh:Number(a),departure:s}))}}>
      <p class="soft">${p(`need.about`)}</p>
      <div class="fields">
        <label>${p(`need.energy`)} <span class="with"><input type="number" inputmode="decimal" required min="0.5" max="200" step="0.5" value=${a} onInput=${e=>o(e.target.value)} /> kWh</span></label>
        <label>${p(`need.departure`)} <input type="datetime-local" required min=${H(u()/1e3,n)} value=${s} onInput=${e=>c(e.target.value)} /></label>
      </div>
      <p class="buttons"><button class="primary" disabled=${d}>${p(`need.do`)}</button>
        ${r&&N`<button type="button" class="quiet" disabled=${d} onClick=${()=>g(()=>l(I(e,`need`)))}>${p(`need.forget`)}</button>`}</p>
    </form>
    <${F} problem=${h} />
  </${t}>`}function H(e,t){let{year:n,month:r,day:i,hour:a,minute:o}=D(e,t),s=e=>String(e).padStart(2,`0`);return`${n}-${s(r)}-${s(i)}T${s(a)}:${s(o)}`}var U=e=>`${O(`day`,u()/1e3,e,1).date}T07:00`,W=(e,t)=>e==null?`–`:`${E(e,2)}${t?` ${t}`:``}`;function G({station:e,version:r}){let i=n(`charging`,{station:e,limit:20},`sessions`,r),{items:c,problem:l,again:u}=i;return N`<${t} id="sessions" title=${p(`sessions.title`)}>
    ${!c&&l&&N`<${a} problem=${l} again=${u} />`}
    ${!c&&!l&&N`<div class="awaited" aria-busy="true"></div>`}
    ${c&&!c.length&&N`<p class="nothing">${p(`sessions.none`)}</p>`}
    ${c&&c.length>0&&N`<${o} label=${p(`sessions.title`)}
      heads=${[`sessions.began`,`sessions.stay`,`sessions.energy`,`sessions.solar`,`sessions.cost`].map(e=>p(e))}
      rows=${c.map(e=>[`${k(e.from)}, ${y(e.from)}`,b((Date.parse(e.to)-Date.parse(e.from))/1e3),x(e.energy_kwh),S(e.energy_kwh?e.solar_kwh/e.energy_kwh:null),W(e.cost)])} />`}
    <${s} paged=${i} />
  </${t}>`}var K=1e4;function q({params:n}){let a=d(n.id),o=c(j.value&&!a?`stations/${encodeURIComponent(n.id)}`:null,{},Math.floor(u()/K)),s=a||o.data;if(!s)return o.problem?A(o.problem):N`<${_} kind="loading" />`;let l=g(s.zone),f=M(s,`wish`);return N`<article class="inner station">
    <header class="title"><p class="crumb"><a href="/">${p(`place.home`)}</a> › ${l?N`<a href=${`/policies/${encodeURIComponent(s.zone)}`}>${s.zone}</a>`:s.zone}</p>
      <h1>${s.station}</h1></header>
    <${t} id="vehicle" title=${p(`station.vehicle`)}>
      <p class="lead">${i(s.summary)}</p>
      ${s.state!==`absent`&&N`<p>${s.sentence}</p>`}
      ${s.trouble&&N`<p class="trouble">${s.trouble}</p>`}
      ${f&&N`<${z} one=${s} />`}
      <${Y} one=${s} />
      <${e} of=${[[p(`station.plugged`),s.plugged_at&&N`<${r} at=${s.plugged_at} />`],[p(`station.session`),s.session_kwh===null?null:x(s.session_kwh)],[p(`station.phases`),s.phases],[p(`station.draws`),s.drawn_w===null?null:C(s.drawn_w)],[p(`station.most`),s.max_a===null?null:T(s.max_a)],[p(`station.badge`),s.id_tag],[p(`station.measured`),s.measured_at&&N`<${r} at=${s.measured_at} />`]]} />
    </${t}>
    ${f?N`
      ${(!l||l.charge_now_allowed||s.charge_now)&&N`<${B} one=${s} />`}
      <${V} one=${s} />`:N`<${J} one=${s} />`}
    <${G} station=${s.station} version=${`${s.plugged_at} ${s.state===`absent`}`} />
  </article>`}function J({one:e}){let n=[e.charge_now,e.need].filter(Boolean);return N`<${t} id="asked" title=${p(`station.asked`)}>
    ${n.length?N`<ul class="ways">${n.map(({summary:e})=>N`<li>${i(e)}</li>`)}</ul>`:N`<p class="soft">${p(`station.nothing`)}</p>`}
    <p class="soft">${p(h.value.signed_in?`station.look`:`station.sign-in`)} ${!h.value.signed_in&&N`<a href=${`/sign-in?back=${encodeURIComponent(`/stations/${e.station}`)}`}>${p(`place.signin`)}</a>`}</p>
  </${t}>`}function Y({one:e}){let t=Object.entries(e.drawn_a).filter(([e])=>e!==`N`),n=Math.max(e.max_a||0,e.limit_a||0,...t.map(([,e])=>e||0));if(!n||e.state===`absent`)return null;let r=e=>`${100*(e||0)/n}%`;return N`<div class="offer">
    <p>${e.limit_a?p(`station.offered`,{current:T(e.limit_a)}):p(`station.offered-nothing`)}
      ${e.accepted_a!==null&&e.accepted_a!==e.limit_a&&N` <span class="soft">${p(`station.accepted`,{current:T(e.accepted_a)})}</span>`}</p>
    <dl>${t.map(([t,n])=>N`<div key=${t}><dt>${t}</dt>
      <dd><svg aria-hidden="true"><rect class="free" width="100%" height="100%" rx="3" />
        <rect class="drawn" width=${r(n)} height="100%" rx="3" />
        ${e.limit_a?N`<line x1=${r(e.limit_a)} x2=${r(e.limit_a)} y1="0" y2="100%" />`:null}</svg>
        <span>${n===null?`–`:T(Math.round(n*10)/10)}</span></dd></div>`)}</dl>
  </div>`}export{q as default};