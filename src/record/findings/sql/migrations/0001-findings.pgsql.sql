-- Derived rows; docs/internals/findings.md. Times: microseconds since 1970-01-01 UTC.
CREATE TABLE finding_cursor (deriver TEXT PRIMARY KEY, seq BIGINT NOT NULL);

CREATE TABLE finding_kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE finding_key (
	id INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL REFERENCES finding_kind (id),
	site BIGINT NOT NULL,
	point TEXT NOT NULL,
	factor TEXT NOT NULL,
	sub TEXT NOT NULL
);
CREATE INDEX finding_key_site ON finding_key (site, kind);

CREATE TABLE finding_basis (
	id INTEGER PRIMARY KEY,
	rule TEXT NOT NULL,
	standard TEXT NOT NULL,
	clause TEXT NOT NULL,
	law TEXT NOT NULL,
	code TEXT NOT NULL
);

-- The current version of each row. end_us NULL: still open. value NULL: no number.
CREATE TABLE finding (
	key INTEGER NOT NULL,
	start_us BIGINT NOT NULL,
	end_us BIGINT,
	kind INTEGER NOT NULL,
	version INTEGER NOT NULL,
	withdrawn SMALLINT NOT NULL,
	state TEXT NOT NULL,
	value DOUBLE PRECISION,
	body TEXT NOT NULL,
	basis INTEGER NOT NULL,
	seq BIGINT NOT NULL,
	known_us BIGINT NOT NULL,
	PRIMARY KEY (key, start_us)
);
CREATE INDEX finding_time ON finding (kind, start_us, key);
CREATE INDEX finding_open ON finding (kind, start_us, key) WHERE end_us IS NULL;

-- The versions that were superseded, as they stood.
CREATE TABLE finding_past (
	key INTEGER NOT NULL,
	start_us BIGINT NOT NULL,
	end_us BIGINT,
	kind INTEGER NOT NULL,
	version INTEGER NOT NULL,
	withdrawn SMALLINT NOT NULL,
	state TEXT NOT NULL,
	value DOUBLE PRECISION,
	body TEXT NOT NULL,
	basis INTEGER NOT NULL,
	seq BIGINT NOT NULL,
	known_us BIGINT NOT NULL,
	PRIMARY KEY (key, start_us, version)
);

-- Where a commit puts its rows down before they are merged in; empty between commits.
CREATE UNLOGGED TABLE finding_new (
	key INTEGER NOT NULL,
	start_us BIGINT NOT NULL,
	end_us BIGINT,
	kind INTEGER NOT NULL,
	withdrawn SMALLINT NOT NULL,
	state TEXT NOT NULL,
	value DOUBLE PRECISION,
	body TEXT NOT NULL,
	basis INTEGER NOT NULL,
	seq BIGINT NOT NULL,
	known_us BIGINT NOT NULL,
	PRIMARY KEY (key, start_us)
);

-- What people did, as the journal's entries of kind 7 say it; result: what it changed.
CREATE TABLE act (
	seq BIGINT PRIMARY KEY,
	id TEXT NOT NULL,
	act TEXT NOT NULL,
	by_name TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	reason TEXT NOT NULL,
	body TEXT NOT NULL,
	result TEXT NOT NULL
);
CREATE INDEX act_id ON act (id);
CREATE INDEX act_by ON act (by_name, seq);
CREATE INDEX act_at ON act (at_us);

CREATE TABLE act_target (
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (name, value, seq)
);

CREATE VIEW v_finding AS
SELECT d.name AS kind, k.site, k.point, k.factor, k.sub,
	to_char(to_timestamp(floor(f.start_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS start_time,
	to_char(to_timestamp(floor(f.end_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS end_time,
	f.start_us, f.end_us, f.version, f.withdrawn, f.state, f.value, f.body,
	b.rule, b.standard, b.clause, b.law, b.code, f.seq,
	to_char(to_timestamp(floor(f.known_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS known_time
FROM finding f JOIN finding_key k ON k.id = f.key JOIN finding_kind d ON d.id = f.kind
JOIN finding_basis b ON b.id = f.basis;

CREATE VIEW v_act AS
SELECT seq, id, act, by_name,
	to_char(to_timestamp(floor(at_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS time,
	at_us, reason, body, result
FROM act;
