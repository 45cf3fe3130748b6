import { chromium } from 'playwright-core';
const base='http://127.0.0.1:18311';
const asOf = `${new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 19)}+08:00`;
const r = await fetch(base+'/api/v1/things/play',{method:'POST',headers:{'content-type':'application/json'},body:JSON.stringify({fields:{title:'t',screen:'air',mode:'live',data:'frozen',as_of:asOf}})}).then(r=>r.json());
const b = await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox','--disable-gpu']});
for (const [w,h,q,o] of [[1920,1080,'?rect=0,0,1920,1080',{}],[1920,1080,'?rect=1920,0,1920,1080',{}],[1440,900,'',{}],[390,844,'',{isMobile:true,hasTouch:true}]]) {
 const p = await (await b.newContext({viewport:{width:w,height:h},...o})).newPage();
 p.on('console',m=>m.type()==='error'&&console.log(m.text()));
 await p.goto(base+'/play/'+r.id+q); await p.waitForTimeout(9000);
 console.log(w,q,JSON.stringify(await p.evaluate(()=>[...document.querySelectorAll('[data-chart]')].map(e=>[e.dataset.chart,e.querySelector('[data-test=chart-view]')?.dataset.rows,e.querySelector('[data-test=chart-view]')?.dataset.asOf, e.textContent.slice(0,60)]))));
}
await b.close();
