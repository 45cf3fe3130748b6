#include "base/script.h"

static _Thread_local const struct ss_script_turn *current;

const struct ss_script_turn *ss_script_as(const struct ss_script_turn *turn)
{
	const struct ss_script_turn *was = current;

	current = turn;
	return was;
}

const struct ss_script_turn *ss_script_turn(void)
{
	return current;
}
