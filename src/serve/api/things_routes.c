/* The table of the resources of records: every type by the same paths. Who may what is decided by
 * the declarations. */
#include "serve/api/things.h"

#define TYPE                                                                                       \
	{                                                                                          \
		"type", "string", true, true, "记录类型", "type of record"                         \
	}
#define ID                                                                                         \
	{                                                                                          \
		"id", "string", true, true, "编号", "id"                                           \
	}
#define QUERY                                                                                      \
	{"q", "string", false, false, "检索词", "words to search"},                                \
	    {"filter",                                                                             \
	     "string",                                                                             \
	     false,                                                                                \
	     false,                                                                                \
	     "筛选，JSON：{field,op,value} 或其数组、{all:[]}、{any:[]}",                          \
	     "filter as JSON: {field,op,value}, an array of them, {all:[]}, {any:[]}"},            \
	    {"bbox", "string", false, false, "西,南,东,北", "west,south,east,north"},              \
	    {"as_of", "date-time", false, false, "那时的情形", "as it was then"},                  \
	    {"known_at", "date-time", false, false, "那时所知", "as it was known then"},           \
	    {"retired", "string", false, false, "1：含已注销的", "1: retired ones too"},           \
	{                                                                                          \
		"fields", "string", false, false, "字段，逗号分隔", "fields, by commas"            \
	}
#define TIMES                                                                                      \
	{"as_of", "date-time", false, false, "那时的情形", "as it was then"},                      \
	{                                                                                          \
		"known_at", "date-time", false, false, "那时所知", "as it was known then"          \
	}

static const struct ss_param p_type[] = {TYPE, {0}};
static const struct ss_param p_codes[] = {{"list", "string", true, true,
					   "代码表，如字段的 codes 所写",
					   "list of codes, as codes of a field says"},
					  {"q", "string", false, false, "代码的开头或名称里的文字",
					   "how the code begins, or text in its words"},
					  {0}};
static const struct ss_param p_one[] = {TYPE, ID, {0}};
static const struct ss_param p_get[] = {TYPE, ID, TIMES, {0}};
static const struct ss_param p_delete[] = {
    TYPE,
    ID,
    {"reason", "string", true, false, "理由", "reason"},
    {"version", "integer", false, false, "所依据的版本", "the version it is based on"},
    {0}};
static const struct ss_param p_list[] = {
    TYPE,
    QUERY,
    {"sort", "string", false, false, "排序字段，前加 - 为降序",
     "order, with - in front descending"},
    {"cursor", "string", false, false, "上一页给出的 next", "next of the page before"},
    {"limit", "integer", false, false, "每页条数，至多 1000", "items a page, at most 1000"},
    {"count", "string", false, false, "1：一并给出总数；超过一万为估计（count_exact 为 false）",
     "1: also how many there are; above ten thousand an estimate (count_exact false)"},
    {0}};
static const struct ss_param p_features[] = {
    TYPE, QUERY, {"limit", "integer", false, false, "至多几个", "how many at most"}, {0}};
static const struct ss_param p_facets[] = {TYPE, QUERY, {0}};

static const struct ss_param p_public[] = {
    TYPE,
    {"q", "string", false, false, "检索词", "words to search"},
    {"filter", "string", false, false, "筛选，JSON", "filter as JSON"},
    {"fields", "string", false, false, "字段，逗号分隔", "fields, by commas"},
    {"sort", "string", false, false, "排序字段，前加 - 为降序",
     "order, with - in front descending"},
    {"cursor", "string", false, false, "上一页给出的 next", "next of the page before"},
    {"limit", "integer", false, false, "每页条数，至多 1000", "items a page, at most 1000"},
    {0}};

static const struct ss_param p_upload[] = {
    TYPE,
    {"field", "string", true, false, "附件字段", "the field of files it is for"},
    {"name", "string", true, false, "文件名（扩展名说明里面是什么）",
     "name of the file, whose ending says what is inside"},
    {"sm3", "string", false, false, "拍下时的 SM3 摘要：到达的与之不符即拒",
     "digest when it was taken; bytes that differ are refused"},
    {0}};
static const struct ss_param p_file[] = {
    TYPE, ID, {"digest", "string", true, true, "SM3 摘要", "SM3 digest"}, {0}};

static const struct ss_param p_import[] = {
    TYPE,
    {"dry", "string", false, false, "1：只检查，不写入", "1: check only"},
    {"keep", "string", false, false, "1：已有的记录不改", "1: records that are there stay"},
    {"reason", "string", false, false, "理由", "reason"},
    {0}};
static const struct ss_param p_export[] = {
    TYPE,
    QUERY,
    {"sort", "string", false, false, "排序字段，前加 - 为降序",
     "order, with - in front descending"},
    {"format", "string", false, false, "csv xlsx geojson", "csv xlsx geojson"},
    {0}};
static const struct ss_param p_template[] = {
    TYPE, {"format", "string", false, false, "csv xlsx", "csv xlsx"}, {0}};
static const struct ss_param p_duplicates[] = {TYPE,
					       {"state", "string", false, false,
						"proposed listed apart merged",
						"proposed listed apart merged"},
					       {0}};

#define REASON "\"reason\":{\"type\":\"string\"}"
#define BULK_BODY                                                                                  \
	"{\"type\":\"object\",\"required\":[\"set\",\"reason\"],\"properties\":{\"ids\":{"         \
	"\"type\":"                                                                                \
	"\"array\"},\"filter\":{},\"set\":{\"type\":\"object\"}," REASON "}}"
#define MERGE_BODY                                                                                 \
	"{\"type\":\"object\",\"required\":[\"with\",\"reason\"],\"properties\":{\"with\":{"       \
	"\"type\":"                                                                                \
	"\"string\"},\"choose\":{\"type\":\"object\"}," REASON "}}"
#define UNMERGE_BODY                                                                               \
	"{\"type\":\"object\",\"required\":[\"reason\"],\"properties\":{\"with\":{\"type\":"       \
	"\"string\"}," REASON "}}"
#define SPLIT_BODY                                                                                 \
	"{\"type\":\"object\",\"required\":[\"fields\",\"reason\"],\"properties\":{\"fields\":{"   \
	"\"type\":\"object\"},\"move\":{\"type\":\"array\"}," REASON "}}"
#define SIMILAR_BODY                                                                               \
	"{\"type\":\"object\",\"properties\":{\"fields\":{\"type\":\"object\"},\"id\":{\"type\":"  \
	"\"string\"}}}"
#define APART_BODY                                                                                 \
	"{\"type\":\"object\",\"required\":[\"a\",\"b\"],\"properties\":{\"a\":{\"type\":"         \
	"\"string\"},"                                                                             \
	"\"b\":{\"type\":\"string\"}}}"
#define WRITE_BODY                                                                                 \
	"{\"type\":\"object\",\"required\":[\"fields\"],\"properties\":{\"fields\":{\"type\":"     \
	"\"object\"},\"id\":{\"type\":\"string\"},\"reason\":{\"type\":\"string\"},"               \
	"\"version\":{\"type\":\"integer\"},"                                                      \
	"\"label\":"                                                                               \
	"{\"type\":\"string\"},\"valid_from\":{\"type\":\"string\"},\"valid_to\":{\"type\":"       \
	"\"string\"}}}"
#define PATCH_BODY                                                                                 \
	"{\"type\":\"object\",\"required\":[\"fields\",\"version\"],\"properties\":{\"fields\":{"  \
	"\"type\":\"object\"},\"reason\":{\"type\":\"string\"},\"version\":{\"type\":\"integer\"}" \
	","                                                                                        \
	"\"label\":{\"type\":\"string\"},\"valid_from\":{\"type\":\"string\"},\"valid_to\":{"      \
	"\"type\":\"string\"}}}"
#define UNMASK_BODY                                                                                \
	"{\"type\":\"object\",\"required\":[\"field\",\"purpose\"],\"properties\":{\"field\":{"    \
	"\"type\":\"string\"},\"purpose\":{\"type\":\"string\"}}}"
#define FLAGS (SS_ROUTE_SLOW | SS_ROUTE_DECLARED)
#define BASE "/api/v1/things/{type}"

const struct ss_route ss_thing_routes[] = {
    {SS_GET, "/api/v1/public/records/{type}", "public.read", "公众：公开的记录",
     "the public: records of a type that is public", p_public, NULL, SS_REF("PublicRecords"),
     ss_get_public_things, SS_ROUTE_SLOW | SS_ROUTE_PUBLIC},
    {SS_GET, "/api/v1/public/records/{type}/{id}", "public.read", "公众：一条公开的记录",
     "the public: one record that is public", p_one, NULL, SS_REF("PublicRecord"),
     ss_get_public_thing, SS_ROUTE_SLOW | SS_ROUTE_PUBLIC},
    {SS_GET, "/api/v1/types", "thing.read", "记录类型", "types of records", NULL, NULL,
     SS_REF("Types"), ss_get_types, FLAGS},
    {SS_GET, "/api/v1/types/{type}", "thing.read", "一个记录类型的声明", "a type's declaration",
     p_type, NULL, SS_REF("RecordType"), ss_get_type, FLAGS},
    {SS_GET, "/api/v1/codes/{list}", "thing.read", "按代码或名称找一张代码表里的代码",
     "codes of a list, found by code or words", p_codes, NULL, SS_REF("Codes"), ss_get_codes,
     FLAGS},
    {SS_GET, BASE, "thing.read", "记录列表", "list of records", p_list, NULL, SS_REF("Things"),
     ss_get_things, FLAGS},
    {SS_POST, BASE, "thing.create", "新建记录", "create a record", p_type, WRITE_BODY,
     SS_REF("Thing"), ss_post_thing, FLAGS},
    {SS_GET, BASE "/facets", "thing.read", "按字段分面计数（fields 指明字段）",
     "counts by field (fields names them)", p_facets, NULL, SS_REF("Facets"), ss_get_thing_facets,
     FLAGS},
    {SS_GET, BASE "/features", "thing.read", "地图要素（GeoJSON）", "map features (GeoJSON)",
     p_features, NULL, SS_REF("MapFeatures"), ss_get_thing_features, FLAGS},
    {SS_POST, BASE "/import", "thing.import", "导入 CSV 或 XLSX，逐行报告（dry=1 只检查）",
     "import CSV or XLSX with a report by row (dry=1: check only)", p_import, NULL,
     SS_REF("ThingsReport"), ss_post_things_import, FLAGS},
    {SS_POST, BASE "/files", "thing.change", "上传附件字段的文件（正文即文件），得摘要，再存入记录",
     "a file for a field of files (the body is the file): its digest, to be saved in a record",
     p_upload, NULL, SS_REF("FileKept"), ss_post_thing_file, FLAGS},
    {SS_GET, BASE "/{id}/files/{digest}", "thing.read", "记录的附件，各版本里的都在",
     "a file of a record, of any of its versions", p_file, NULL, NULL, ss_get_thing_file,
     FLAGS | SS_ROUTE_DISCLOSES},
    {SS_GET, BASE "/export", "thing.export", "导出 CSV、XLSX、GeoJSON（记入审计）",
     "export CSV, XLSX, GeoJSON (audited)", p_export, NULL, NULL, ss_get_things_export,
     FLAGS | SS_ROUTE_DISCLOSES},
    {SS_GET, BASE "/template", "thing.read", "导入用的空表", "an empty table for imports",
     p_template, NULL, NULL, ss_get_things_template, FLAGS},
    {SS_POST, BASE "/bulk", "thing.bulk", "同样的修改，许多记录", "the same change in many records",
     p_type, BULK_BODY, SS_REF("BulkReport"), ss_post_things_bulk, FLAGS},
    {SS_GET, BASE "/duplicates", "thing.read", "疑似重复的", "possible duplicates", p_duplicates,
     NULL, SS_REF("DuplicatePairs"), ss_get_things_duplicates, FLAGS},
    {SS_POST, BASE "/duplicates/similar", "thing.read", "保存前看有没有相似的",
     "what is similar, before saving", p_type, SIMILAR_BODY, SS_REF("Similar"),
     ss_post_things_similar, FLAGS | SS_ROUTE_PURE},
    {SS_POST, BASE "/duplicates/apart", "thing.apart", "认定两条不是同一个",
     "say that two are not the same", p_type, APART_BODY, SS_REF("Apart"), ss_post_things_apart,
     FLAGS},
    {SS_POST, BASE "/duplicates/find", "thing.find", "全部查重一遍",
     "look for duplicates among all", p_type, NULL, SS_REF("DuplicatesFound"),
     ss_post_things_find_duplicates, FLAGS},
    {SS_POST, BASE "/{id}/merge", "thing.merge", "把另一条并入本条", "merge another one into this",
     p_one, MERGE_BODY, SS_REF("Thing"), ss_post_thing_merge, FLAGS},
    {SS_POST, BASE "/{id}/unmerge", "thing.unmerge", "撤销合并", "undo a merge", p_one,
     UNMERGE_BODY, SS_REF("Thing"), ss_post_thing_unmerge, FLAGS},
    {SS_POST, BASE "/{id}/split", "thing.split", "分出一条新的", "part a new one off", p_one,
     SPLIT_BODY, SS_REF("Thing"), ss_post_thing_split, FLAGS},
    {SS_GET, BASE "/{id}", "thing.read", "一条记录", "one record", p_get, NULL, SS_REF("Thing"),
     ss_get_thing, FLAGS},
    {SS_PATCH, BASE "/{id}", "thing.change", "修改记录（须带 version）",
     "change a record (with its version)", p_one, PATCH_BODY, SS_REF("Thing"), ss_patch_thing,
     FLAGS},
    {SS_DELETE, BASE "/{id}", "thing.retire", "注销记录", "retire a record", p_delete, NULL,
     SS_REF("Retired"), ss_delete_thing, FLAGS},
    {SS_GET, BASE "/{id}/history", "thing.read", "各版本，新的在前", "versions, newest first",
     p_one, NULL, SS_REF("ThingHistory"), ss_get_thing_history, FLAGS},
    {SS_GET, BASE "/{id}/relations", "thing.read", "引用、被引用与关系",
     "what it refers to, what refers to it, relations", p_one, NULL, SS_REF("Relations"),
     ss_get_thing_relations, FLAGS},
    {SS_GET, BASE "/{id}/who-may", "thing.read", "谁能对它做什么", "who may do what with it", p_one,
     NULL, SS_REF("WhoMay"), ss_get_thing_who_may, FLAGS},
    {SS_POST, BASE "/{id}/unmask", "thing.unmask", "查看一个脱敏字段的明文（写明目的，记入审计）",
     "one masked field in clear (with the purpose; audited)", p_one, UNMASK_BODY, SS_REF("Clear"),
     ss_post_thing_unmask, FLAGS | SS_ROUTE_STEP_UP},
    {0},
};
