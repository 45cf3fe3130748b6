#include "sense/tables/tables.h"

static struct ss_str word_of(struct ss_str *rest)
{
	struct ss_str word = {0};

	*rest = ss_str_trim(*rest);
	ss_str_split(rest, ' ', &word);
	return word;
}

static void rule_missing(struct ss_mapping *m, struct ss_str rest)
{
	while (m->missing_n < (int)SS_ARRAY_LEN(m->missing) && ss_str_trim(rest).n)
		m->missing[m->missing_n++] = word_of(&rest);
}

static int rule_mark(struct ss_mapping *m, struct ss_str rest)
{
	m->mark_column = word_of(&rest);
	while (ss_str_trim(rest).n && m->mark_n < (int)SS_ARRAY_LEN(m->mark_word)) {
		struct ss_str word = word_of(&rest), left;

		if (ss_str_is(word, "else")) {
			word = word_of(&rest);
			m->mark_else = word.n == 1 ? word.p[0] : 0;
			continue;
		}
		if (!ss_str_split(&word, '=', &left) || word.n != 1)
			return SS_EPARSE;
		m->mark_word[m->mark_n] = left;
		m->mark_letter[m->mark_n++] = word.p[0];
	}
	return m->mark_else ? 0 : SS_EPARSE;
}

static int rule_value(struct ss_mapping *m, struct ss_str rest)
{
	struct ss_mapping_value *v = &m->value[m->value_n];

	if (m->value_n == SS_MAPPING_VALUES)
		return SS_ETOOBIG;
	v->factor = word_of(&rest);
	v->stat = word_of(&rest);
	v->column = word_of(&rest);
	if (!v->column.n || ss_parse_double(word_of(&rest), &v->scale) < 0)
		return SS_EPARSE;
	m->value_n++;
	return 0;
}

static struct ss_str *text_rule(struct ss_mapping *m, struct ss_str key)
{
	const struct {
		const char *key;
		struct ss_str *at;
	} rules[] = {{"site_kind", &m->site_kind}, {"site_code", &m->site_code},
		     {"site_name", &m->site_name}, {"district", &m->district},
		     {"time", &m->time},           {"period", &m->period},
		     {"order", &m->order},         {"heading", &m->heading}};

	for (size_t i = 0; i < SS_ARRAY_LEN(rules); i++)
		if (ss_str_is(key, rules[i].key))
			return rules[i].at;
	return NULL;
}

static int take_rule(struct ss_mapping *m, struct ss_str line)
{
	struct ss_str key = word_of(&line);
	struct ss_str *text = text_rule(m, key);

	if (text) {
		*text = ss_str_trim(line);
		return text->n ? 0 : SS_EPARSE;
	}
	if (ss_str_is(key, "mapping")) {
		m->name = word_of(&line);
		m->version = word_of(&line);
		return m->version.n ? 0 : SS_EPARSE;
	}
	if (ss_str_is(key, "place")) {
		m->lon = word_of(&line);
		m->lat = word_of(&line);
		return m->lat.n ? 0 : SS_EPARSE;
	}
	if (ss_str_is(key, "missing")) {
		rule_missing(m, line);
		return 0;
	}
	if (ss_str_is(key, "mark"))
		return rule_mark(m, line);
	if (ss_str_is(key, "step"))
		return ss_parse_i64(ss_str_trim(line), &m->step_min);
	return ss_str_is(key, "value") ? rule_value(m, line) : SS_EPARSE;
}

int ss_mapping_parse(struct ss_str text, struct ss_mapping *ret, struct ss_error *err)
{
	struct ss_mapping m = {.period = SS_STR("hour"), .site_kind = SS_STR("air")};
	struct ss_str line;

	for (int n = 1; ss_str_split(&text, '\n', &line); n++) {
		line = ss_str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (take_rule(&m, line) < 0)
			return ss_error_set(err, SS_EPARSE,
					    "映射第 %d 行看不懂：" SS_STR_FMT
					    " / mapping line %d is not a rule",
					    n, SS_STR_ARG(line), n);
	}
	if (!m.name.n || !m.site_code.n || !m.time.n || m.value_n == 0)
		return ss_error_set(err, SS_EPARSE,
				    "映射缺少 mapping、site_code、time 或 value 规则 / a rule is "
				    "missing: mapping, site_code, time, value");
	*ret = m;
	return 0;
}

int ss_table_package(struct ss_buf *out, struct ss_str mapping, struct ss_str heading,
		     int64_t first_line)
{
	ss_buf_addf(out, "SSTABLE 1 %lld\n", (long long)first_line);
	ss_buf_adds(out, ss_str_trim(mapping));
	ss_buf_addz(out, "\n--\n");
	ss_buf_adds(out, heading);
	return ss_buf_addc(out, '\n');
}

int ss_table_open(struct ss_str package, struct ss_str *ret_mapping, struct ss_str *ret_csv,
		  int64_t *ret_first_line)
{
	struct ss_str line, number;
	ptrdiff_t at;

	if (!ss_str_starts(package, SS_STR("SSTABLE 1 ")) || !ss_str_split(&package, '\n', &line))
		return SS_EPARSE;
	number = ss_str_n(line.p + 10, line.n - 10);
	at = ss_str_find(package, SS_STR("\n--\n"));
	if (at < 0 || ss_parse_i64(number, ret_first_line) < 0)
		return SS_EPARSE;
	*ret_mapping = ss_str_n(package.p, (size_t)at);
	*ret_csv = ss_str_n(package.p + at + 4, package.n - (size_t)at - 4);
	return 0;
}
