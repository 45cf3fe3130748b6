-- The review of data as other tools read it: current rows, one view a kind. docs/quality.md.
CREATE VIEW v_hour_state AS
SELECT site, point, factor, start_time AS time, start_us AS time_us, state, value, json_extract(body, '$.reasons') AS reasons,
	json_extract(body, '$.valid') AS valid_minutes, json_extract(body, '$.mean') AS minute_mean, json_extract(body, '$.device') AS device_value,
	json_extract(body, '$.converted') AS converted, json_extract(body, '$.m3') AS m3, json_extract(body, '$.kg') AS kg, json_extract(body, '$.late_s') AS late_s,
	version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'hour_state' AND withdrawn = 0;

CREATE VIEW v_day_mean AS
SELECT site, point, factor, sub AS statistic, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value,
	json_extract(body, '$.plain') AS plain_mean, json_extract(body, '$.min') AS min, json_extract(body, '$.max') AS max, json_extract(body, '$.hours') AS hours,
	json_extract(body, '$.method') AS method, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'day_mean' AND withdrawn = 0;

CREATE VIEW v_mass AS
SELECT site, point, factor, sub AS period, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value AS kg,
	json_extract(body, '$.measured_kg') AS measured_kg, json_extract(body, '$.substituted_kg') AS substituted_kg,
	json_extract(body, '$.substituted_share') AS substituted_share, json_extract(body, '$.substituted_hours') AS substituted_hours,
	json_extract(body, '$.open_hours') AS open_hours, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'mass' AND withdrawn = 0;

CREATE VIEW v_substitution AS
SELECT site, point, factor, start_time AS from_time, end_time AS to_time, start_us, end_us, state, value AS kg_per_hour,
	json_extract(body, '$.gap_hours') AS gap_hours, json_extract(body, '$.window') AS window_hours, json_extract(body, '$.why') AS why,
	json_extract(body, '$.conc') AS conc, json_extract(body, '$.m3') AS m3, rule, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'substitution' AND withdrawn = 0;

CREATE VIEW v_transmission AS
SELECT site, point, factor, sub AS period, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value AS effective,
	json_extract(body, '$.transmission') AS transmission, json_extract(body, '$.validity') AS validity, json_extract(body, '$.expected') AS expected,
	json_extract(body, '$.received') AS received, json_extract(body, '$.valid') AS valid, json_extract(body, '$.late') AS late,
	json_extract(body, '$.stopped') AS stopped, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'transmission' AND withdrawn = 0;

CREATE VIEW v_capture AS
SELECT site, point, factor, substr(start_time, 1, 10) AS quarter, start_us AS time_us, state, value AS capture, json_extract(body, '$.hours') AS hours,
	json_extract(body, '$.invalid') AS invalid, json_extract(body, '$.stopped') AS stopped, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'capture' AND withdrawn = 0;

CREATE VIEW v_mark AS
SELECT site, point, factor, sub AS id, json_extract(body, '$.code') AS code, json_extract(body, '$.class') AS class, json_extract(body, '$.from') AS from_time, json_extract(body, '$.to') AS to_time,
	state, json_extract(body, '$.revision') AS revision, json_extract(body, '$.filed_by') AS filed_by, json_extract(body, '$.filed_at') AS filed_at,
	json_extract(body, '$.reason') AS reason, json_extract(body, '$.evidence') AS evidence, version, seq, known_time
FROM v_finding WHERE kind = 'mark' AND withdrawn = 0;

CREATE VIEW v_check AS
SELECT site, point, factor, sub AS id, start_time AS time, start_us AS time_us, json_extract(body, '$.kind') AS kind, state, value AS error,
	json_extract(body, '$.bound') AS bound, json_extract(body, '$.by') AS filed_by, version, seq, known_time
FROM v_finding WHERE kind = 'check' AND withdrawn = 0;

CREATE VIEW v_exceed_day AS
SELECT site, point, factor, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value, json_extract(body, '$.high') AS high, json_extract(body, '$.low') AS low,
	json_extract(body, '$.explain_by') AS explain_by, json_extract(body, '$.verdict') AS verdict, version, standard, clause, law, seq, known_time
FROM v_finding WHERE kind = 'exceed_day' AND withdrawn = 0;

CREATE VIEW v_sheet_item AS
SELECT site, point, sub AS what, substr(start_time, 1, 10) AS day, start_us AS time_us, state, value AS hours, body, version, seq, known_time
FROM v_finding WHERE kind = 'sheet_item' AND withdrawn = 0;
