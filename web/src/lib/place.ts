/** Distance on the earth as a sphere of mean radius: good to half a percent, enough to say what is near. */
export interface Place {
  lon: number;
  lat: number;
}
const RADIUS_KM = 6371.0088;

export function kilometres(a: Place, b: Place): number {
  const rad = Math.PI / 180;
  const s =
    Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 +
    Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * RADIUS_KM * Math.asin(Math.sqrt(s));
}
