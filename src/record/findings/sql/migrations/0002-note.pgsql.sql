-- What depends on when things arrived stands in note, out of the digest.
ALTER TABLE finding ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE finding_past ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE finding_new ADD COLUMN note TEXT NOT NULL DEFAULT '';

DROP VIEW v_finding;
CREATE VIEW v_finding AS
SELECT d.name AS kind, k.site, k.point, k.factor, k.sub,
	to_char(to_timestamp(floor(f.start_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS start_time,
	to_char(to_timestamp(floor(f.end_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS end_time,
	f.start_us, f.end_us, f.version, f.withdrawn, f.state, f.value, f.body, f.note,
	b.rule, b.standard, b.clause, b.law, b.code, f.seq,
	to_char(to_timestamp(floor(f.known_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS known_time
FROM finding f JOIN finding_key k ON k.id = f.key JOIN finding_kind d ON d.id = f.kind
JOIN finding_basis b ON b.id = f.basis;

CREATE VIEW v_alarm AS
SELECT k.site, k.point, k.sub AS cause, (f.body::json ->> 'severity') AS severity, f.state,
	to_char(to_timestamp(floor(f.start_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS start_time,
	to_char(to_timestamp(floor(f.end_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS end_time,
	f.start_us, f.end_us, f.note AS late, f.version, f.body, b.standard, b.clause, f.seq,
	to_char(to_timestamp(floor(f.known_us / 1000000.0) + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00' AS known_time
FROM finding f JOIN finding_key k ON k.id = f.key JOIN finding_kind d ON d.id = f.kind
JOIN finding_basis b ON b.id = f.basis
WHERE d.name = 'alarm' AND f.withdrawn = 0;
