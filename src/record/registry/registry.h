/* Sites, points and devices: what reports, from where, by which profile; and the quarantine of
 * those that nobody has registered yet. First form; the typed records of the kernel build on it.
 * Look-ups come from a snapshot in memory and never touch the database. */
#pragma once

#include "base/base.h"
#include "record/db/db.h"

enum ss_site_kind {
#define X(name, key, zh, en) SS_SITE_##name,
#include "record/registry/site_kinds.def"
#undef X
	SS_SITE_KIND_COUNT_,
};
const char *ss_site_kind_key(enum ss_site_kind k); /* "air" ... */
int ss_site_kind_parse(struct ss_str key, enum ss_site_kind *ret);

/* What a site is judged by; "" = nothing said. X(name, key, Chinese). Values: target I to V (GB
 * 3838 classes), zone 0 1 2 3 4a 4b (GB 3096), body river or lake, label public, internal or
 * restricted ("" = internal; scope.h). */
#define SS_SITE_ATTRIBUTES(X)                                                                      \
	X(TARGET, "target", "目标类别")                                                            \
	X(ZONE, "zone", "功能区")                                                                  \
	X(BODY, "body", "水体类型")                                                                \
	X(LABEL, "label", "安全标记")
enum ss_site_attribute {
#define X(name, key, zh) SS_ATTRIBUTE_##name,
	SS_SITE_ATTRIBUTES(X)
#undef X
	    SS_ATTRIBUTE_COUNT_,
};

struct ss_site {
	int64_t id; /* local integer, stable; uid is the UUIDv7 that merges between nodes */
	char uid[37];
	char code[40]; /* unique; station code, source code */
	char name[128];
	enum ss_site_kind kind;
	char district[12]; /* GB/T 2260 */
	double lon, lat;   /* CGCS2000 degrees; NAN when unknown */
	char state[12];    /* "running", "stopped" */
	/* Blank ones keep what is known of an existing site. */
	char attribute[SS_ATTRIBUTE_COUNT_][12];
};

#define SS_DEVICE_OLD_KEYS 12 /* three years of renewals every 90 days */
struct ss_device {
	char mn[65];
	int64_t site;    /* ss_site.id */
	char point[24];  /* outlet or measuring point of the site, "" = the site itself */
	char edition[8]; /* "2005" "2017" "2025" "water" or "" = by the frame */
	char system[4];  /* ST expected, or "" */
	char pw[12];     /* "" = not checked */
	bool accept_wrong_len, accept_modbus_crc, stamps_period_end;
	uint8_t sm4_key[16]; /* 2025: in use now; never exported */
	bool has_sm4_key;
	int sm4_old_n; /* keys before it, the latest first; the registry keeps them itself */
	struct {
		int64_t until_us; /* when the next one took its place */
		uint8_t key[16];
	} sm4_old[SS_DEVICE_OLD_KEYS];
	int32_t interval_s; /* arrival contract of live data, 0 = unknown */
	int64_t registered_us;
};

/* The city's districts, from standards/area/nanjing.csv. Static. Any thread. */
struct ss_district {
	char code[12]; /* GB/T 2260 */
	char zh[32], en[40];
};
const struct ss_district *ss_registry_districts(size_t *ret_n);
/* By code, by name, or by name without the last character; NULL when there is none. */
const struct ss_district *ss_registry_district(struct ss_str text);

/* The district (GB/T 2260 code, static) in which a place lies, by the outlines of the map; degrees,
 * CGCS2000. NULL outside the city. Within some 100 m of a border it may name the neighbour. Any
 * thread. */
const char *ss_registry_area_at(double lon, double lat);

struct ss_registry;

/* Opens on the record database (url as in db.h, migrated here), loads the snapshot. */
int ss_registry_open(const char *url, struct ss_registry **ret, struct ss_error *err);
/* For tools beside a running server: what is there now; writes give SS_ESTATE. */
int ss_registry_open_read(const char *url, struct ss_registry **ret, struct ss_error *err);
void ss_registry_close(struct ss_registry *r);
/* The node's key file, made with mode 0600 when it is not there: devices' keys are kept sealed
 * under it and cannot be read or stored without. Before other threads use r. SS_ECORRUPT names the
 * device whose keys were sealed under another file. */
int ss_registry_use_keys(struct ss_registry *r, const char *path, struct ss_error *err);

/* Snapshot look-ups: lock-free, any thread. The copy is the caller's. SS_ENOTFOUND. */
int ss_registry_device(const struct ss_registry *r, struct ss_str mn, struct ss_device *ret);
int ss_registry_site(const struct ss_registry *r, int64_t id, struct ss_site *ret);
/* An attribute by its key ("target" "zone" "body"), lock-free. SS_ENOTFOUND: no such site, no such
 * attribute, or nothing said. */
int ss_registry_attribute(const struct ss_registry *r, int64_t site, const char *name, char *ret,
			  size_t cap);
/* Changes whenever a device or site does; caches compare it. */
uint64_t ss_registry_version(const struct ss_registry *r);
/* Walk of the snapshot: fn returns false to stop. Any thread. */
void ss_registry_sites(const struct ss_registry *r, bool (*fn)(void *, const struct ss_site *),
		       void *arg);
void ss_registry_devices(const struct ss_registry *r, bool (*fn)(void *, const struct ss_device *),
			 void *arg);

/* Writes, one transaction, then a new snapshot. Any thread (serialised inside).
 * site->id 0 = new (by code: an existing code is updated). */
int ss_registry_put_site(struct ss_registry *r, struct ss_site *site, struct ss_error *err);
int ss_registry_put_device(struct ss_registry *r, const struct ss_device *d, struct ss_error *err);

/* Puts all sites and devices of `from` into `r`, an empty one, with the ids they have. */
int ss_registry_copy(const struct ss_registry *from, struct ss_registry *r, struct ss_error *err);

/* CSV with header (UTF-8, GB18030 or UTF-16; comma, semicolon or tab):
 * mn,site_code,site_name,kind,district,lon,lat,point,edition, system,pw,interval_s ... Unknown
 * columns are named. One report line per bad row: line, field, reason; good rows are kept. Tens of
 * thousands in one transaction. */
struct ss_import_report {
	int64_t rows, added, updated, unchanged, rejected;
	struct ss_buf lines; /* "第 17 行 mn: ..." one a line; caller: ss_buf_done */
};
int ss_registry_import(struct ss_registry *r, struct ss_str csv, struct ss_import_report *ret,
		       struct ss_error *err);

/* All devices with their sites as the CSV that import takes, without passwords and keys. Reads the
 * database itself, so that it works beside a running server. Any thread. */
int ss_registry_export(const char *url, struct ss_buf *out, struct ss_error *err);
/* An example of that CSV, with a byte order mark so that spreadsheets show the Chinese. Static. */
const char *ss_registry_template(void);

/* Quarantine: an unknown MN was heard. Counts in memory, written by ss_registry_flush (called now
 * and then by the line, and at close). Line thread. */
struct ss_unknown {
	char mn[65];
	char system[4];
	char peer[64];
	int64_t first_us, last_us;
	int64_t frames;
	uint64_t first_seq, last_seq; /* journal positions: registering replays them */
};
int ss_registry_heard_unknown(struct ss_registry *r, struct ss_str mn, struct ss_str system,
			      struct ss_str peer, int64_t t_us, uint64_t seq);
void ss_registry_unknowns(struct ss_registry *r, bool (*fn)(void *, const struct ss_unknown *),
			  void *arg);
int ss_registry_unknown(struct ss_registry *r, struct ss_str mn,
			struct ss_unknown *ret); /* SS_ENOTFOUND */
int ss_registry_forget_unknown(struct ss_registry *r, struct ss_str mn, struct ss_error *err);
int ss_registry_flush(struct ss_registry *r, struct ss_error *err);
