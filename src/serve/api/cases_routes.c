/* The table of the resources of flows and cases. Who may what is decided by the declarations. */
#include "serve/api/cases.h"

#define FLOW                                                                                       \
	{                                                                                          \
		"flow", "string", true, true, "流程", "flow"                                       \
	}
#define CASE                                                                                       \
	FLOW,                                                                                      \
	{                                                                                          \
		"id", "string", true, true, "案件编号", "id of the case"                           \
	}

static const struct ss_param p_flow[] = {FLOW, {0}};
static const struct ss_param p_case[] = {CASE, {0}};
static const struct ss_param p_cases[] = {
    {"flow", "string", false, false, "流程", "flow"},
    {"state", "string", false, false, "环节", "state"},
    {"q", "string", false, false, "标题里的文字", "text in the title"},
    {"mine", "string", false, false, "1：我承办的", "1: those I hold"},
    {"overdue", "string", false, false, "1：已逾期的", "1: those overdue"},
    {"open", "string", false, false, "1：未办结的", "1: those not closed"},
    {"cursor", "string", false, false, "上一页给出的 next", "next of the page before"},
    {"limit", "integer", false, false, "每页条数，至多 500", "items a page, at most 500"},
    {0}};
static const struct ss_param p_tasks[] = {
    {"limit", "integer", false, false, "条数，至多 500", "how many, at most 500"}, {0}};
static const struct ss_param p_file[] = {
    CASE,
    {"name", "string", true, false, "文件名", "name of the file"},
    {"kind", "string", true, false, "种类，如 photo", "kind, such as photo"},
    {"ask", "string", false, false, "自定编号，重发只附一次",
     "an id of yours: asked twice, attached once"},
    {"about", "string", false, false, "JSON：位置、时刻、设备", "JSON: place, time, device"},
    {"sm3", "string", false, false, "拍下时的摘要，到达的字节不符即拒绝",
     "digest when it was taken; bytes that differ are refused"},
    {0}};
static const struct ss_param p_document[] = {
    CASE, {"document", "string", true, true, "文书编号.html 或 .pdf", "ID.html or ID.pdf"}, {0}};
static const struct ss_param p_digest[] = {
    {"digest", "string", true, true, "SM3 摘要", "SM3 digest"}, {0}};

#define TEXT "{\"type\":\"string\"}"
#define OBJECT "{\"type\":\"object\"}"
#define NEW_CASE                                                                                   \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"data\":" OBJECT     \
	",\"parent\":" TEXT ",\"note\":" TEXT ",\"id\":" TEXT "}}"
#define ACT                                                                                        \
	"{\"type\":\"object\",\"required\":[\"act\"],\"additionalProperties\":false,"              \
	"\"properties\":{\"act\":" TEXT ",\"to\":" TEXT ",\"data\":" OBJECT ",\"note\":" TEXT      \
	",\"n\":{\"type\":\"integer\"},\"ask\":" TEXT ",\"kind\":" TEXT ",\"ref\":" TEXT           \
	",\"title\":" TEXT ",\"user\":" TEXT ",\"users\":{\"type\":\"array\"},\"rule\":" TEXT      \
	",\"area\":" TEXT ",\"verdict\":" TEXT ",\"from\":" TEXT ",\"until\":" TEXT                \
	",\"pause\":" TEXT ",\"clock\":" TEXT ",\"by\":{\"type\":\"integer\"},\"document\":" TEXT  \
	",\"digest\":" TEXT ",\"name\":" TEXT ",\"about\":" OBJECT "}}"
#define TRIAL                                                                                      \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"                     \
	"\"cases\":{\"type\":\"integer\"},\"per_day\":{\"type\":\"number\"},"                      \
	"\"seed\":{\"type\":\"integer\"},\"days\":" OBJECT ",\"share\":" OBJECT                    \
	",\"people\":" OBJECT "}}"

#define FLAGS (SS_ROUTE_SLOW | SS_ROUTE_DECLARED)
#define BASE "/api/v1/cases/{flow}"

const struct ss_route ss_case_routes[] = {
    {SS_GET, "/api/v1/flows", "flow.read", "流程", "flows", NULL, NULL, SS_REF("Flows"),
     ss_get_flows, FLAGS},
    {SS_GET, "/api/v1/flows/{flow}", "flow.read", "一个流程的声明", "the declaration of a flow",
     p_flow, NULL, SS_REF("Flow"), ss_get_flow, FLAGS},
    {SS_POST, "/api/v1/flows/{flow}/simulate", "flow.read", "发布前推演：死路、到不了的环节、负荷",
     "before release: dead ends, unreachable states, load", p_flow, TRIAL, SS_REF("FlowTrial"),
     ss_post_flow_simulate, FLAGS | SS_ROUTE_PURE},
    {SS_GET, "/api/v1/cases", "case.read", "案件，新的在前", "cases, newest first", p_cases, NULL,
     SS_REF("Cases"), ss_get_cases, FLAGS},
    {SS_POST, BASE, "case.act", "发起案件", "start a case", p_flow, NEW_CASE, SS_REF("CaseMade"),
     ss_post_case, FLAGS},
    {SS_GET, BASE "/{id}", "case.read", "一个案件：记录、任务、时钟、轨迹、可办事项",
     "one case: record, tasks, clocks, trace, what may be done", p_case, NULL, SS_REF("Case"),
     ss_get_case, FLAGS},
    {SS_POST, BASE "/{id}/acts", "case.act", "办理案件", "act on a case", p_case, ACT,
     SS_REF("CaseActed"), ss_post_case_act, FLAGS},
    {SS_POST, BASE "/{id}/files", "case.act", "上传附件（正文即文件）",
     "attach a file (the body is the file)", p_file, NULL, SS_REF("CaseFiled"), ss_post_case_file,
     FLAGS},
    {SS_GET, BASE "/{id}/documents/{document}", "case.read", "文书（HTML 或 PDF）",
     "a document (HTML or PDF)", p_document, NULL, NULL, ss_get_case_document,
     FLAGS | SS_ROUTE_DISCLOSES},
    {SS_GET, "/api/v1/files/{digest}", "case.read", "附件", "an attachment", p_digest, NULL, NULL,
     ss_get_file, FLAGS | SS_ROUTE_DISCLOSES},
    {SS_GET, "/api/v1/tasks", "case.read", "我的待办与可认领的", "my tasks and those I may take",
     p_tasks, NULL, SS_REF("Tasks"), ss_get_tasks, FLAGS},
    {0},
};
