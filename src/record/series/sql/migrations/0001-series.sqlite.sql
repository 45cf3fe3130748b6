CREATE TABLE series_meta (name TEXT PRIMARY KEY, value BIGINT NOT NULL) WITHOUT ROWID;

-- What series have in common; rollups of one class lie side by side.
CREATE TABLE series_class (
	id INTEGER PRIMARY KEY,
	factor TEXT NOT NULL,
	stat TEXT NOT NULL,
	period INTEGER NOT NULL,
	UNIQUE (factor, stat, period)
);

-- One row a series: key, and the state that is kept rather than scanned for.
-- times: microseconds since 1970-01-01 UTC. last_mark: character code.
CREATE TABLE series (
	id INTEGER PRIMARY KEY,
	class INTEGER NOT NULL REFERENCES series_class (id),
	site BIGINT NOT NULL,
	point TEXT NOT NULL,
	count BIGINT NOT NULL,
	first_us BIGINT,
	last_us BIGINT,
	last_value REAL,
	last_mark INTEGER
);

-- Points of one series and local day, in up to 8 parts that follow one another in time;
-- key = ((day + 65536) << 24 | series) << 3 | part, days since 1970-01-01.
-- Layout of data: docs/internals/series-format.md.
CREATE TABLE series_block (key INTEGER PRIMARY KEY, data BLOB NOT NULL);

-- Rollup of a series and local day with its hours; key = class << 44 | (day + 65536) << 24 | series.
-- scale 0..9: sum, min and max are whole numbers of 10^-scale; -1: they are values.
-- hours NULL: they are in series_hour.
CREATE TABLE series_day (
	key INTEGER PRIMARY KEY,
	n INTEGER NOT NULL,
	n_valid INTEGER NOT NULL,
	scale INTEGER NOT NULL,
	sum,
	min,
	max,
	hours BLOB
);

-- Hours that do not fit the packed form: raw values, or very large ones.
CREATE TABLE series_hour (
	series INTEGER NOT NULL,
	at INTEGER NOT NULL,
	n INTEGER NOT NULL,
	n_valid INTEGER NOT NULL,
	scale INTEGER NOT NULL,
	sum REAL NOT NULL,
	min REAL NOT NULL,
	max REAL NOT NULL,
	PRIMARY KEY (series, at)
) WITHOUT ROWID;

-- All versions of points that have more than one; value NULL: no number. seq 0: first seen as the
-- frame index says.
CREATE TABLE series_version (
	series INTEGER NOT NULL,
	time_us INTEGER NOT NULL,
	no INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	value REAL,
	mark INTEGER NOT NULL,
	PRIMARY KEY (series, time_us, no)
) WITHOUT ROWID;

CREATE TABLE series_dirty (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	series INTEGER NOT NULL,
	hour INTEGER NOT NULL
);

CREATE TABLE series_pow10 (scale INTEGER PRIMARY KEY, p REAL NOT NULL);
INSERT INTO series_pow10 VALUES (-1, 1), (0, 1), (1, 1e1), (2, 1e2), (3, 1e3), (4, 1e4), (5, 1e5),
	(6, 1e6), (7, 1e7), (8, 1e8), (9, 1e9);

CREATE VIEW v_series AS
SELECT s.id AS series, s.site, s.point, c.factor, c.stat,
	CASE c.period WHEN 0 THEN 'rtd' WHEN 1 THEN 'minute' WHEN 2 THEN 'hour' ELSE 'day' END AS period,
	s.count,
	CASE WHEN s.first_us IS NULL THEN NULL ELSE strftime('%Y-%m-%dT%H:%M:%S', s.first_us / 1000000 + 28800, 'unixepoch') || '+08:00' END AS first_time,
	CASE WHEN s.last_us IS NULL THEN NULL ELSE strftime('%Y-%m-%dT%H:%M:%S', s.last_us / 1000000 + 28800, 'unixepoch') || '+08:00' END AS last_time,
	s.last_value, char(s.last_mark) AS last_mark
FROM series s JOIN series_class c ON c.id = s.class;

-- The byte values 0..255 in order: the place of a byte in it is its value.
CREATE TABLE series_bytes (bytes BLOB NOT NULL);
INSERT INTO series_bytes VALUES (x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');

-- The packed hours taken apart: head of the pack, then a record an hour.
CREATE VIEW v_series_pack AS
WITH RECURSIVE hour_of_day (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM hour_of_day WHERE i < 23),
head AS (
	SELECT d.key & 16777215 AS series, (d.key >> 24 & 1048575) - 65536 AS day, d.scale, d.min,
		d.hours, a.bytes,
		(instr(a.bytes, substr(d.hours, 1, 1)) - 1) AS first, (instr(a.bytes, substr(d.hours, 2, 1)) - 1) AS w0, (instr(a.bytes, substr(d.hours, 3, 1)) - 1) AS w1, (instr(a.bytes, substr(d.hours, 4, 1)) - 1) AS w2, (instr(a.bytes, substr(d.hours, 5, 1)) - 1) AS w3,
		(instr(a.bytes, substr(d.hours, 6, 1)) - 1) AS w4
	FROM series_day d, series_bytes a WHERE d.hours IS NOT NULL
),
record AS (
	SELECT *, 7 + i * (w0 + w1 + w2 + w3 + w4) AS at
	FROM head, hour_of_day WHERE 7 + i * (w0 + w1 + w2 + w3 + w4) <= length(hours)
)
SELECT series, day * 24 - 8 + first + i AS hour, scale, min AS base,
	iif(w0 > 0, (instr(bytes, substr(hours, at, 1)) - 1) * 1, 0) + iif(w0 > 1, (instr(bytes, substr(hours, at + 1, 1)) - 1) * 256, 0) + iif(w0 > 2, (instr(bytes, substr(hours, at + 2, 1)) - 1) * 65536, 0) + iif(w0 > 3, (instr(bytes, substr(hours, at + 3, 1)) - 1) * 16777216, 0) AS n,
	iif(w1 > 0, (instr(bytes, substr(hours, at + w0, 1)) - 1) * 1, 0) + iif(w1 > 1, (instr(bytes, substr(hours, at + w0 + 1, 1)) - 1) * 256, 0) + iif(w1 > 2, (instr(bytes, substr(hours, at + w0 + 2, 1)) - 1) * 65536, 0) + iif(w1 > 3, (instr(bytes, substr(hours, at + w0 + 3, 1)) - 1) * 16777216, 0) AS bad,
	iif(w2 > 0, (instr(bytes, substr(hours, at + w0 + w1, 1)) - 1) * 1, 0) + iif(w2 > 1, (instr(bytes, substr(hours, at + w0 + w1 + 1, 1)) - 1) * 256, 0) + iif(w2 > 2, (instr(bytes, substr(hours, at + w0 + w1 + 2, 1)) - 1) * 65536, 0) + iif(w2 > 3, (instr(bytes, substr(hours, at + w0 + w1 + 3, 1)) - 1) * 16777216, 0) AS low,
	iif(w3 > 0, (instr(bytes, substr(hours, at + w0 + w1 + w2, 1)) - 1) * 1, 0) + iif(w3 > 1, (instr(bytes, substr(hours, at + w0 + w1 + w2 + 1, 1)) - 1) * 256, 0) + iif(w3 > 2, (instr(bytes, substr(hours, at + w0 + w1 + w2 + 2, 1)) - 1) * 65536, 0) + iif(w3 > 3, (instr(bytes, substr(hours, at + w0 + w1 + w2 + 3, 1)) - 1) * 16777216, 0) AS range,
	iif(w4 > 0, (instr(bytes, substr(hours, at + w0 + w1 + w2 + w3, 1)) - 1) * 1, 0) + iif(w4 > 1, (instr(bytes, substr(hours, at + w0 + w1 + w2 + w3 + 1, 1)) - 1) * 256, 0) + iif(w4 > 2, (instr(bytes, substr(hours, at + w0 + w1 + w2 + w3 + 2, 1)) - 1) * 65536, 0) + iif(w4 > 3, (instr(bytes, substr(hours, at + w0 + w1 + w2 + w3 + 3, 1)) - 1) * 16777216, 0) AS excess
FROM record;

CREATE VIEW v_hour AS
SELECT h.series, s.site, s.point, c.factor, c.stat,
	CASE c.period WHEN 0 THEN 'rtd' WHEN 1 THEN 'minute' WHEN 2 THEN 'hour' ELSE 'day' END AS period,
	strftime('%Y-%m-%dT%H:%M:%S', (h.hour + 8) * 3600, 'unixepoch') || '+08:00' AS time,
	h.hour * 3600000000 AS time_us, h.n, h.n_valid, h.mean, h.min, h.max
FROM (
	SELECT k.series, k.hour, k.n, k.n - k.bad AS n_valid,
		(k.excess + (k.n - k.bad) * (k.low + k.base)) / ((k.n - k.bad) * p.p) AS mean,
		iif(k.n > k.bad, (k.low + k.base) / p.p, NULL) AS min,
		iif(k.n > k.bad, (k.low + k.base + k.range) / p.p, NULL) AS max
	FROM v_series_pack k JOIN series_pow10 p ON p.scale = k.scale WHERE k.n > 0
	UNION ALL
	SELECT r.series, r.at, r.n, r.n_valid, r.sum / (r.n_valid * p.p),
		iif(r.n_valid > 0, r.min, NULL), iif(r.n_valid > 0, r.max, NULL)
	FROM series_hour r JOIN series_pow10 p ON p.scale = r.scale
) h
JOIN series s ON s.id = h.series JOIN series_class c ON c.id = s.class;

CREATE VIEW v_day AS
SELECT d.key & 16777215 AS series, s.site, s.point, c.factor, c.stat,
	CASE c.period WHEN 0 THEN 'rtd' WHEN 1 THEN 'minute' WHEN 2 THEN 'hour' ELSE 'day' END AS period,
	strftime('%Y-%m-%d', ((d.key >> 24 & 1048575) - 65536) * 86400, 'unixepoch') AS day,
	((d.key >> 24 & 1048575) - 65536) * 86400000000 - 28800000000 AS time_us,
	d.n, d.n_valid, d.sum / (d.n_valid * p.p) AS mean,
	iif(d.n_valid > 0, d.min / p.p, NULL) AS min, iif(d.n_valid > 0, d.max / p.p, NULL) AS max
FROM series_day d JOIN series_pow10 p ON p.scale = d.scale
JOIN series s ON s.id = d.key & 16777215 JOIN series_class c ON c.id = s.class;

CREATE VIEW v_month AS
SELECT series, site, point, factor, stat, period, substr(day, 1, 7) AS month, sum(n) AS n,
	sum(n_valid) AS n_valid, sum(mean * n_valid) / sum(n_valid) AS mean, min(min) AS min,
	max(max) AS max
FROM v_day GROUP BY series, substr(day, 1, 7);

CREATE VIEW v_year AS
SELECT series, site, point, factor, stat, period, substr(day, 1, 4) AS year, sum(n) AS n,
	sum(n_valid) AS n_valid, sum(mean * n_valid) / sum(n_valid) AS mean, min(min) AS min,
	max(max) AS max
FROM v_day GROUP BY series, substr(day, 1, 4);
