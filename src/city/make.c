/* Making the city: sites inside their districts, devices with numbers, editions and traits. */
#include "city/answer_internal.h"
#include "city/city_internal.h"

#include <pthread.h>

#include "ss_city_outline_text.h" /* demo/nanjing/outlines.txt */

static struct {
	struct ss_city_outline list[16];
	size_t count;
	double points[4096];
} outlines;
static pthread_once_t outlines_once = PTHREAD_ONCE_INIT;

static double number_of(struct ss_str s)
{
	double v = 0;

	ss_assert(ss_parse_double(s, &v) == 0);
	return v;
}

static void read_outline(struct ss_str line, size_t *used)
{
	struct ss_city_outline *o = &outlines.list[outlines.count++];
	struct ss_str word, lon;

	ss_assert(ss_str_split(&line, ' ', &o->code) && ss_str_split(&line, ' ', &o->name));
	ss_assert(ss_str_split(&line, ' ', &word));
	o->lon = number_of(word);
	ss_assert(ss_str_split(&line, ' ', &word));
	o->lat = number_of(word);
	o->ring = outlines.points + *used;
	while (ss_str_split(&line, ' ', &word)) {
		ss_assert(*used + 2 <= SS_ARRAY_LEN(outlines.points) &&
			  ss_str_split(&word, ',', &lon));
		outlines.points[(*used)++] = number_of(lon);
		outlines.points[(*used)++] = number_of(word);
		o->points++;
	}
}

static void read_outlines(void)
{
	struct ss_str rest = ss_str_of(ss_city_outline_text), line;
	size_t used = 0;

	while (ss_str_split(&rest, '\n', &line))
		if (line.n)
			read_outline(line, &used);
}

const struct ss_city_outline *ss_city_outlines(size_t *ret_n)
{
	pthread_once(&outlines_once, read_outlines);
	*ret_n = outlines.count;
	return outlines.list;
}

bool ss_city_inside(const struct ss_city_outline *o, double lon, double lat)
{
	bool in = false;

	for (int i = 0, j = o->points - 1; i < o->points; j = i++) {
		double xi = o->ring[2 * i], yi = o->ring[2 * i + 1];
		double xj = o->ring[2 * j], yj = o->ring[2 * j + 1];

		if ((yi > lat) != (yj > lat) && lon < (xj - xi) * (lat - yi) / (yj - yi) + xi)
			in = !in;
	}
	return in;
}

struct ss_str ss_city_district_code(int district)
{
	size_t n;

	return ss_city_outlines(&n)[district].code;
}

struct ss_str ss_city_district_name(int district)
{
	size_t n;

	return ss_city_outlines(&n)[district].name;
}

static const struct {
	const char *key, *st;
	int share;
	const char *zh;
} kinds[] = {
#define X(name, key, st, share, zh) {key, st, share, zh},
#include "city/kinds.def"
#undef X
};

const char *ss_city_kind_key(enum ss_city_kind k)
{
	return kinds[k].key;
}

const char *ss_city_kind_st(enum ss_city_kind k)
{
	return kinds[k].st;
}

static enum ss_city_kind kind_at(int i, int count)
{
	int per_mille = (int)((int64_t)i * 1000 / count);

	for (int k = 0; k < SS_CITY_KIND_COUNT_; k++) {
		if (per_mille < kinds[k].share)
			return (enum ss_city_kind)k;
		per_mille -= kinds[k].share;
	}
	return SS_CITY_DUST;
}

/* The real national stations of the city; their published names and places (WGS 84). */
static const struct {
	const char *code, *name;
	double lon, lat;
} stations[] = {
    {"1151A", "迈皋桥", 118.803, 32.1083},    {"1152A", "草场门", 118.749, 32.0572},
    {"1153A", "山西路", 118.778, 32.0723},    {"1154A", "中华门", 118.777, 32.0144},
    {"1155A", "瑞金路", 118.803, 32.0314},    {"1156A", "玄武湖", 118.795, 32.0775},
    {"1157A", "浦口", 118.626, 32.0878},      {"1158A", "奥体中心", 118.737, 32.0092},
    {"1159A", "仙林大学城", 118.907, 32.105},
};

static void place(struct ss_city_site *s, uint64_t key)
{
	size_t n;
	const struct ss_city_outline *o = &ss_city_outlines(&n)[s->district];
	double reach = s->district < 4 ? 0.04 : 0.16; /* degrees: inner districts are small */

	for (int i = 0; i < 400; i++) {
		double u =
		    ss_unit(ss_mix3(key, 1, (uint64_t)i)) - ss_unit(ss_mix3(key, 3, (uint64_t)i));
		double v =
		    ss_unit(ss_mix3(key, 2, (uint64_t)i)) - ss_unit(ss_mix3(key, 4, (uint64_t)i));

		s->lon = o->lon + reach * u;
		s->lat = o->lat + reach * v;
		if (ss_city_inside(o, s->lon, s->lat))
			return;
	}
	s->lon = o->lon;
	s->lat = o->lat;
}

static const char *const firsts[] = {"金陵", "钟山", "秦淮", "扬子", "栖霞", "紫金", "石城",
				     "江心", "汤山", "牛首", "方山", "固城", "石臼", "滁河",
				     "燕子", "雨花", "江浦", "大厂", "龙袍", "板桥"};
static const char *const trades[] = {"化工",     "热电",   "水泥",   "电镀", "印染", "制药",
				     "钢铁",     "玻璃",   "造纸",   "食品", "涂装", "再生资源",
				     "污水处理", "新材料", "半导体", "饮料"};
static const char *const rivers[] = {"长江",     "秦淮新河", "滁河",   "外秦淮河", "内秦淮河",
				     "水阳江",   "新桥河",   "马汊河", "七里河",   "九乡河",
				     "云台山河", "句容河",   "胥河",   "官溪河",   "金川河"};
static const char *const spots[] = {"上游", "入江口", "大桥",     "闸口",
				    "湾",   "渡口",   "取水口下", "汇合处"};

static void title(struct ss_city_site *s, int i, uint64_t key)
{
	const char *first = firsts[key % SS_ARRAY_LEN(firsts)];
	const char *trade = trades[(key >> 8) % SS_ARRAY_LEN(trades)];
	const char *river = rivers[(key >> 16) % SS_ARRAY_LEN(rivers)];
	const char *spot = spots[(key >> 24) % SS_ARRAY_LEN(spots)];
	struct ss_str d = ss_city_district_name(s->district);

	switch (s->kind) {
	case SS_CITY_AIR:
		snprintf(s->name, sizeof(s->name), SS_STR_FMT "%s微站%d", SS_STR_ARG(d), first, i);
		break;
	case SS_CITY_WATER:
		snprintf(s->name, sizeof(s->name), "%s%s%d号断面", river, spot, i);
		break;
	case SS_CITY_NOISE:
		snprintf(s->name, sizeof(s->name), SS_STR_FMT "%s路噪声点%d", SS_STR_ARG(d), first,
			 i);
		break;
	case SS_CITY_DUST:
		snprintf(s->name, sizeof(s->name), "%s工地%d号（演示）", first, i);
		break;
	case SS_CITY_DRINKING:
		snprintf(s->name, sizeof(s->name), "%s水源地%d号取水口（演示）", first, i);
		break;
	case SS_CITY_RURAL:
		snprintf(s->name, sizeof(s->name), "%s村%s农田排水点%d（演示）", first, spot, i);
		break;
	case SS_CITY_ROADSIDE:
		snprintf(s->name, sizeof(s->name), "%s大道交通站%d（演示）", first, i);
		break;
	default:
		snprintf(s->name, sizeof(s->name), "%s%s%d厂（演示）", first, trade, i);
	}
}

static void put_code(struct ss_city_site *s, int number)
{
	snprintf(s->code, sizeof(s->code), "NJ%c%06d", "AWSGNDYRJ"[s->kind], number);
}

static void make_site(struct ss_city *c, int i, enum ss_city_kind kind, int nth_of_kind)
{
	struct ss_city_site *s = &c->sites[i];
	uint64_t key = ss_mix3(c->seed, 0x517e, (uint64_t)i);
	size_t n;

	s->kind = kind;
	ss_city_outlines(&n);
	s->district = (int)(key % n);
	if (kind == SS_CITY_AIR && nth_of_kind < (int)SS_ARRAY_LEN(stations)) {
		snprintf(s->code, sizeof(s->code), "%s", stations[nth_of_kind].code);
		snprintf(s->name, sizeof(s->name), "%s", stations[nth_of_kind].name);
		s->lon = stations[nth_of_kind].lon;
		s->lat = stations[nth_of_kind].lat;
		for (size_t d = 0; d < n; d++)
			if (ss_city_inside(&ss_city_outlines(&n)[d], s->lon, s->lat))
				s->district = (int)d;
		return;
	}
	place(s, key);
	title(s, i + 1, ss_mix(key));
	put_code(s, i + 1);
}

static uint32_t traits_of(uint64_t key)
{
	static const struct {
		uint32_t trait;
		double share;
	} table[] = {
	    {SS_TRAIT_LATE, 0.03},    {SS_TRAIT_DOUBLES, 0.02}, {SS_TRAIT_BAD_CRC, 0.02},
	    {SS_TRAIT_OUTAGES, 0.04}, {SS_TRAIT_DRIFT, 0.01},   {SS_TRAIT_UNREGISTERED, 0.01},
	    {SS_TRAIT_NOISE, 0.02},
	};
	uint32_t traits = 0;

	for (size_t i = 0; i < SS_ARRAY_LEN(table); i++)
		if (ss_unit(ss_mix3(key, 0x7ea, i)) < table[i].share)
			traits |= table[i].trait;
	return traits;
}

/* Number of the device in the form of its edition. */
static void put_mn(struct ss_city_device *d, enum ss_city_kind kind, double edition, uint64_t key,
		   int number)
{
	if (edition < 0.1) {
		snprintf(d->edition, sizeof(d->edition), "2005");
		snprintf(d->mn, sizeof(d->mn), "3201%03d%07d", (int)kind + 100, number);
	} else if (edition < 0.8) {
		snprintf(d->edition, sizeof(d->edition), "2017");
		snprintf(d->mn, sizeof(d->mn), "320100NJ%02dA0%06d%06X", (int)kind, number,
			 (unsigned)(key & 0xffffff));
	} else if (kind == SS_CITY_WATER) { /* the national surface-water profile */
		snprintf(d->edition, sizeof(d->edition), "water");
		snprintf(d->mn, sizeof(d->mn), "A320100_%04d", (number) % 10000);
	} else {
		snprintf(d->edition, sizeof(d->edition), "2025");
		snprintf(d->mn, sizeof(d->mn), "320100%02X%010X%06X", (int)kind, (unsigned)number,
			 (unsigned)(key & 0xffffff));
	}
}

static void make_device(struct ss_city *c, int i, int site, int interval_s)
{
	struct ss_city_device *d = &c->devices[i];
	const struct ss_city_site *s = &c->sites[site];
	uint64_t key = ss_mix3(c->seed, 0xdef1ce, (uint64_t)i);
	double edition = ss_unit(key);

	d->site = site;
	d->interval_s = interval_s > 0 ? interval_s : 60;
	d->phase_s = (int)(ss_mix(key) % (uint64_t)d->interval_s);
	d->traits = traits_of(key);
	d->drift_s = d->traits & SS_TRAIT_DRIFT ? 420 : (int)(ss_mix(key ^ 5) % 5) - 2;
	if (s->kind == SS_CITY_SOURCE_WATER)
		snprintf(d->point, sizeof(d->point), "DW001");
	if (s->kind == SS_CITY_SOURCE_AIR)
		snprintf(d->point, sizeof(d->point), "DA001");
	put_mn(d, s->kind, edition, key, i + 1);
}

int ss_city_make(struct ss_arena *a, uint64_t seed, int devices, int interval_s,
		 struct ss_city *ret)
{
	int of_kind[SS_CITY_KIND_COUNT_] = {0};

	if (devices < 1 || devices > 999999)
		return SS_ERANGE;
	*ret = (struct ss_city){
	    .seed = seed, .arena = a, .site_count = devices, .device_count = devices};
	ret->sites = ss_arena_array(a, (size_t)devices, sizeof(*ret->sites));
	ret->devices = ss_arena_array(a, (size_t)devices, sizeof(*ret->devices));
	if (!ret->sites || !ret->devices)
		return SS_ENOMEM;
	for (int i = 0; i < devices; i++) {
		enum ss_city_kind k = kind_at(i, devices);

		make_site(ret, i, k, of_kind[k]++);
		make_device(ret, i, i, interval_s);
	}
	return ss_city_plants_make(ret);
}

void ss_city_number(struct ss_city *c, int first)
{
	for (int i = 0; i < c->device_count; i++) {
		uint64_t key = ss_mix3(c->seed, 0xdef1ce, (uint64_t)i);

		put_code(&c->sites[i], first + i + 1);
		put_mn(&c->devices[i], c->sites[i].kind, ss_unit(key), key, first + i + 1);
	}
}

/* What the site is judged by; from its place in the seed, so that a rebuilt city is judged alike.
 */
static void attributes_of(const struct ss_city *c, int site, const char *ret[3])
{
	static const char *const targets[] = {"III", "II", "III", "IV"};
	static const char *const zones[] = {"2", "1", "2", "3", "4a", "2", "0", "4b"};
	uint64_t key = ss_mix3(c->seed, 0xa77, (uint64_t)site);
	enum ss_city_kind k = c->sites[site].kind;
	bool lake = k != SS_CITY_RURAL && key % 8 == 0;

	ret[0] = ret[1] = ret[2] = "";
	if (k == SS_CITY_WATER || k == SS_CITY_DRINKING || k == SS_CITY_RURAL) {
		ret[0] = k == SS_CITY_DRINKING ? (key % 3 ? "III" : "II")
			 : k == SS_CITY_RURAL  ? (key % 2 ? "IV" : "III")
					       : targets[(key >> 8) % SS_ARRAY_LEN(targets)];
		ret[2] = lake ? "lake" : "river";
	}
	if (k == SS_CITY_NOISE)
		ret[1] = zones[(key >> 16) % SS_ARRAY_LEN(zones)];
}

/* What the city tells its people hour by hour: the air, the water, the noise around them. */
static bool is_public(enum ss_city_kind k)
{
	return k == SS_CITY_AIR || k == SS_CITY_WATER || k == SS_CITY_DRINKING ||
	       k == SS_CITY_NOISE;
}

static void register_row(const struct ss_city *c, int i, struct ss_buf *out)
{
	const struct ss_city_device *d = &c->devices[i];
	const struct ss_city_site *s = &c->sites[d->site];
	const char *a[3];
	char key[33] = "";
	uint8_t raw[16];

	attributes_of(c, d->site, a);
	if (ss_city_key(c, i, raw))
		ss_hex_encode(key, raw, sizeof(raw));
	key[32] = 0;
	ss_buf_addf(out, "%s,%s,%s,%s," SS_STR_FMT ",%.6f,%.6f,%s,%s,%s,123456,%d,%s,%s,%s,%s,%s\n",
		    d->mn, s->code, s->name, kinds[s->kind].key,
		    SS_STR_ARG(ss_city_district_code(s->district)), s->lon, s->lat, d->point,
		    d->edition, kinds[s->kind].st, d->interval_s, key, a[0], a[1], a[2],
		    is_public(s->kind) ? "public" : "");
}

int ss_city_register(const struct ss_city *c, struct ss_buf *out)
{
	ss_buf_addz(
	    out, "mn,site_code,site_name,kind,district,lon,lat,point,edition,system,pw,interval_s,"
		 "sm4_key,target,zone,body,label\n");
	for (int i = 0; i < c->device_count; i++)
		if (!(c->devices[i].traits & SS_TRAIT_UNREGISTERED))
			register_row(c, i, out);
	return out->err;
}
