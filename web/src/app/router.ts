import { createRouter, createWebHistory } from 'vue-router';
import { arrive, pending } from '@/api/pending';
import { gate, may, session } from '@/api/session';
import { later } from './follow';
import { roomAt, ROOMS } from './glyphs';
import { ROUTES } from './routes';
import { visited } from './visited';

/** The first room that the person may enter; his own account at the least. */
const home = (): string => ROOMS.find((r) => r.needs.some(may))?.path ?? (session.self?.signed_in ? '/work' : '/me');

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [{ path: '/', redirect: () => home() }, ...ROUTES],
});

/* Before anybody has signed in there is one page; the rooms are asked for again behind it. */
/* The page's own parts and whether he may see it are part of what is waited for. */
let landed = (): void => undefined;
router.beforeEach((to, from) => {
  if (to.path === from.path && from.matched.length) return;
  landed();
  arrive();
  void pending(new Promise<void>((done) => (landed = done)));
});
router.beforeEach(async (to) => {
  /* Bare pages are the public's, but for the screens: they show what the person who signed in may see, and follow the live stream. */
  if (to.name === 'signin' || (to.meta.bare && !to.meta.inside)) return true;
  if (await gate()) return { name: 'signin', query: { to: to.fullPath } };
  /* A room that is not his says which right it needs, under its own address. */
  const room = to.name === 'none' ? undefined : roomAt(to.path);
  if (room && !session.self?.offline && !room.needs.some(may))
    return { name: 'none', params: { rest: to.path.slice(1).split('/') }, query: to.query };
  /* The start page depends on who it is, which is only known now. */
  return to.path === '/' || to.redirectedFrom?.path === '/'
    ? to.path === home()
      ? true
      : { path: home(), replace: true }
    : true;
});

/* A page whose code did not come (the line broke off just then) is asked for again. */
router.onError((e, to) => {
  landed();
  if (e instanceof TypeError || /preload/i.test(String(e))) later(() => void router.replace(to.fullPath));
});
router.afterEach((to, _from, failure) => {
  landed();
  if (!failure) visited(to, Date.now());
});
