/** Areas of outlines on the globe. Pure. */
type Ring = readonly (readonly number[])[];
export interface Outlines {
  features: {
    properties: { code: string };
    geometry: { type: 'Polygon'; coordinates: Ring[] } | { type: 'MultiPolygon'; coordinates: Ring[][] };
  }[];
}
const RADIUS_KM = 6371.0088;

/** Of a ring of degrees on a sphere of the Earth's mean radius, by the trapezoids under its sides (Chamberlain and Duquette). */
function ring(points: Ring): number {
  const rad = Math.PI / 180;
  let sum = 0;
  for (let i = 0; i < points.length; i++) {
    const [a, b] = [points[i]!, points[(i + 1) % points.length]!];
    sum += (b[0]! - a[0]!) * rad * (2 + Math.sin(a[1]! * rad) + Math.sin(b[1]! * rad));
  }
  return (Math.abs(sum) * RADIUS_KM * RADIUS_KM) / 2;
}
/** The first ring is the outline, the others are holes. */
const polygon = (rings: readonly Ring[]): number => rings.reduce((s, r, i) => (i ? s - ring(r) : ring(r)), 0);
/** km² by the code of the district. */
export const areasOf = (g: Outlines): ReadonlyMap<string, number> =>
  new Map(
    g.features.map((f) => [
      f.properties.code,
      f.geometry.type === 'Polygon'
        ? polygon(f.geometry.coordinates)
        : f.geometry.coordinates.reduce((s, p) => s + polygon(p), 0),
    ]),
  );
