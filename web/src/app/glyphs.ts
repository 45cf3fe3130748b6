/** The rail: one character and a name of at most four. What a person may not do is not there. */
export interface Room {
  id: 'map' | 'situation' | 'alarms' | 'sheet' | 'suspects' | 'sites' | 'devices' | 'charts' | 'law' | 'admin';
  path: string;
  glyph: string;
  key: string;
  needs: readonly string[];
}

export const ROOMS: readonly Room[] = [
  { id: 'map', path: '/map', glyph: '图', key: 'M', needs: ['site.read'] },
  { id: 'situation', path: '/situation', glyph: '势', key: 'T', needs: ['alarm.read'] },
  { id: 'alarms', path: '/alarms', glyph: '警', key: 'A', needs: ['alarm.read'] },
  { id: 'sheet', path: '/sheet', glyph: '单', key: 'L', needs: ['review.read'] },
  { id: 'suspects', path: '/suspects', glyph: '疑', key: 'X', needs: ['suspicion.read'] },
  { id: 'sites', path: '/sites', glyph: '站', key: 'S', needs: ['site.read'] },
  { id: 'devices', path: '/devices', glyph: '机', key: 'D', needs: ['device.read'] },
  { id: 'charts', path: '/charts', glyph: '析', key: 'C', needs: ['series.read'] },
  { id: 'law', path: '/law', glyph: '法', key: 'F', needs: ['standard.read'] },
  { id: 'admin', path: '/admin', glyph: '管', key: 'I', needs: ['user.read', 'role.read', 'org.read', 'audit.read'] },
];
/** The room of an address: its own page and those under it. Charts look at each page's own right. */
export const roomAt = (path: string): Room | undefined =>
  ROOMS.find((r) => r.id !== 'charts' && (path === r.path || path.startsWith(`${r.path}/`)));
