/* The access layer's place: default is deny. */
#include "serve/http/http.h"

int ss_access_check(const struct ss_actor *who, const char *permission, struct ss_error *err)
{
	if (!permission || !*permission)
		return ss_error_set(err, SS_EDENIED,
				    "这个接口没有写明权限，一律拒绝；the resource names no "
				    "permission, so it is refused");
	if (!who || !who->local)
		return ss_error_set(
		    err, SS_EDENIED,
		    "没有权限 %s：尚未建立管理员账号，只有本机可以访问；no permission %s: until an "
		    "administrator exists only this machine itself has access",
		    permission, permission);
	return 0;
}
