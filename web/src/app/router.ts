import { createRouter, createWebHistory } from 'vue-router';
import { gate, may, session } from '@/api/session';
import { ROOMS } from './glyphs';

/** The first room that the person may enter; his own account at the least. */
const home = (): string => ROOMS.find((r) => r.needs.some(may))?.path ?? (session.self?.signed_in ? '/work' : '/me');

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    { path: '/', redirect: () => home() },
    { path: '/map', name: 'map', component: () => import('@/rooms/map/MapRoom.vue') },
    { path: '/situation', name: 'situation', component: () => import('@/rooms/situation/SituationRoom.vue') },
    { path: '/alarms', name: 'alarms', component: () => import('@/rooms/alarms/AlarmRoom.vue') },
    { path: '/desk', name: 'desk', component: () => import('@/rooms/desk/DeskRoom.vue') },
    { path: '/desk/roster', name: 'roster', component: () => import('@/rooms/desk/RosterPage.vue') },
    { path: '/desk/handover', name: 'handover', component: () => import('@/rooms/desk/HandoverPage.vue') },
    { path: '/sheet', name: 'sheet', component: () => import('@/rooms/sheet/SheetRoom.vue') },
    { path: '/suspects', name: 'suspects', component: () => import('@/rooms/suspects/SuspectRoom.vue') },
    { path: '/sites', name: 'sites', component: () => import('@/rooms/site/SiteList.vue') },
    { path: '/sites/:id(\\d+)', name: 'site', component: () => import('@/rooms/site/SiteRoom.vue') },
    { path: '/devices', name: 'devices', component: () => import('@/rooms/devices/DeviceRoom.vue') },
    { path: '/r/:type/:id?', name: 'records', component: () => import('@/rooms/records/RecordRoom.vue') },
    { path: '/work', name: 'work', component: () => import('@/rooms/cases/WorkRoom.vue') },
    { path: '/field', name: 'field', component: () => import('@/rooms/field/FieldRoom.vue') },
    { path: '/field/owed', name: 'owed', component: () => import('@/rooms/field/OwedPage.vue') },
    { path: '/field/new/:flow', name: 'field-new', component: () => import('@/rooms/field/FieldStart.vue') },
    { path: '/field/c/:flow/:id', name: 'field-task', component: () => import('@/rooms/field/FieldTask.vue') },
    { path: '/c/:flow', name: 'cases', component: () => import('@/rooms/cases/CaseRoom.vue') },
    { path: '/c/:flow/simulate', name: 'simulate', component: () => import('@/rooms/cases/SimulateRoom.vue') },
    { path: '/c/:flow/:id', name: 'case', component: () => import('@/rooms/cases/CasePage.vue') },
    { path: '/inbox', name: 'inbox', component: () => import('@/rooms/inbox/InboxRoom.vue') },
    { path: '/charts/:page?/:code?', name: 'charts', component: () => import('@/rooms/charts/ChartsRoom.vue') },
    { path: '/admin/:page?', name: 'admin', component: () => import('@/rooms/admin/AdminRoom.vue') },
    { path: '/screens', name: 'screens', component: () => import('@/rooms/screens/ScreensRoom.vue') },
    { path: '/screens/:code/design', name: 'design', component: () => import('@/rooms/screens/DesignPage.vue') },
    { path: '/briefings/:id?', name: 'briefings', component: () => import('@/rooms/screens/BriefingRoom.vue') },
    { path: '/stage/:id', name: 'stage', component: () => import('@/rooms/screens/StagePage.vue') },
    { path: '/play/:id', name: 'play', component: () => import('@/rooms/screens/PlayPage.vue'), meta: { bare: true, inside: true } },
    { path: '/show/:id', name: 'show', component: () => import('@/rooms/screens/PlayPage.vue'), meta: { bare: true, inside: true } },
    { path: '/me', name: 'me', component: () => import('@/rooms/me/MeRoom.vue') },
    { path: '/portal', name: 'portal', meta: { bare: true }, component: () => import('@/rooms/portal/PortalPage.vue') },
    { path: '/portal/draws/:id?', name: 'draws', meta: { bare: true }, component: () => import('@/rooms/portal/DrawsPage.vue') },
    { path: '/signin', name: 'signin', component: () => import('@/rooms/access/SignIn.vue') },
    { path: '/:rest(.*)*', name: 'none', component: () => import('./NotFound.vue') },
  ],
});

/* Before anybody has signed in there is one page; the rooms are asked for again behind it. */
router.beforeEach(async (to) => {
  /* Bare pages are the public's, but for the screens: they show what the person who signed in may see, and follow the live stream. */
  if (to.name === 'signin' || (to.meta.bare && !to.meta.inside)) return true;
  if (await gate()) return { name: 'signin', query: { to: to.fullPath } };
  /* The start page depends on who it is, which is only known now. */
  return to.path === '/' || to.redirectedFrom?.path === '/' ? (to.path === home() ? true : { path: home(), replace: true }) : true;
});
