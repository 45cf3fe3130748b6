// What went wrong, where, and what each page showed then: short, as logs are cut; the picture is beside it.
const STATES = ['ready', 'state', 'version', 'busy', 'drawn', 'rows', 'asOf', 'holds', 'live'];
/** The marks that tests go by: ready, state, version and the like. */
const marks = (page) =>
  page.evaluate(
    (names) =>
      [...document.querySelectorAll('[data-test], [data-part]')]
        .map((e) => [
          e.dataset.test ?? e.dataset.part,
          names.filter((n) => n in e.dataset).map((n) => `${n}=${e.dataset[n]}`),
        ])
        .filter(([, had]) => had.length)
        .slice(0, 30)
        .map(([what, had]) => `${what}(${had.join(' ')})`)
        .join(' '),
    STATES,
  );
/** The words of the page itself, without the frame around it. */
const words = (page) =>
  page.evaluate(() =>
    ((document.querySelector('dialog[open]') ?? document.querySelector('#main') ?? document.body)?.innerText ?? '')
      .split('\n')
      .map((z) => z.trim())
      .filter(Boolean)
      .join(' | '),
  );
const soon = (asked) =>
  Promise.race([asked.catch((x) => x.message), new Promise((r) => setTimeout(r, 10_000, '(it does not answer)'))]);
/** name: of the part; picture: where a picture of each page goes, without its number. */
export async function failure(name, e, browser, picture) {
  const told = [];
  for (const [i, p] of browser
    .contexts()
    .flatMap((c) => c.pages())
    .entries()) {
    told.push(`at ${p.url()} ${await soon(marks(p))}: ${(await soon(words(p))).slice(0, 600)}`);
    if (picture) await p.screenshot({ path: `${picture}-${i}.png`, timeout: 30_000 }).catch(() => {});
  }
  /* The colours of a terminal are none of the message. */
  const plain = String(e.message ?? e).replace(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '');
  const where = (e.stack ?? '')
    .split('\n')
    .filter((z) => /e2e\//.test(z))
    .map((z) => z.replace(/.*e2e\//, '').replace(/\).*/, ''));
  const why = plain.split('\n').slice(0, 12).join('\n  ').slice(0, 1500);
  return `不成立 does not hold: ${name}: ${why}\n  in ${where.join(' < ') || e.stack}\n  ${told.join('\n  ')}`;
}
