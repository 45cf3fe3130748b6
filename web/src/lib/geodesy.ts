/** Distances on the ellipsoid of CGCS2000, areas, circles, and the offset of GCJ-02. Degrees, metres. */
export type Spot = [lon: number, lat: number];

const A = 6_378_137;
const F = 1 / 298.257222101;
const B = A * (1 - F);
const RAD = Math.PI / 180;

/** Vincenty's inverse (1975); antipodes, which no city has, give NaN. */
export function distance([lon1, lat1]: Spot, [lon2, lat2]: Spot): number {
  const L = (lon2 - lon1) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = L;
  for (let i = 0; i < 100; i++) {
    const sl = Math.sin(lambda);
    const cl = Math.cos(lambda);
    const ss = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (ss === 0) return 0;
    const cs = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(ss, cs);
    const sa = (c1 * c2 * sl) / ss;
    const ca2 = 1 - sa * sa;
    const cm = ca2 === 0 ? 0 : cs - (2 * s1 * s2) / ca2;
    const C = (F / 16) * ca2 * (4 + F * (4 - 3 * ca2));
    const next = L + (1 - C) * F * sa * (sigma + C * ss * (cm + C * cs * (2 * cm * cm - 1)));
    if (Math.abs(next - lambda) < 1e-12) {
      const w = (ca2 * (A * A - B * B)) / (B * B);
      const p = 1 + (w / 16384) * (4096 + w * (-768 + w * (320 - 175 * w)));
      const q = (w / 1024) * (256 + w * (-128 + w * (74 - 47 * w)));
      return (
        B *
        p *
        (sigma -
          q * ss * (cm + (q / 4) * (cs * (2 * cm * cm - 1) - (q / 6) * cm * (4 * ss * ss - 3) * (4 * cm * cm - 3))))
      );
    }
    lambda = next;
  }
  return NaN;
}

export const length = (path: readonly Spot[]): number =>
  path.slice(1).reduce((sum, p, i) => sum + distance(path[i]!, p), 0);

/** Radii of curvature at a latitude: metres a degree of longitude, of latitude. */
function degree(lat: number): Spot {
  const e2 = F * (2 - F);
  const w = 1 - e2 * Math.sin(lat * RAD) ** 2;
  return [(A / Math.sqrt(w)) * Math.cos(lat * RAD) * RAD, ((A * (1 - e2)) / (w * Math.sqrt(w))) * RAD];
}

/** Of a ring without crossings, in the plane that touches it in its middle. */
export function area(ring: readonly Spot[]): number {
  if (ring.length < 3) return 0;
  const lat0 = ring.reduce((s, p) => s + p[1], 0) / ring.length;
  const lon0 = ring.reduce((s, p) => s + p[0], 0) / ring.length;
  let sum = 0;
  const at = ([lon, lat]: Spot): Spot => [
    (lon - lon0) * degree((lat + lat0) / 2)[0],
    (lat - lat0) * degree((lat + lat0) / 2)[1],
  ];
  for (let i = 0; i < ring.length; i++) {
    const [x1, y1] = at(ring[i]!);
    const [x2, y2] = at(ring[(i + 1) % ring.length]!);
    sum += x1 * y2 - x2 * y1;
  }
  return Math.abs(sum) / 2;
}

export function circle([lon, lat]: Spot, metres: number, corners = 96): Spot[] {
  const [dx, dy] = degree(lat);
  return Array.from({ length: corners + 1 }, (_, i) => {
    const a = (2 * Math.PI * i) / corners;
    return [lon + (metres * Math.cos(a)) / dx, lat + (metres * Math.sin(a)) / dy] as Spot;
  });
}

/* GCJ-02: the published offset over the ellipsoid of 1940, as the server has it (docs/records.md). */
const GA = 6_378_245;
const GE = 0.00669342162296594323;

export function toGcj([lon, lat]: Spot): Spot {
  const x = lon - 105;
  const y = lat - 35;
  const wave = (v: number): number => ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3 + v;
  const dlat =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    wave(0) +
    ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3 +
    ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  const dlon =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    wave(0) +
    ((20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2) / 3 +
    ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const magic = 1 - GE * Math.sin(lat * RAD) ** 2;
  const root = Math.sqrt(magic);
  return [
    lon + dlon / ((GA / root) * Math.cos(lat * RAD) * RAD),
    lat + dlat / (((GA * (1 - GE)) / (magic * root)) * RAD),
  ];
}

export function fromGcj(p: Spot): Spot {
  let [lon, lat] = p;
  for (let i = 0; i < 10; i++) {
    const g = toGcj([lon, lat]);
    lon += p[0] - g[0];
    lat += p[1] - g[1];
  }
  return [lon, lat];
}

/** "118.78, 32.05" or with blanks, a Chinese comma; longitude first, also when it was typed the other way round. */
export function readSpot(text: string): Spot | null {
  const n = text
    .trim()
    .split(/[\s,，;；]+/)
    .map(Number);
  if (n.length !== 2 || n.some((v) => !Number.isFinite(v))) return null;
  const [a, b] = n as Spot;
  const swapped = Math.abs(a) <= 90 && Math.abs(b) > 90;
  const p: Spot = swapped ? [b, a] : [a, b];
  return Math.abs(p[0]) <= 180 && Math.abs(p[1]) <= 85 ? p : null;
}

export const metres = (m: number): string =>
  m < 1000 ? `${m.toFixed(m < 100 ? 1 : 0)} m` : `${(m / 1000).toFixed(m < 100_000 ? 2 : 0)} km`;
export const squareMetres = (m: number): string =>
  m < 100_000
    ? `${Math.round(m).toLocaleString('en-US').replaceAll(',', '\u2009')} m²`
    : `${(m / 1e6).toFixed(m < 1e8 ? 2 : 0)} km²`;

/** A round length for a scale bar of at most `most` metres: 1, 2 or 5 times a power of ten. */
export function roundLength(most: number): number {
  const p = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((k) => k * p).find((v) => v <= most) ?? p;
}
