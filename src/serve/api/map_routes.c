/* The table of the map's resources. */
#include "serve/api/map.h"

#define THEN                                                                                       \
	{"as_of", "date-time", false, false, "那时的情形", "as it was then"},                      \
	{                                                                                          \
		"known_at", "date-time", false, false, "那时所知", "as it was known then"          \
	}
#define QUESTION                                                                                   \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"lon\":{\"type\":"   \
	"\"number\"},\"lat\":{\"type\":\"number\"},\"radius_m\":{\"type\":\"number\"},"            \
	"\"buffer_m\":{\"type\":\"number\"},\"line\":{\"type\":\"array\",\"maxItems\":2000,"       \
	"\"items\":{\"type\":\"array\"}},\"polygon\":{\"type\":\"array\",\"maxItems\":2000,"       \
	"\"items\":{\"type\":\"array\"}},"                                                         \
	"\"crs\":{\"enum\":[\"CGCS2000\",\"WGS84\",\"GCJ02\"]},\"as_of\":{\"type\":\"string\"},"   \
	"\"known_at\":{\"type\":\"string\"},\"layers\":{\"type\":\"array\",\"items\":{\"type\":"   \
	"\"string\"}},\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000}}}"

static const struct ss_param p_layers[] = {
    {"count", "string", false, false, "1：一并给出个数", "1: also how many there are"},
    {"as_of", "date-time", false, false, "那时的情形", "as it was then"},
    {0}};
static const struct ss_param p_features[] = {
    {"layer", "string", true, false, "图层（记录类型）", "layer (type of records)"},
    {"bbox", "string", false, false, "西,南,东,北", "west,south,east,north"},
    {"q", "string", false, false, "检索词", "words to search"},
    {"filter", "string", false, false, "筛选，JSON", "filter as JSON"},
    {"fields", "string", false, false, "字段，逗号分隔", "fields, by commas"},
    THEN,
    {"most", "integer", false, false, "至多几个，至多 5000", "how many at most, up to 5000"},
    {0}};
static const struct ss_param p_search[] = {
    {"q", "string", true, false, "检索词", "words to search"},
    {"limit", "integer", false, false, "条数，至多 100", "how many, at most 100"},
    {0}};
static const struct ss_param p_situation[] = {{"days", "integer", false, false,
					       "预警提前量统计几天，默认 30",
					       "days of the lead statistics, 30 by default"},
					      {0}};

const struct ss_route ss_map_routes[] = {
    {SS_GET, "/api/v1/map/layers", "thing.read", "一张图的图层：各模块的每一类对象",
     "layers of the one map: every class of objects of every module", p_layers, NULL,
     SS_REF("MapLayers"), ss_get_map_layers, SS_ROUTE_SLOW | SS_ROUTE_DECLARED},
    {SS_GET, "/api/v1/map/features", "thing.read",
     "一个图层的要素（GeoJSON）；没有位置的按引用落到所引对象的位置",
     "features of a layer (GeoJSON); what has no place lies where what it refers to lies",
     p_features, NULL, SS_REF("MapFeatures"), ss_get_map_features,
     SS_ROUTE_SLOW | SS_ROUTE_DECLARED},
    {SS_POST, "/api/v1/map/here", "thing.read",
     "此处有什么：半径或多边形内各模块的全部对象，可问任一时刻",
     "what is here: all objects of all modules within a radius or an outline, at any time", NULL,
     QUESTION, SS_REF("Here"), ss_post_map_here, SS_ROUTE_SLOW | SS_ROUTE_DECLARED | SS_ROUTE_PURE},
    {SS_GET, "/api/v1/search", "thing.read", "全局搜索：记录、案件、站点、设备、地点",
     "search everything: records, cases, sites, devices, places", p_search, NULL, SS_REF("Hits"),
     ss_get_search, SS_ROUTE_SLOW | SS_ROUTE_DECLARED},
    {SS_GET, "/api/v1/situation", "alarm.read", "态势：在案告警、要素等级、案件、预警提前量",
     "the situation: alarms, grades of elements, cases, lead of warnings", p_situation, NULL,
     SS_REF("Situation"), ss_get_situation, SS_ROUTE_SLOW | SS_ROUTE_SCOPED},
    {0},
};
