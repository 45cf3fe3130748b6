/* Small things over declarations. */
#include "reason/flow/flow_internal.h"

bool ssf_list_has(const json_t *list, const char *word)
{
	const json_t *e;
	size_t i;

	json_array_foreach(list, i, e)
	{
		if (json_is_string(e) && strcmp(json_string_value(e), word) == 0)
			return true;
	}
	return false;
}

json_t *ssf_find(const json_t *list, const char *key, const char *value)
{
	json_t *e;
	size_t i;

	json_array_foreach(list, i, e)
	{
		if (value && strcmp(ss_json_get_z(e, key), value) == 0)
			return e;
	}
	return NULL;
}

const char *ssf_leave_id(const json_t *leave)
{
	const char *id = ss_json_get_z(leave, "id");

	return *id ? id : ss_json_get_z(leave, "to");
}

json_t *ssf_leave_find(const json_t *leaves, const char *id)
{
	json_t *e;
	size_t i;

	json_array_foreach(leaves, i, e)
	{
		if (strcmp(ssf_leave_id(e), id) == 0)
			return e;
	}
	return NULL;
}

bool ssf_state_is(const json_t *state, const char *kind)
{
	return strcmp(ss_json_get_z(state, "kind"), kind) == 0;
}

const char *ssf_zh(const json_t *declared)
{
	return ss_json_get_z(json_object_get(declared, "title"), "zh");
}

const char *ssf_en(const json_t *declared)
{
	return ss_json_get_z(json_object_get(declared, "title"), "en");
}
