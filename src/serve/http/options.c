#include "base/config.h"
#include "serve/http/http.h"

#define AT(f) offsetof(struct ss_http_settings, f)

const struct ss_option ss_http_options[] = {
    {"http.listen", "http", SS_OPT_STRING, AT(listen), "127.0.0.1:8080", 0, 0, NULL, false,
     "网页与接口的监听地址；没有 TLS 时只能是本机",
     "address of pages and API; without TLS loopback only"},
    {"http.names", NULL, SS_OPT_STRING, AT(names), "", 0, 0, NULL, false,
     "本服务对外的名字，逗号分隔（核对 Host）", "names of this server, comma between, for Host"},
    {"http.tls_cert", NULL, SS_OPT_STRING, AT(tls_cert), "", 0, 0, NULL, false,
     "TLS 证书链文件（PEM），改了自动换上",
     "TLS certificate chain (PEM), read anew when it changes"},
    {"http.tls_key", NULL, SS_OPT_STRING, AT(tls_key), "", 0, 0, NULL, false, "TLS 私钥文件（PEM）",
     "TLS private key (PEM)"},
    {"http.tls_clients", NULL, SS_OPT_STRING, AT(tls_clients), "", 0, 0, NULL, false,
     "只许持有此机构所签证书的客户端连接（PEM）",
     "only clients with a certificate of this authority may connect (PEM)"},
    {"http.web", NULL, SS_OPT_STRING, AT(web), "", 0, 0, NULL, false, "网页文件的目录",
     "folder of the built web pages"},
    {"http.threads", NULL, SS_OPT_INT, AT(threads), "4", 1, 64, NULL, false, "线程数", "threads"},
    {"http.max_connections", NULL, SS_OPT_INT, AT(max_connections), "12000", 16, 1000000, NULL,
     false, "最多同时连接", "most connections at once"},
    {"http.per_address", NULL, SS_OPT_INT, AT(per_address), "0", 0, 1000000, NULL, false,
     "单个地址的最多连接，0 为不限", "most connections from one address, 0 = no limit"},
    {"http.body_max", NULL, SS_OPT_SIZE, AT(body_max), "64M", 1024, 1 << 30, NULL, false,
     "请求正文的上限", "largest request body"},
    {"http.idle", NULL, SS_OPT_DURATION, AT(idle_us), "30s", 1000000, 3600000000, NULL, false,
     "空闲连接保留多久", "how long an idle connection is kept"},
    {0},
};
