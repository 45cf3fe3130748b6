// Data sets and charts in a browser, short: a set made in the form, what is wrong beside its member, its rows those of the interface, kept and taken
// away again; a chart whose classes are drawn in their colours. The long way (every kind by drag and drop) is e2e/charts.mjs.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { counts, until } from '../house.mjs';

const SPEC = {
  source: { kind: 'records', type: 'discharger' },
  steps: [{ do: 'group', by: ['credit'], measures: [{ as: 'n', fn: 'count' }] }],
};
const post = async (base, path, body) => {
  const r = await fetch(`${base}/api/v1/${path}`, {
    method: 'POST',
    headers: { connection: 'close', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(r.status, 200, `POST ${path} answered ${r.status}`);
  return r.json();
};

/** Groups within groups, a parameter and a calculator; what is wrong stands beside the condition it is of. Taken away again. */
async function conditionsInTheForm(page) {
  const json = async () => {
    await page.locator('[data-tab=json]').click();
    const s = JSON.parse(await page.locator('[name=spec]').inputValue());
    await page.locator('[data-tab=form]').click();
    return s;
  };
  const step = page.locator('[data-step=filter]'),
    inner = step.locator('[data-deep="1"]');
  await page.locator('[data-test=add-step]').selectOption('filter');
  await step.locator('[data-test=group-add]').click();
  await inner.locator('[data-test=where-field]').selectOption('credit');
  await inner.locator('[data-test=where-value]').fill(':which');
  await inner.locator('[data-test=where-value]').blur();
  await inner.locator('.row [role=alert]').waitFor(); /* nobody declared it */
  await counts(step.locator('[role=alert]'), 1, 'what is wrong (only beside that condition)');
  await page.locator('[data-test=param-add]').click();
  await page.locator('[data-test=param-name]').fill('which');
  await page.locator('[data-test=param-name]').blur();
  await page.locator('[data-test=right]').waitFor();
  await inner.locator('[data-test=where-add]').click();
  await inner.locator('[data-test=where-field]').nth(1).selectOption('n');
  await inner.locator('[data-test=where-op]').nth(1).selectOption('>=');
  await inner.locator('[data-test=where-value]').nth(1).fill('1');
  await inner.locator('[data-test=where-value]').nth(1).blur();
  await page.locator('[data-test=right]').waitFor();
  const written = await json();
  assert.deepEqual(written.steps.at(-1).where, {
    all: [
      { field: 'credit', op: 'null', value: false },
      {
        any: [
          { field: 'credit', op: '=', value: { param: 'which' } },
          { field: 'n', op: '>=', value: 1 },
        ],
      },
    ],
  });
  assert.deepEqual(written.params, [{ name: 'which', type: 'text' }]);
  await page.locator('[data-test=add-step]').selectOption('calc');
  const calc = page.locator('[data-step=calc]');
  await calc.locator('[data-test=calculator]').selectOption('air.level');
  await calc.locator('[data-in=aqi] select').selectOption('n');
  await calc.locator('[data-out=level] input').fill('level');
  await calc.locator('[data-out=level] input').blur();
  await page.locator('[data-test=right]').waitFor();
  const { name, in: from, out } = (await json()).steps.at(-1);
  assert.deepEqual({ name, in: from, out: Object.keys(out) }, { name: 'air.level', in: { aqi: 'n' }, out: ['level'] });
  await calc.locator('[data-test=step-drop]').click();
  await step.locator('[data-test=step-drop]').click();
  await page.locator('[data-test=param-drop]').click();
  await page.locator('[data-test=right]').waitFor();
}

export async function setJourney({ base, open, shot, api }) {
  const { page, close } = await open();
  await page.goto(`${base}/charts/sets`);
  await page.locator('[data-test=new-set]').click();
  await page.locator('[data-test=source-kind]').selectOption('records');
  await page.locator('[data-test=source-type]').selectOption('discharger');
  while (await page.locator('[data-test=step-drop]').count())
    await page.locator('[data-test=step-drop]').first().click();
  await page.locator('[data-test=add-step]').selectOption('group');
  const step = page.locator('[data-step=group]');
  const by = step.locator('.picks').first();
  await by.locator('[data-pick=credit]').waitFor();
  for (const on of await by.locator('[aria-pressed=true]').evaluateAll((l) => l.map((b) => b.dataset.pick)))
    await by.locator(`[data-pick="${on}"]`).click();
  await by.locator('[data-pick=credit]').click();
  /* The form writes what the JSON says. */
  await page.locator('[data-tab=json]').click();
  await until(
    'the form writes what the JSON says',
    async () => JSON.parse(await page.locator('[name=spec]').inputValue()),
    ({ refresh, ...written }) => isDeepStrictEqual(written, SPEC),
  );
  await page.locator('[data-tab=form]').click();
  /* What is wrong stands beside its member; mended, the rows come by themselves. */
  await page.locator('[data-test=add-step]').selectOption('compute');
  await page.locator('[data-step=compute] [data-test=expr]').fill('nix + 1');
  await page.locator('[data-step=compute] [data-test=expr]').blur();
  await page.locator('[data-step=compute] [role=alert]').first().waitFor();
  await counts(page.locator('[data-step=group] [role=alert]'), 0, 'what is wrong with the other step');
  await shot(page, 'set-form-wrong');
  await page.locator('[data-step=compute] [data-test=step-drop]').click();
  await page.locator('[data-test=right]').waitFor();
  await conditionsInTheForm(page);
  await page.locator('[data-test=preview] [data-test=chart-rows]').waitFor();
  await counts(page.locator('[data-test=preview] th'), 2, 'columns');
  await until(
    'the rows are those of the interface',
    async () => {
      const told = await post(base, 'datasets/preview', { spec: SPEC });
      const column = told.fields.findIndex((f) => f.name === 'n');
      const rows = await page.locator('[data-test=preview] tbody tr').allInnerTexts();
      return [rows.map((z) => Number(z.split('\t')[column]?.replace(/,/g, ''))), told.rows.map((row) => row[column])];
    },
    ([shown, told]) => isDeepStrictEqual(shown, told),
  );
  await shot(page, 'set-form');
  /* Kept under a code of its own, read back, taken away. */
  const code = `e2e_${Date.now().toString(36)}`;
  await page.locator('[name=name]').fill('验收数据集');
  await page.locator('[name=code]').fill(code);
  await page.locator('[data-test=save-set]').click();
  await page.waitForURL(`${base}/charts/sets/${code}`);
  const kept = await api(`datasets/${code}`);
  assert.deepEqual(kept.spec.steps, SPEC.steps);
  await fetch(`${base}/api/v1/things/data_set/${kept.id}?version=${kept.version}&reason=e2e`, {
    method: 'DELETE',
    headers: { connection: 'close' },
  });
  await close();
}

/** The points of the canvas that are near a colour. */
const near = (page, colours) =>
  page.evaluate((list) => {
    const c = document.querySelector('[data-test=chart-view] canvas');
    const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    const seen = Object.fromEntries(list.map(([name]) => [name, 0]));
    for (let i = 0; i < p.length; i += 4)
      for (const [name, r, g, b] of list)
        if (p[i + 3] > 200 && Math.abs(p[i] - r) + Math.abs(p[i + 1] - g) + Math.abs(p[i + 2] - b) < 12) seen[name]++;
    return seen;
  }, colours);

export async function classesJourney({ base, open, shot, api, NotRun }) {
  const r = await api('datasets/dischargers_credit/rows').catch(() => null);
  const i = r?.fields.findIndex((f) => f.name === 'credit') ?? -1;
  if (!r || !r.rows.some((row) => row[i])) throw new NotRun('no discharger has a credit');
  const { page, close } = await open();
  await page.goto(`${base}/charts/gallery/credit_ring`);
  await page.waitForFunction(() => Number(document.querySelector('[data-test=chart-view]')?.dataset.drawn) > 0);
  const COLOURS = {
    green: [0x3e, 0x9b, 0x5f],
    blue: [0x3b, 0x82, 0xc4],
    yellow: [0xf2, 0xc9, 0x4c],
    red: [0xd6, 0x45, 0x35],
    black: [0x2b, 0x2b, 0x2b],
  };
  const there = r.rows.map((row) => row[i]).filter((k) => k in COLOURS && k !== 'black');
  await until(
    'each class is drawn in its colour',
    () =>
      near(
        page,
        there.map((k) => [k, ...COLOURS[k]]),
      ),
    (seen) => there.every((k) => seen[k] > 30),
  );
  await shot(page, 'chart-classes');
  await close();
}
