/* The lexer that numbers parameters and cuts scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "record/db/db_internal.h"

static void check_rewrite(const char *from, const char *to, int params)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1000);
	int n = -1;

	assert_int_equal(ss_sql_rewrite(ss_str_of(from), &b, &n), 0);
	assert_string_equal(b.p ? b.p : "", to);
	assert_int_equal(n, params);
}

static void parameters_outside_quotes(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1000);
	int n;

	(void)state;
	check_rewrite("select $2,$1", "select ?2,?1", 2);
	check_rewrite("'$1' \"$2\" `$3` $4", "'$1' \"$2\" `$3` ?4", 4);
	check_rewrite("'it''s $1' $2", "'it''s $1' ?2", 2);
	check_rewrite("-- $1\n$2 /* $3 * / $4 */$5", "-- $1\n?2 /* $3 * / $4 */?5", 5);
	check_rewrite("a$1 -$12", "a?1 -?12", 12);
	check_rewrite("$tag$ $1 $tag$ $2", "$tag$ $1 $tag$ ?2", 2);
	check_rewrite("'open $1", "'open $1", 0);
	check_rewrite("/* open $1", "/* open $1", 0);
	check_rewrite("", "", 0);
	check_rewrite("$", "$", 0);
	check_rewrite("南京 $1", "南京 ?1", 1);
	assert_int_equal(ss_sql_rewrite(SS_STR("$0"), &b, &n), SS_ERANGE);
	assert_int_equal(ss_sql_rewrite(SS_STR("$99999999999999999999"), &b, &n), SS_ERANGE);
}

static void check_cuts(const char *script, int count, const char *const *parts)
{
	struct ss_str rest = ss_str_of(script), one;

	for (int i = 0; i < count; i++) {
		assert_true(ss_sql_next(&rest, &one));
		assert_int_equal(one.n, strlen(parts[i]));
		assert_memory_equal(one.p, parts[i], one.n);
	}
	assert_false(ss_sql_next(&rest, &one));
	assert_int_equal(rest.n, 0);
}

static void scripts_are_cut(void **state)
{
	(void)state;
	check_cuts("", 0, NULL);
	check_cuts(" ;; -- only; blanks\n /* ; */ ", 0, NULL);
	check_cuts("a; b", 2, (const char *const[]){"a", "b"});
	check_cuts("-- head\na ';' -- x;y\n;b;", 2, (const char *const[]){"a ';' -- x;y\n", "b"});
	check_cuts(
	    "create trigger t after insert on a begin update b set c=1; delete from d; END; e", 2,
	    (const char *const[]){"create trigger t after insert on a begin update b set "
				  "c=1; delete from d; END",
				  "e"});
	check_cuts("create function f() returns int as $x$ begin; end $x$ language sql; g", 2,
		   (const char *const[]){
		       "create function f() returns int as $x$ begin; end $x$ language sql", "g"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parameters_outside_quotes),
	    cmocka_unit_test(scripts_are_cut),
	};
	return cmocka_run_group_tests_name("sql text", tests, NULL, NULL);
}
