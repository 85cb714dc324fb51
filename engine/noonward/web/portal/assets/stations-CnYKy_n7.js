import{C as e,I as t,M as n,O as r,R as i,c as a,f as o,h as s,j as c,l,p as u,u as d,y as f}from"./index-UqzyN3MI.js";function p({label:e,cursor:t,stops:n,marks:r=[],children:i}){let a=e=>{e!==void 0&&(t.value=e)},o=(e,n)=>{let r=t.value;return r===null?n>0?e[0]:e[e.length-1]:n>0?e.find(e=>e>r+1e-6):[...e].reverse().find(e=>e<r-1e-6)},s={ArrowLeft:e=>a(o(e.shiftKey?r:n,-1)),ArrowRight:e=>a(o(e.shiftKey?r:n,1)),Home:()=>a(n[0]),End:()=>a(n[n.length-1])};return f`<div class="charts" tabindex="0" role="group" aria-label=${e} onKeyDown=${e=>{!s[e.key]||e.ctrlKey||e.metaKey||e.altKey||(e.preventDefault(),s[e.key](e))}}>${i}</div>`}function m({summary:e,heads:t,rows:n}){let[r,a]=i(!1);return f`<details class="twin" onToggle=${e=>a(e.currentTarget.open)}>
    <summary>${e}</summary>
    ${r&&f`<${h} label=${e} heads=${t} rows=${n()} />`}
  </details>`}function h({label:e,heads:t,rows:n,total:r}){let i=([e,...t],n)=>f`<tr key=${n}><th scope="row">${e}</th>${t.map(e=>f`<td>${e}</td>`)}</tr>`;return f`<div class="wide" tabindex="0" role="region" aria-label=${e}>
    <table>
      <thead><tr>${t.map(e=>f`<th scope="col">${e}</th>`)}</tr></thead>
      <tbody>${n.map(i)}</tbody>
      ${r&&f`<tfoot>${i(r)}</tfoot>`}
    </table>
  </div>`}var g={data:null,problem:null,busy:!0};function _(e,n={},a=0){let o=e===null?null:`${e} ${JSON.stringify(n)} ${c.value}`,[s,l]=i({...g,address:o}),[u,d]=i(0);return t(()=>{if(o===null)return;let t=window.AbortController?new AbortController:null,i=!1;return l(e=>({...e.address===o?e:g,address:o,busy:!0})),r(e,n,t?t.signal:void 0).then(e=>i||l({data:e,problem:null,busy:!1,address:o}),e=>i||e.name===`AbortError`||l(t=>({data:t.data,problem:e,busy:!1,address:o}))),()=>{i=!0,t&&t.abort()}},[o,a,u]),{...s.address===o?s:{...g,address:o},again:()=>d(e=>e+1)}}function v(e,t,n,a=0){let o=_(e,t,a),s=`${o.address} ${a}`,[c,l]=i({address:s,items:[],next:null,busy:!1,problem:null}),u=c.address===s?c:{items:[],next:o.data&&o.data.next,busy:!1,problem:null},d=u.next===null||u.next===void 0?null:async()=>{l({...u,address:s,busy:!0,problem:null});try{let i=await r(e,{...t,before:u.next});l({address:s,items:[...u.items,...i[n]],next:i.next,busy:!1,problem:null})}catch(e){l({...u,address:s,busy:!1,problem:e})}};return{items:o.data?[...o.data[n],...u.items]:null,problem:o.problem||u.problem,busy:o.busy||u.busy,more:d,again:o.again}}function y({at:t}){return t?f`<time datetime=${t} title=${`${d(t)}, ${a(t)}`}>${u(t,e())}</time>`:f`<span>${`–`}</span>`}function b({problem:e,again:t}){return f`<div class="missing" role="status"><p>${e.message||n(`blank.offline.text`)}</p>
    ${t&&f`<p><button type="button" onClick=${t}>${n(`part.again`)}</button></p>`}</div>`}function x({id:e,title:t,aside:n,children:r}){return f`<section class="part" id=${e} aria-labelledby=${`${e}-title`}>
    <header><h2 id=${`${e}-title`}>${t}</h2>${n&&f`<span class="aside">${n}</span>`}</header>
    ${r}
  </section>`}function S({paged:e}){return f`${e.problem&&e.items&&f`<${b} problem=${e.problem} />`}
    ${e.more&&f`<p><button type="button" class="quiet" disabled=${e.busy} onClick=${e.more}>
      ${e.busy?n(`part.loading`):n(`part.older`)}</button></p>`}`}function C({of:e}){return f`<dl class="facts">${e.filter(([,e])=>e!=null&&e!==``).map(([e,t])=>f`<div key=${e}><dt>${e}</dt><dd>${t}</dd></div>`)}</dl>`}var w=(e,t)=>`c${Math.max(0,e.indexOf(t))%6}`;function T(e,t){let n=0,r=e.length;for(;n<r;){let i=n+r>>1;e[i]<=t?n=i+1:r=i}return n-1}var E=230,D=({limit_a:e,phases:t})=>e?e*(t||3)*E:0;function O({zone:e}){let t=e.stations.map(e=>e.station);return f`<${x} id="stations" title=${n(`zone.stations`)}>
    ${e.max_power_w&&f`<${k} zone=${e} names=${t} />`}
    <ul class="bays">${e.stations.map(e=>f`<li key=${e.station} class=${e.online?``:`silent`}>
      <h3><a href=${`/stations/${encodeURIComponent(e.station)}`}><span class=${`swatch paint-${w(t,e.station)}`} aria-hidden="true"></span>${e.station}</a></h3>
      <p>${A(e.summary)}</p>
      <p class="soft">${e.state===`absent`?null:e.sentence}</p>
      ${e.trouble&&f`<p class="trouble">${e.trouble}</p>`}
      <p class="soft">${[e.drawn_w?s(e.drawn_w):null,e.session_kwh?n(`station.sofar`,{energy:o(e.session_kwh)}):null,e.limit_a?n(`station.upto`,{current:l(e.limit_a)}):null,e.charge_now&&e.charge_now.summary,e.need&&e.need.summary].filter(Boolean).join(` · `)}</p>
    </li>`)}</ul>
  </${x}>`}function k({zone:e,names:t}){let r=e.stations.map(e=>({name:e.station,offered:D(e),drawn:e.drawn_w||0})).filter(e=>e.offered||e.drawn),i=Math.max(e.max_power_w,r.reduce((e,t)=>e+Math.max(t.offered,t.drawn),0)),a=e=>`${100*e/i}%`,o=0,c=r.reduce((e,t)=>e+t.offered,0);return f`<figure class="sharing">
    <svg role="img" aria-label=${n(`zone.shared`,{offered:s(c),most:s(e.max_power_w)})}>
      <rect class="free" width="100%" height="100%" rx="4" />
      ${r.map(e=>{let n=o;o+=Math.max(e.offered,e.drawn);let r=w(t,e.name);return f`<g key=${e.name}><rect class=${`offered fill-${r}`} x=${a(n)} width=${a(e.offered)} height="100%" />
          <rect class=${`fill-${r}`} x=${a(n)} width=${a(e.drawn)} height="100%" /></g>`})}
    </svg>
    <figcaption class="soft">${n(`zone.shared`,{offered:s(c),most:s(e.max_power_w)})}
      ${r.map(e=>f` · ${n(`zone.part`,{station:e.name,drawn:s(e.drawn),offered:s(e.offered)})}`)}</figcaption>
  </figure>`}var A=e=>(e||``).replace(/^./,e=>e.toUpperCase());export{C as a,x as c,v as d,p as f,T as i,y as l,m,A as n,b as o,h as p,w as r,S as s,O as t,_ as u};