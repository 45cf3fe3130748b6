/* Reasons in words, the charts that show them, and what an officer looks at on site. */
#include <math.h>

#include "reason/detect/detect_internal.h"

static const char *const silent[][2] = {
    [SS_WHY_HISTORY] = {"历史不足，不作判断", "not enough history"},
    [SS_WHY_NO_MODEL] = {"工况解释力不足，不作判断", "the process explains too little"},
    [SS_WHY_NO_DATA] = {"没有所需数据，不作判断", "the data it needs are not there"},
};

/* Chinese and English forms of a sentence; %c name of the channel, %0 .. %3 numbers with their form
 * behind: i whole, p per cent, d two digits. */
static const char *const forms[SS_DETECT_COUNT_][2] = {
    [SS_DETECT_D1] =
	{"最近 48 小时有 %0i 小时各项污染物同时比预期低 %1p，流量与生产正常，而水温电导（氧量）偏离"
	 "自身范围 %2d 倍标准差：疑似以清水清气替代样品",
	 "%0i h in 48 with all pollutants %1p below expectation at normal flow, probes %2d sd off "
	 "their band"},
    [SS_DETECT_D2] = {"%3i 天内%c有 %0p 的小时值贴在 %1d，正在限值 %2d 之下，没有一个超过",
		      "%0p of the hours lie at %1d, just under the limit %2d, none above"},
    [SS_DETECT_D3] =
	{"各项污染物连续 %0i 小时逐位不变或与 %1i 小时前逐位相同（自身历史最长不变 %2i 小时）",
	 "%0i h without a changed digit, or equal to %1i h before (longest still run before: %2i "
	 "h)"},
    [SS_DETECT_D4] =
	{"%c最近 %1i 天比工况预期低 %0p（%2d 倍标准差），其他探头不变，也没有到场与备案",
	 "%0p below what the process lets expect for %1i days (%2d sd), nobody was there"},
    [SS_DETECT_D5] =
	{"14 天内非计划标记 %0i 次，开始前的水平比平常高（偏离随机 %1d "
	 "倍标准差）；停运标记期间仍在生产 %2i 小时",
	 "%0i unplanned marks in 14 days begin at high values (%1d sd above chance); %2i h of "
	 "production under a stop mark"},
    [SS_DETECT_D6] =
	{"夜间排水量比白天所预期的低 %0p（%1d 倍标准差）；流量与采样周期同相的振幅 %2p",
	 "night flow %0p below what the day lets expect (%1d sd); pulse in step with the sampler "
	 "%2p"},
    [SS_DETECT_D7] =
	{"7 天内%c有 %0i 个小时值比同一小时的分钟均值低，平均低 %1p；14 天内补传改低净 %2i 小时",
	 "%0i hours lie below the mean of their minutes, by %1p; net %2i hours replaced by lower "
	 "values"},
    [SS_DETECT_D8] = {"3 天内有 %0i 小时生产照常而治污用电比预期低 %1p，出口数据如常",
		      "%0i h of production with the power of treatment %1p below expectation, the "
		      "outlet as ever"},
    [SS_DETECT_D9] = {"3 天内 %0i 小时数据关系不可能（%c）；平常为 %1d 小时",
		      "%0i h in 3 days with an impossible relation; usual %1d h"},
    [SS_DETECT_D10] =
	{"3 天内 %0i 小时流量比预期高 %1p，各项浓度与电导按比例降低，没有下雨",
	 "%0i h with flow %1p above expectation and concentrations down in proportion, no rain"},
    [SS_DETECT_D11] =
	{"%2i 天来各项数据的自相关由 %1d 降到 %0d：像随机数，不随工况变化",
	 "in %2i days the memory of the values fell from %1d to %0d: like made-up numbers"},
    [SS_DETECT_D12] = {"14 天内断线 %0i 次，断线前的水平比平常高（偏离随机 %1d 倍标准差）",
		       "%0i gaps in 14 days begin at high values (%1d sd above chance)"},
    [SS_DETECT_D13] =
	{"48 小时内各项污染物的波动只有 %0d（平常 "
	 "%1d），只剩仪器噪声，而水温电导如常：疑似反复分析留样",
	 "values scatter by %0d only (usual %1d) while the probes go on: a kept sample"},
    [SS_DETECT_D14] = {"最近 %0i 次校准误差的离散只有允许误差的 %1p（以往 %2p）：好得不像真的",
		       "the last %0i checks scatter by %1p of the bound (before: %2p)"},
    [SS_DETECT_D15] = {"10 天内 %1i 次到场中有 %0i "
		       "次不可能（同一人同时在别处，或照片与别处相同），数据中也没有维护痕迹",
		       "%0i of %1i visits cannot have been: the person was elsewhere, the data "
		       "know nothing of them"},
    [SS_DETECT_D16] =
	{"氧量最近 %1i 天比工况预期低 %0d 个百分点；停炉时有 %2i 小时低于空气的氧量",
	 "oxygen %0d points below expectation for %1i days; %2i h below air's oxygen at stops"},
    [SS_DETECT_D17] = {"流量最近 %1i 天比生产（和进水）所预期的低 %0p（%2d 倍标准差），昼夜一样",
		       "flow %0p below what production lets expect for %1i days (%2d sd)"},
    [SS_DETECT_D18] =
	{"48 小时内有 %0i 小时与另一排口逐位相同，没有共用分析仪的备案",
	 "%0i h in 48 equal another outlet digit by digit, no shared analyser is on file"},
};

static void number(struct ss_buf *out, double v, char form)
{
	if (isnan(v))
		ss_buf_addz(out, "—");
	else if (form == 'p')
		ss_buf_addf(out, "%.0f%%", 100 * v);
	else if (form == 'i')
		ss_buf_addf(out, "%.0f", v);
	else
		ss_buf_addf(out, "%.2f", v);
}

static void write_form(const struct ss_detect_data *data, const struct ss_detect_hit *h,
		       const char *form, struct ss_buf *out)
{
	for (const char *c = form; *c; c++) {
		if (*c != '%') {
			ss_buf_addc(out, *c);
		} else if (c[1] == 'c') {
			ss_buf_addz(out, ss_detect_channel_name(data->gas, h->channel));
			c++;
		} else {
			number(out, h->num[c[1] - '0'], c[2]);
			c += 2;
		}
	}
}

int ss_detect_sentence(const struct ss_detect_data *data, enum ss_detector d,
		       const struct ss_detect_hit *h, struct ss_buf *zh, struct ss_buf *en)
{
	if (h->why != SS_WHY_OK) {
		ss_buf_addz(zh, silent[h->why][0]);
		ss_buf_addz(en, silent[h->why][1]);
	} else if (d == SS_DETECT_D4 && h->num[3] > 0) {
		ss_buf_addz(zh, "仪器报来的参数与备案不同，前后 6 小时内没有到场记录");
		ss_buf_addz(en,
			    "the instrument reports a parameter that nobody filed, no visit within "
			    "6 h");
		if (h->num[0] > 0.1) {
			ss_buf_addz(zh, "；");
			ss_buf_addz(en, "; ");
			write_form(data, h, forms[d][0], zh);
			write_form(data, h, forms[d][1], en);
		}
	} else {
		write_form(data, h, forms[d][0], zh);
		write_form(data, h, forms[d][1], en);
	}
	return zh->err ? zh->err : en->err;
}

enum place { SAMPLING, SETTINGS, LOGGER, POWER, WORKS, PEOPLE };
static const struct {
	const char *zh, *en;
} places[] = {
    [SAMPLING] =
	{"采样管路从取水口到分析仪全程，三通与阀门，取水口下有无第二容器，泵的开停；"
	 "三处同时自采样；手持电导仪",
	 "the sampling line from intake to analyser, tees and valves, a second bottle under "
	 "the intake, the pump; own samples at three points at once; a hand-held "
	 "conductivity meter"},
    [SETTINGS] =
	{"参数页（K、b、量程、消解温度与时间、平均方式），修改日志，密码级别；当面测"
	 "高低两个标样（通空气测氧）",
	 "parameter pages (K, b, range, digestion temperature and time, averaging), change "
	 "log, password level; two standards, low and high, run in sight (oxygen in air)"},
    [LOGGER] =
	{"数采仪历史与平台同一时段逐条对照，时钟，工控机上的程序与远程控制软件，铭牌"
	 "序列号与登记",
	 "the logger's history against the platform's for the same hours, clock, programs and "
	 "remote-control software on the industrial computer, serial plate against register"},
    [POWER] = {"站房用电记录、UPS，标记时段的生产记录，运维到场凭证",
	       "power log of the station, UPS, production records of the marked time, proof of the "
	       "maintainer's visit"},
    [WORKS] =
	{"治污用电表、风机状态、污泥位，旁路闸门与封签，池内液位，雨水口，堰槽尺寸与"
	 "流量参数，夜间录像",
	 "power meter of the treatment, blowers, sludge level, bypass gate and its seal, tank "
	 "levels, rain outlet, size of the flume and flow parameters, night camera"},
    [PEOPLE] =
	{"试剂日期，废液量与测试次数是否相符，同一运维单位的其他站点",
	 "dates of reagents, waste liquid against the number of tests, other sites of the same "
	 "maintainer"},
};

static enum place place_of(enum ss_detector d)
{
	switch (d) {
	case SS_DETECT_D1:
	case SS_DETECT_D10:
	case SS_DETECT_D13:
		return SAMPLING;
	case SS_DETECT_D2:
	case SS_DETECT_D4:
	case SS_DETECT_D14:
	case SS_DETECT_D16:
		return SETTINGS;
	case SS_DETECT_D3:
	case SS_DETECT_D7:
	case SS_DETECT_D11:
	case SS_DETECT_D18:
		return LOGGER;
	case SS_DETECT_D5:
	case SS_DETECT_D12:
		return POWER;
	case SS_DETECT_D6:
	case SS_DETECT_D8:
	case SS_DETECT_D17:
		return WORKS;
	default:
		return PEOPLE;
	}
}

const char *ss_detect_on_site(enum ss_detector d)
{
	return places[place_of(d)].zh;
}

const char *ss_detect_on_site_en(enum ss_detector d)
{
	return places[place_of(d)].en;
}

int ss_detect_charts(const struct ss_detect_data *data, enum ss_detector d,
		     const struct ss_detect_hit *h, int ret[4])
{
	int want[] = {h->channel, SS_CH_NONE, SS_CH_NONE, SS_CH_PRODUCTION}, n = 0;

	switch (d) {
	case SS_DETECT_D1:
	case SS_DETECT_D13:
	case SS_DETECT_D10:
		want[1] = data->gas ? SS_CH_OXYGEN : SS_CH_CONDUCTIVITY;
		want[2] = d == SS_DETECT_D10 ? SS_CH_POLLUTANT : SS_CH_FLOW;
		break;
	case SS_DETECT_D6:
	case SS_DETECT_D17:
		want[1] = SS_CH_INFLOW;
		want[2] = SS_CH_TREATMENT;
		break;
	case SS_DETECT_D8:
	case SS_DETECT_D16:
		want[1] = SS_CH_POLLUTANT;
		break;
	case SS_DETECT_D9:
		want[1] = data->gas ? SS_CH_FLOW : SS_CH_POLLUTANT + 3;
		break;
	default:
		want[1] = SS_CH_FLOW;
	}
	for (int i = 0; i < 4; i++)
		if (want[i] != SS_CH_NONE && data->value[want[i]])
			ret[n++] = want[i];
	return n;
}

const char *ss_detect_blind(enum ss_detector d)
{
	static const char *const blind[SS_DETECT_COUNT_] = {
	    [SS_DETECT_D1] = "每天少于三四小时的偷换；稀释不到一半；复产后三十小时内与雨中",
	    [SS_DETECT_D2] = "没有许可限值的因子；封顶远低于限值；按折算值封顶的废气",
	    [SS_DETECT_D3] = "重放时加了随机扰动；只重放几个小时；两小时一次的分析要更久",
	    [SS_DETECT_D4] = "改动小于两成；缓慢改动；同期有备案的校准",
	    [SS_DETECT_D5] = "不到三次的标记；标记总在同一钟点；没有生产用电则看不出假停运",
	    [SS_DETECT_D6] = "没有夜班又没有十分钟流量；旁路在流量计之前且无进水流量",
	    [SS_DETECT_D7] = "分钟值一并改动；低于百分之五的改动",
	    [SS_DETECT_D8] = "没有治污用电；电表与别处共用且起伏大",
	    [SS_DETECT_D9] = "编造的数据彼此相容；只有少数几小时",
	    [SS_DETECT_D10] = "稀释不到两成；与生产同步的加水；雨中",
	    [SS_DETECT_D11] = "模拟器按工况造数；历史自相关本来就低",
	    [SS_DETECT_D12] = "只断一次；断线在升高之前；复产前后",
	    [SS_DETECT_D13] = "废气；留样天天更换且浓度起伏如常",
	    [SS_DETECT_D14] = "少于八次的校准；伪造的误差也有离散",
	    [SS_DETECT_D15] = "行程可行的虚假到场；照片各不相同",
	    [SS_DETECT_D16] = "缓慢调低；不停炉且负荷对氧量没有解释力",
	    [SS_DETECT_D17] = "调低不到两成；进水流量一并调低；备案了回用",
	    [SS_DETECT_D18] = "按比例复制；加了扰动的复制；另一排口不在本平台",
	};

	return blind[d];
}

const char *ss_detect_blind_en(enum ss_detector d)
{
	static const char *const blind[SS_DETECT_COUNT_] = {
	    [SS_DETECT_D1] = "swaps of fewer than three or four hours a day; less than half "
			     "diluted; thirty hours after a restart, and in rain",
	    [SS_DETECT_D2] = "factors without a permit limit; a cap far below the limit; gas "
			     "capped at the converted value",
	    [SS_DETECT_D3] = "replays with noise added; replays of a few hours; analyses every two "
			     "hours take longer",
	    [SS_DETECT_D4] =
		"changes below a fifth; slow changes; a filed calibration at the same time",
	    [SS_DETECT_D5] = "fewer than three marks; marks always at the same hour; false stops "
			     "without a meter of production",
	    [SS_DETECT_D6] = "no night shift and no ten-minute flow; a bypass before the meter "
			     "without a meter of the inflow",
	    [SS_DETECT_D7] = "minutes changed as well; changes below five per cent",
	    [SS_DETECT_D8] =
		"no meter of the treatment; a meter shared with others that swings widely",
	    [SS_DETECT_D9] = "inventions that fit one another; a few hours only",
	    [SS_DETECT_D10] =
		"less than a fifth of dilution; water added in step with production; in rain",
	    [SS_DETECT_D11] =
		"a simulator that follows the process; history with little memory of its own",
	    [SS_DETECT_D12] = "a single cut; cuts before it gets bad; around restarts",
	    [SS_DETECT_D13] = "gas; kept samples changed daily that vary as usual",
	    [SS_DETECT_D14] = "fewer than eight checks; invented errors that scatter too",
	    [SS_DETECT_D15] = "invented visits that could have been; photos all different",
	    [SS_DETECT_D16] = "lowered slowly; no stops and a load that says nothing of oxygen",
	    [SS_DETECT_D17] = "less than a fifth; the inflow lowered as well; reuse on file",
	    [SS_DETECT_D18] =
		"copied in proportion; copied with noise; an outlet that is not on this platform",
	};

	return blind[d];
}
