-- The review of data as other tools read it: current rows, one view a kind. docs/quality.md.
CREATE VIEW v_hour_state AS
SELECT site, point, factor, start_time AS time, start_us AS time_us, state, value, (body::json -> 'reasons')::text AS reasons,
	(body::json ->> 'valid')::integer AS valid_minutes, (body::json ->> 'mean')::double precision AS minute_mean, (body::json ->> 'device')::double precision AS device_value,
	(body::json ->> 'converted')::double precision AS converted, (body::json ->> 'm3')::double precision AS m3, (body::json ->> 'kg')::double precision AS kg, (body::json ->> 'late_s')::bigint AS late_s,
	version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'hour_state' AND withdrawn = 0;

CREATE VIEW v_day_mean AS
SELECT site, point, factor, sub AS statistic, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value,
	(body::json ->> 'plain')::double precision AS plain_mean, (body::json ->> 'min')::double precision AS min, (body::json ->> 'max')::double precision AS max, (body::json ->> 'hours')::integer AS hours,
	(body::json ->> 'method') AS method, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'day_mean' AND withdrawn = 0;

CREATE VIEW v_mass AS
SELECT site, point, factor, sub AS period, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value AS kg,
	(body::json ->> 'measured_kg')::double precision AS measured_kg, (body::json ->> 'substituted_kg')::double precision AS substituted_kg,
	(body::json ->> 'substituted_share')::double precision AS substituted_share, (body::json ->> 'substituted_hours')::integer AS substituted_hours,
	(body::json ->> 'open_hours')::integer AS open_hours, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'mass' AND withdrawn = 0;

CREATE VIEW v_substitution AS
SELECT site, point, factor, start_time AS from_time, end_time AS to_time, start_us, end_us, state, value AS kg_per_hour,
	(body::json ->> 'gap_hours')::integer AS gap_hours, (body::json ->> 'window')::integer AS window_hours, (body::json ->> 'why') AS why,
	(body::json ->> 'conc')::double precision AS conc, (body::json ->> 'm3')::double precision AS m3, rule, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'substitution' AND withdrawn = 0;

CREATE VIEW v_transmission AS
SELECT site, point, factor, sub AS period, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value AS effective,
	(body::json ->> 'transmission')::double precision AS transmission, (body::json ->> 'validity')::double precision AS validity, (body::json ->> 'expected')::integer AS expected,
	(body::json ->> 'received')::integer AS received, (body::json ->> 'valid')::integer AS valid, (body::json ->> 'late')::integer AS late,
	(body::json ->> 'stopped')::integer AS stopped, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'transmission' AND withdrawn = 0;

CREATE VIEW v_capture AS
SELECT site, point, factor, substr(start_time, 1, 10) AS quarter, start_us AS time_us, state, value AS capture, (body::json ->> 'hours')::double precision AS hours,
	(body::json ->> 'invalid')::double precision AS invalid, (body::json ->> 'stopped')::double precision AS stopped, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'capture' AND withdrawn = 0;

CREATE VIEW v_mark AS
SELECT site, point, factor, sub AS id, (body::json ->> 'code') AS code, (body::json ->> 'class') AS class, (body::json ->> 'from') AS from_time, (body::json ->> 'to') AS to_time,
	state, (body::json ->> 'revision')::integer AS revision, (body::json ->> 'filed_by') AS filed_by, (body::json ->> 'filed_at') AS filed_at,
	(body::json ->> 'reason') AS reason, (body::json ->> 'evidence') AS evidence, version, seq, known_time
FROM v_finding WHERE kind = 'mark' AND withdrawn = 0;

CREATE VIEW v_check AS
SELECT site, point, factor, sub AS id, start_time AS time, start_us AS time_us, (body::json ->> 'kind') AS kind, state, value AS error,
	(body::json ->> 'bound')::double precision AS bound, (body::json ->> 'by') AS filed_by, version, seq, known_time
FROM v_finding WHERE kind = 'check' AND withdrawn = 0;

CREATE VIEW v_exceed_day AS
SELECT site, point, factor, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value, (body::json ->> 'high')::double precision AS high, (body::json ->> 'low')::double precision AS low,
	(body::json ->> 'explain_by') AS explain_by, (body::json ->> 'verdict') AS verdict, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'exceed_day' AND withdrawn = 0;

CREATE VIEW v_sheet_item AS
SELECT site, point, sub AS what, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value AS hours, body, version, seq, known_time
FROM v_finding WHERE kind = 'sheet_item' AND withdrawn = 0;
