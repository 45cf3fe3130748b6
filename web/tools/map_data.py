#!/usr/bin/python3
"""Makes public/map/*.json from the folders `boundaries` and `map_layers` of a data directory.

    /usr/bin/python3 tools/map_data.py DATA_DIR      (needs Debian's python3-shapely)

Run by hand when the source changes; the results are committed, the build never runs this.

Districts come from a map in GCJ-02 (found by shifting the outer Qinhuai's border onto the OpenStreetMap
river: best fit -0.004..-0.005, +0.002 degrees, which is the GCJ-02 offset at Nanjing), so they are brought
back to WGS 84, which on a display scale is CGCS2000. The Yangtze's middle line is the border of the districts
that it parts; its width, the Bagua south branch, the lakes outside the centre, and the hills are drawn by
hand and marked `sketch`.
"""
import json
import math
import os
import sys

from shapely.geometry import LineString, MultiPolygon, Polygon, box, mapping, shape
from shapely.ops import linemerge, transform, unary_union

OUT = os.path.join(os.path.dirname(__file__), "..", "public", "map")
NAMES_EN = {320102: "Xuanwu", 320104: "Qinhuai", 320105: "Jianye", 320106: "Gulou", 320111: "Pukou",
            320113: "Qixia", 320114: "Yuhuatai", 320115: "Jiangning", 320116: "Luhe",
            320117: "Lishui", 320118: "Gaochun"}
LAND_EN = {"溧水河": "Lishui River", "滁河": "Chu River", "秦淮新河": "New Qinhuai", "秦淮河": "Qinhuai River",
           "内秦淮河": "Inner Qinhuai", "外秦淮河": "Outer Qinhuai", "胥河": "Xu River",
           "固城湖": "Gucheng Lake", "玄武湖": "Xuanwu Lake", "石臼湖": "Shijiu Lake", "金牛湖": "Jinniu Lake",
           "莫愁湖": "Mochou Lake", "南湖": "South Lake", "乌龙潭": "Wulong Pond", "杨吴城濠": "Yangwu Moat",
           "珍珠河": "Zhenzhu River", "运渎": "Yundu Canal", "幕府山": "Mufu Hill", "方山": "Fangshan",
           "无想山": "Wuxiang Hill", "栖霞山": "Qixia Hill", "横山": "Hengshan", "汤山": "Tangshan",
           "游子山": "Youzi Hill", "灵岩山": "Lingyan Hill", "牛首山": "Niushou Hill",
           "紫金山": "Purple Mountain", "老山": "Laoshan", "青龙山": "Qinglong Hill"}


def gcj_offset(lon, lat):
    """The published GCJ-02 displacement, in degrees (Krasovsky ellipsoid)."""
    a, ee = 6378245.0, 0.00669342162296594323
    x, y = lon - 105.0, lat - 35.0
    wave = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    dlat += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    dlat += (160.0 * math.sin(y / 12.0 * math.pi) + 320 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    dlon += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    dlon += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    rad = math.radians(lat)
    magic = 1 - ee * math.sin(rad) ** 2
    dlat = (dlat * 180.0) / ((a * (1 - ee)) / (magic * math.sqrt(magic)) * math.pi)
    dlon = (dlon * 180.0) / (a / math.sqrt(magic) * math.cos(rad) * math.pi)
    return dlon, dlat


def to_wgs(geom):
    def back(xs, ys, zs=None):
        pairs = [(x - gcj_offset(x, y)[0], y - gcj_offset(x, y)[1]) for x, y in zip(xs, ys)]
        return [p[0] for p in pairs], [p[1] for p in pairs]
    return transform(back, geom)


def smooth(points, closed=False, steps=8):
    """Catmull-Rom through hand-laid points."""
    n, out = len(points), []
    for i in range(n if closed else n - 1):
        p = [points[(i + k) % n] if closed else points[min(max(i + k, 0), n - 1)] for k in (-1, 0, 1, 2)]
        for s in range(steps):
            t = s / steps
            out.append(tuple(0.5 * (2 * p[1][d] + (p[2][d] - p[0][d]) * t
                                    + (2 * p[0][d] - 5 * p[1][d] + 4 * p[2][d] - p[3][d]) * t * t
                                    + (3 * p[1][d] - p[0][d] - 3 * p[2][d] + p[3][d]) * t ** 3)
                             for d in (0, 1)))
    if not closed:
        out.append(points[-1])
    return out


def rounded(obj):
    if isinstance(obj, float):
        return round(obj, 5)
    if isinstance(obj, (list, tuple)):
        return [rounded(o) for o in obj]
    return {k: rounded(v) for k, v in obj.items()} if isinstance(obj, dict) else obj


def feature(geom, **props):
    if props.get("name") in LAND_EN:
        props["name_en"] = LAND_EN[props["name"]]
    return {"type": "Feature", "properties": props, "geometry": rounded(mapping(geom))}


def write(name, features, source, licence):
    doc = {"type": "FeatureCollection", "source": source, "licence": licence, "features": features}
    path = os.path.join(OUT, name + ".json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(doc, f, ensure_ascii=False, separators=(",", ":"))
        f.write("\n")
    print(f"{name}: {len(features)} features, {os.path.getsize(path) // 1024} kB")


def load(root, name):
    with open(os.path.join(root, name), encoding="utf-8") as f:
        return json.load(f)["features"]


def clean(geom, keep=0.00002):
    """Without slivers and inner holes of the source's grid."""
    parts = [Polygon(p.exterior) for p in getattr(geom, "geoms", [geom]) if p.area > keep]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def districts(root):
    out = {}
    for f in load(root, "boundaries/nanjing_districts.geojson"):
        code = f["properties"]["adcode"]
        out[code] = (f["properties"]["name"], clean(to_wgs(shape(f["geometry"]).buffer(0))))
    return out


def write_districts(d):
    feats = [feature(g.simplify(0.0004), code=str(c), name=n, name_en=NAMES_EN[c])
             for c, (n, g) in sorted(d.items())]
    write("districts", feats, "archerding/echarts-geo-json, json/320100.json", "MIT")
    seen, lines = [], []
    for c, (_, g) in sorted(d.items()):
        line = g.simplify(0.0004).boundary
        for s in seen:
            line = line.difference(s.buffer(0.0009))
        seen.append(g.simplify(0.0004).boundary)
        lines += [p for p in getattr(line, "geoms", [line]) if p.length > 0.004]
    write("borders", [feature(x) for x in lines], "archerding/echarts-geo-json, json/320100.json", "MIT")
    labels = {320102: (118.842, 32.093), 320104: (118.807, 32.003), 320105: (118.700, 31.992), 320106: (118.758, 32.083),
              320111: (118.545, 32.020), 320113: (118.935, 32.120), 320114: (118.690, 31.935), 320115: (118.82, 31.88),
              320116: (118.86, 32.37), 320117: (119.04, 31.62), 320118: (118.92, 31.34)}
    places = [{"type": "Feature", "properties": {"kind": "district", "name": d[c][0], "name_en": NAMES_EN[c]},
               "geometry": {"type": "Point", "coordinates": list(p)}} for c, p in labels.items()]
    for name, en, p in (("扬州市 · 仪征", "Yizheng, Yangzhou", (119.14, 32.30)), ("镇江市 · 句容", "Jurong, Zhenjiang", (119.20, 31.93)),
                        ("马鞍山市", "Ma'anshan", (118.52, 31.66)), ("滁州市", "Chuzhou", (118.42, 32.27)),
                        ("常州市 · 溧阳", "Liyang, Changzhou", (119.32, 31.45)), ("宣城市", "Xuancheng", (118.78, 31.17))):
        places.append({"type": "Feature", "properties": {"kind": "city", "name": name, "name_en": en},
                       "geometry": {"type": "Point", "coordinates": list(p)}})
    write("places", places, "label places set by hand", "Apache-2.0")


def yangtze(d):
    """Middle line: the part of the left-bank districts' border that faces the right bank."""
    path = [(118.385, 31.50), (118.405, 31.58), (118.440, 31.66), (118.470, 31.73)]
    jn = d[320115][1].boundary
    jn_parts = jn.intersection(Polygon([(118.47, 31.76), (118.53, 31.76), (118.53, 31.86), (118.47, 31.86)]))
    ring = [p for g in getattr(jn_parts, "geoms", [jn_parts]) for p in g.coords if p[0] < 118.505 - (31.80 - p[1]) * 0.2]
    path += sorted([p for p in ring if p[1] > 31.782], key=lambda p: p[1])
    pk = d[320111][1].boundary.intersection(unary_union([d[c][1] for c in (320115, 320114, 320105, 320106)]).buffer(0.0007))
    pts = [p for g in getattr(pk, "geoms", [pk]) for p in g.coords]
    path += sorted([p for p in pts if p[1] > path[-1][1] + 0.003], key=lambda p: p[0] + p[1])
    lh = d[320113][1].boundary.intersection(unary_union([d[320116][1], d[320111][1]]).buffer(0.0007))
    line = linemerge([g for g in getattr(lh, "geoms", [lh]) if g.geom_type == "LineString"])
    longest = max(getattr(line, "geoms", [line]), key=lambda g: g.length)
    north = list(longest.coords)
    if north[0][0] > north[-1][0]:
        north.reverse()
    tail = [(119.10, 32.243), (119.14, 32.246), (119.19, 32.236), (119.24, 32.217), (119.30, 32.212), (119.36, 32.225),
            (119.44, 32.232)]
    return path, north, tail


def thin(path, gap=0.006):
    out = [path[0]]
    for p in path[1:]:
        if math.dist(p, out[-1]) >= gap:
            out.append(p)
    return out


def wide(points, metres):
    """A line of `points` made `metres` wide; degrees of longitude are shorter, hence the stretch."""
    k = math.cos(math.radians(32))
    flat = LineString([(x * k, y) for x, y in points])
    return transform(lambda xs, ys, zs=None: ([x / k for x in xs], list(ys)), flat.buffer(metres / 111320.0 / 2, 12))


LAKES = {
    "玄武湖": [(118.786, 32.083), (118.792, 32.089), (118.800, 32.086), (118.803, 32.078), (118.801, 32.069), (118.795, 32.064),
            (118.789, 32.066), (118.787, 32.074)],
    "石臼湖": [(118.83, 31.50), (118.86, 31.53), (118.90, 31.525), (118.925, 31.49), (118.92, 31.45), (118.89, 31.425),
            (118.855, 31.43), (118.835, 31.46)],
    "固城湖": [(118.885, 31.305), (118.915, 31.325), (118.945, 31.31), (118.955, 31.275), (118.94, 31.245), (118.905, 31.25),
            (118.89, 31.275)],
    "金牛湖": [(118.87, 32.47), (118.885, 32.485), (118.905, 32.48), (118.91, 32.463), (118.893, 32.452)],
}
RIVERS = {
    "滁河": ([(118.40, 32.09), (118.45, 32.12), (118.50, 32.15), (118.56, 32.195), (118.62, 32.20), (118.66, 32.235), (118.71, 32.26),
            (118.77, 32.27), (118.82, 32.31), (118.86, 32.30), (118.90, 32.275), (118.945, 32.25), (118.975, 32.215), (118.985, 32.185)], 170),
    "秦淮河": ([(118.795, 32.018), (118.812, 31.995), (118.815, 31.972), (118.832, 31.955), (118.842, 31.925), (118.870, 31.895),
             (118.885, 31.86), (118.895, 31.82), (118.925, 31.785), (118.965, 31.765), (119.01, 31.755)], 130),
    "秦淮新河": ([(118.836, 31.945), (118.80, 31.945), (118.765, 31.952), (118.725, 31.955), (118.690, 31.968), (118.668, 31.975)], 120),
    "溧水河": ([(118.895, 31.82), (118.905, 31.77), (118.935, 31.72), (118.99, 31.68), (119.02, 31.655)], 90),
    "胥河": ([(118.95, 31.27), (119.00, 31.30), (119.06, 31.315), (119.12, 31.31), (119.18, 31.33)], 80),
}


def write_water(root, d):
    path, north, tail = yangtze(d)
    north = [p for p in north if p[0] > 118.76 or p[1] > 32.14]
    main = thin(path) + thin(north) + tail
    main = smooth(thin(main, 0.012), steps=5)
    i = max(k for k, p in enumerate(main) if p[0] < 118.775 and p[1] < 32.16)
    j = min(k for k, p in enumerate(main) if p[0] > 118.885 and k > i)
    bagua_south = smooth([main[i - 2], (118.783, 32.139), (118.805, 32.147), (118.832, 32.155), (118.856, 32.166), main[j + 1]])
    jiajiang = smooth([(118.640, 31.957), (118.665, 31.978), (118.690, 32.010), (118.708, 32.038), (118.722, 32.066), (118.728, 32.085)])
    river = unary_union([wide(main[:i + 1], 1550), wide(main[i:j + 1], 900), wide(main[j:], 1650),
                         wide(bagua_south, 1350), wide(jiajiang, 330)]).simplify(0.0002)
    frame = box(118.30, 31.10, 119.50, 32.70)
    feats = [feature(river.intersection(frame), name="长江", name_en="Yangtze", kind="yangtze", sketch=True)]
    for name, ring in LAKES.items():
        feats.append(feature(Polygon(smooth(ring, True)), name=name, kind="lake", sketch=True))
    for name, (pts, metres) in RIVERS.items():
        feats.append(feature(wide(smooth(pts), metres).simplify(0.0001), name=name, kind="river", sketch=True))
    write("water", feats, "middle line of the Yangtze from district borders (archerding/echarts-geo-json); widths, lakes "
          "and tributaries drawn by hand", "MIT; hand-drawn parts Apache-2.0")
    lines = [feature(LineString(smooth([p for k, p in enumerate(main) if a <= k <= b][::6])), name="长  江", name_en="Yangtze")
             for a, b in ((6, i - 2), (j + 2, len(main) - 6))]
    lines += [feature(LineString(smooth(p)), name=n) for n, (p, _) in RIVERS.items()]
    write("water_lines", lines, "as water.json", "MIT; hand-drawn parts Apache-2.0")


def write_osm(root):
    keep = {"trunk": 1, "primary": 1, "secondary": 2, "tertiary": 3, "trunk_link": 3, "primary_link": 3, "unclassified": 3,
            "residential": 4}
    by = {}
    for f in load(root, "map_layers/nanjing_centre_roads.geojson"):
        rank = keep.get(f["properties"].get("highway"))
        if rank:
            by.setdefault((rank, f["properties"].get("name", "")), []).append(shape(f["geometry"]))
    feats = [feature(linemerge(g) if len(g) > 1 else g[0], rank=r, **({"name": n} if n else {})) for (r, n), g in by.items()]
    for f in load(root, "map_layers/nanjing_centre_rail.geojson"):
        feats.append(feature(shape(f["geometry"]).simplify(0.00005), rank=0))
    write("roads", feats, "OpenStreetMap contributors", "ODbL-1.0")
    feats = []
    for part in ("water_bodies", "waterways"):
        for f in load(root, f"map_layers/nanjing_centre_{part}.geojson"):
            g = shape(f["geometry"])
            if g.geom_type == "Polygon" and g.area < 2e-7:
                continue
            name = f["properties"].get("name")
            feats.append(feature(g.simplify(0.00003), **({"name": name} if name else {})))
    write("water_osm", feats, "OpenStreetMap contributors", "ODbL-1.0")
    parks = [feature(shape(f["geometry"]).simplify(0.00003))
             for f in load(root, "map_layers/nanjing_centre_landuse.geojson")
             if f["properties"].get("leisure") in ("park", "garden") and f["geometry"]["type"] == "Polygon"]
    write("parks", parks, "OpenStreetMap contributors", "ODbL-1.0")


HILLS = [("紫金山", 448, (118.848, 32.071), 0.042, 0.020, -8), ("老山", 442, (118.560, 32.085), 0.110, 0.030, 38),
         ("牛首山", 242, (118.742, 31.912), 0.022, 0.028, 20), ("栖霞山", 286, (118.960, 32.150), 0.020, 0.012, 10),
         ("汤山", 292, (119.055, 32.060), 0.050, 0.022, 15), ("方山", 208, (118.872, 31.895), 0.012, 0.011, 0),
         ("青龙山", 277, (118.955, 31.985), 0.022, 0.060, -25), ("无想山", 209, (119.02, 31.585), 0.040, 0.030, 30),
         ("灵岩山", 184, (118.905, 32.30), 0.020, 0.014, 0), ("游子山", 188, (119.00, 31.385), 0.030, 0.022, 20),
         ("幕府山", 190, (118.800, 32.128), 0.026, 0.006, 14), ("横山", 459, (118.785, 31.675), 0.050, 0.026, 20)]


def write_hills():
    feats, labels = [], []
    for name, height, (x, y), rx, ry, turn in HILLS:
        levels = max(3, min(7, height // 55))
        for lv in range(levels):
            s, ring = 1 - lv / (levels + 0.4), []
            for k in range(28):
                a = 2 * math.pi * k / 28
                wob = 1 + 0.16 * math.sin(3 * a + height) + 0.10 * math.sin(5 * a + lv * 0.5 + height * 2) + 0.06 * math.sin(8 * a + lv)
                px, py = rx * s * wob * math.cos(a), ry * s * wob * math.sin(a)
                t = math.radians(turn)
                ring.append((x + lv * rx * 0.02 + px * math.cos(t) - py * math.sin(t) * 1.18,
                             y + lv * ry * 0.03 + px * math.sin(t) / 1.18 + py * math.cos(t)))
            feats.append(feature(Polygon(smooth(ring, True, 3)), level=lv))
        labels.append({"type": "Feature", "properties": {"kind": "hill", "name": name, "height": height},
                       "geometry": {"type": "Point", "coordinates": [x, y]}})
    write("hills", feats + labels, "drawn by hand", "Apache-2.0")


def write_neighbours(root, d):
    feats = []
    city = unary_union([g for _, g in d.values()])
    for f in load(root, "boundaries/jiangsu_cities.geojson"):
        if f["properties"]["adcode"] == 320100:
            continue
        g = to_wgs(shape(f["geometry"]).buffer(0)).intersection(box(118.0, 30.9, 119.8, 32.9)).difference(city.buffer(0.002))
        if not g.is_empty:
            feats.append(feature(clean(g, 0.001).simplify(0.0008), name=f["properties"]["name"]))
    write("neighbours", feats, "archerding/echarts-geo-json, json/320000.json", "MIT")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: map_data.py DATA_DIR")
    os.makedirs(OUT, exist_ok=True)
    d = districts(sys.argv[1])
    write_districts(d)
    write_water(sys.argv[1], d)
    write_osm(sys.argv[1])
    write_hills()
    write_neighbours(sys.argv[1], d)


main()
