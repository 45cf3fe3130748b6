/* The registry as the CSV that import takes. */
#include "base/base.h"
#include "base/csv.h"
#include "record/registry/registry_internal.h"
#include "registry_sql.h"

#define COLUMNS                                                                                    \
	"mn,site_code,site_name,kind,district,lon,lat,state,point,edition,system,interval_s,"      \
	"accept_wrong_len,accept_modbus_crc,stamps_period_end,target,zone,body,label\n"

static int export_rows(struct ss_db *db, struct ss_buf *out, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "registry/device_export", &st, err);

	if (r < 0)
		return r;
	ss_buf_addz(out, COLUMNS);
	while ((r = ss_step(st, err)) == 1) {
		for (int i = 0; i < ss_col_count(st); i++)
			ss_csv_put(out, ss_col_str(st, i), i == 0);
		ss_buf_addc(out, '\n');
	}
	ss_stmt_reset(st);
	if (r == 0 && out->err)
		return ss_error_set(err, out->err, "设备清单过大；the list is too large");
	return r;
}

int ss_registry_export(const char *url, struct ss_buf *out, struct ss_error *err)
{
	struct ss_db *db;
	int r;

	ss_registry_sql();
	r = ss_db_open(url, NULL, SS_DB_READER, &db, err);
	if (r < 0)
		return r;
	r = export_rows(db, out, err);
	ss_db_close(db);
	return r;
}

const char *ss_registry_template(void)
{
	return "\xef\xbb\xbf"
	       "mn,site_code,site_name,kind,district,lon,lat,point,edition,system,pw,interval_s,"
	       "target,zone,body\n"
	       "320102AQI0000001,AQ-XW-01,玄武湖空气站,air,320102,118.7960,32.0730,,2017,22,123456,"
	       "60,,,\n"
	       "320116WW00000001,QY-0001,示例化工有限公司,source_water,320116,118.8410,32.3220,"
	       "DW001,2017,32,123456,60,,,\n"
	       "320116WA00000001,QY-0001,,,,,,DA001,2017,31,123456,60,,,\n";
}
