/* Surface water: GB 3838-2002, the evaluation rules of 2011, trophic level of lakes. */
#include "reason/calc/calc_internal.h"

#define ITEMS                                                                                      \
	"ph do codmn cod bod5 nh3n tp tn cu zn f se as hg cd cr6 pb cyanide phenol oil las "       \
	"sulphide fecal_coliform"
#define PH_MOST 14

static const char *const class_tokens[] = {NULL, "I", "II", "III", "IV", "V", "worse_than_V"};

/* HJ 212 code of an item; "" fails the run. */
static const char *factor_of(struct ss_calc_run *r, const char *item)
{
	return ss_law_text(SS_CALC_ROW(r, "codes/factor-aliases", "calc", "water", item), "factor");
}

static int class_of(struct ss_calc_run *r, const char *body, const char *item, double value)
{
	struct ss_class_scale scale;
	const char *factor = factor_of(r, item);

	if (r->code)
		return 0;
	if (!ss_judge_class(r->law, r->day, body, factor, &scale)) {
		ss_calc_lacks(r, "limits/water-class");
		return 0;
	}
	return ss_item_class(&scale, value);
}

/* pH has an end that other items lack. false: failed. */
static bool ph_fits(struct ss_calc_run *r, const char *item, double v, const char *field)
{
	if (strcmp(item, "ph") != 0 || !(v > PH_MOST))
		return true;
	ss_calc_fail(r, "range", field, "%s：pH 不大于 %d", field, PH_MOST);
	return false;
}

/* --- water.class --------------------------------------------------------------------------------
 */

static const struct ss_calc_field class_in[] = {
    SS_WORD("waterbody", "水体：河流，湖泊（含水库）；总磷限值不同", "river lake"),
    SS_OBJ("items", "各项浓度；ph 无单位，fecal_coliform 个/L；null 为未测", "mg/L",
	   .tokens = ITEMS, SS_AT_LEAST(0), .null_inside = true),
    {0}};
static const struct ss_calc_output class_out[] = {
    {"class", "string", "断面类别 I 至 V，worse_than_V 为劣V"},
    {"item_classes", "object", "所给各项的类别"},
    {"worse_than_iii", "string[]", "劣于 III 类的评价项目（集合）"},
    {0}};

struct section {
	const char *name[32];
	int class_[32];
	bool counted[32];
	size_t n;
};

static void judge_items(struct ss_calc_run *r, struct section *s)
{
	const struct ss_calc_value *v = ss_calc_get(r, "items");
	const char *body = ss_calc_word(r, "waterbody");

	for (size_t i = 0; i < v->n && !r->code; i++) {
		const char *name = ss_arena_strdup(r->a, v->key[i]);
		char field[64];

		if (isnan(v->list[i]) || !name)
			continue;
		snprintf(field, sizeof(field), "items.%s", name);
		if (!ph_fits(r, name, v->list[i], field))
			return;
		s->name[s->n] = name;
		s->class_[s->n] = class_of(r, body, name, v->list[i]);
		s->counted[s->n++] = ss_judge_counted(r->law, r->day, factor_of(r, name));
	}
}

static void put_section(struct ss_calc_run *r, const struct section *s, int worst)
{
	ss_calc_put_word(r, "class", class_tokens[worst]);
	ss_json_key(r->j, "item_classes");
	ss_json_obj(r->j);
	for (size_t i = 0; i < s->n; i++)
		ss_json_kz(r->j, s->name[i], class_tokens[s->class_[i]]);
	ss_json_end_obj(r->j);
	ss_json_key(r->j, "worse_than_iii");
	ss_json_arr(r->j);
	for (size_t i = 0; i < s->n; i++) {
		if (s->counted[i] && s->class_[i] > 3)
			ss_json_z(r->j, s->name[i]);
	}
	ss_json_end_arr(r->j);
}

static void water_class(struct ss_calc_run *r)
{
	struct section s = {.n = 0};
	int counted[32], worst;

	judge_items(r, &s);
	for (size_t i = 0; i < s.n; i++)
		counted[i] = s.counted[i] ? s.class_[i] : 0;
	worst = ss_worst_class(counted, s.n);
	if (worst == 0)
		ss_calc_fail(r, "missing", "items",
			     "items 里没有参加评价的项目（总氮与粪大肠菌群只分类、不参加评价）");
	else if (!r->code)
		put_section(r, &s, worst);
}

/* --- water.item_class ---------------------------------------------------------------------------
 */

static const struct ss_calc_field item_in[] = {
    SS_WORD("item", "项目", ITEMS),
    SS_NUM("value", "浓度；ph 无单位，fecal_coliform 个/L", "mg/L", SS_AT_LEAST(0)),
    SS_WORD("waterbody", "水体；只影响总磷", "river lake", SS_DEFAULT("\"river\"")),
    {0}};
static const struct ss_calc_output item_out[] = {{"class", "string", "I 至 V，worse_than_V 为劣V"},
						 {0}};

static void item_class(struct ss_calc_run *r)
{
	const char *item = ss_calc_word(r, "item");
	int k;

	if (!ph_fits(r, item, ss_calc_num(r, "value"), "value"))
		return;
	k = class_of(r, ss_calc_word(r, "waterbody"), item, ss_calc_num(r, "value"));
	if (k)
		ss_calc_put_word(r, "class", class_tokens[k]);
}

/* --- water.tli ----------------------------------------------------------------------------------
 */

static const struct ss_calc_field tli_in[] = {
    SS_NUM("chla_mg_m3", "叶绿素 a", "mg/m3", SS_ABOVE(0)),
    SS_NUM("tp_mg_l", "总磷", "mg/L", SS_ABOVE(0)),
    SS_NUM("tn_mg_l", "总氮", "mg/L", SS_ABOVE(0)),
    SS_NUM("sd_m", "透明度", "m", SS_ABOVE(0)),
    SS_NUM("codmn_mg_l", "高锰酸盐指数", "mg/L", SS_ABOVE(0)),
    {0}};
static const struct ss_calc_output tli_out[] = {
    {"tli_items", "object", "各项指数：chla tp tn sd codmn"},
    {"tli", "number", "综合营养状态指数"},
    {"grade", "string",
     "oligotrophic 贫、mesotrophic 中、light_eutrophic 轻度富、medium_eutrophic "
     "中度富、heavy_eutrophic "
     "重度富"},
    {0}};

static bool in_grade(const struct ss_law_row *row, double v)
{
	double low = ss_law_number(row, "low"), high = ss_law_number(row, "high");
	bool low_in = ss_law_text(row, "low_included")[0],
	     high_in = ss_law_text(row, "high_included")[0];

	return (isnan(low) || v > low || (low_in && v == low)) &&
	       (isnan(high) || v < high || (high_in && v == high));
}

static const char *tli_grade(struct ss_calc_run *r, double tli)
{
	const struct ss_law_row *row = NULL;

	while ((row = ss_law_next(ss_law_table(r->law, "water/tli-grades"), r->day, row))) {
		if (in_grade(row, tli))
			return ss_law_text(row, "grade");
	}
	return NULL;
}

static void tli(struct ss_calc_run *r)
{
	static const char *const names[SS_TLI_ITEM_COUNT_] = {"chla", "tp", "tn", "sd", "codmn"};
	double value[SS_TLI_ITEM_COUNT_], items[SS_TLI_ITEM_COUNT_], sum;
	struct ss_tli_law law;

	for (int i = 0; i < SS_TLI_ITEM_COUNT_; i++) {
		const struct ss_law_row *row = SS_CALC_ROW(r, "water/tli-items", names[i]);

		law.base[i] = ss_law_number(row, "a");
		law.slope[i] = ss_law_number(row, "b");
		law.weight[i] = ss_law_number(row, "weight");
		value[i] = r->v[i].number;
	}
	sum = ss_tli(&law, value, items);
	ss_json_key(r->j, "tli_items");
	ss_json_obj(r->j);
	for (int i = 0; i < SS_TLI_ITEM_COUNT_; i++)
		ss_calc_put(r, names[i], items[i]);
	ss_json_end_obj(r->j);
	ss_calc_put(r, "tli", sum);
	ss_calc_put_word(r, "grade", tli_grade(r, sum));
}

const struct ss_calc ss_calc_water[] = {
    {.name = "water.class",
     .zh = "断面水质类别（单因子评价）",
     .en = "class of a surface water section by its worst item",
     .basis = "GB 3838-2002 表 1；地表水环境质量评价办法（2011）",
     .formula = "断面类别 = 参加评价各项类别中最差者",
     .note =
	 "总氮、粪大肠菌群只分类、不参加评价；pH 大于 14 报 items.ph；没有参加评价的项目报 items。",
     .in = class_in,
     .out = class_out,
     .fn = water_class},
    {.name = "water.item_class",
     .zh = "单项水质类别",
     .en = "class of one item of surface water",
     .basis = "GB 3838-2002 表 1",
     .formula = "浓度不超过的最好一级；相邻类别限值相同取较好的一类；溶解氧 I 类自 7.5 mg/L",
     .note = "pH 大于 14 报 value；饱和率 90 % 的 I 类溶解氧不计算。",
     .in = item_in,
     .out = item_out,
     .fn = item_class},
    {.name = "water.tli",
     .zh = "湖库综合营养状态指数",
     .en = "trophic level index of a lake",
     .basis = "湖泊（水库）富营养化评价方法及分级技术规定",
     .formula =
	 "TLI(j) = 10 (a + b ln x)；TLI = sum(W TLI(j))，W：chla .2663、TP .1879、TN .1790、SD "
	 ".1834、CODMn .1834",
     .note =
	 "小于 30 贫；30 至 50 中；大于 50 至 60 轻度富；大于 60 至 70 中度富；大于 70 重度富。",
     .in = tli_in,
     .out = tli_out,
     .fn = tli},
    {0}};
