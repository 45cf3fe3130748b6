ss_test(db audit SOURCES db/audit_test.c DEPENDS pg_fixture audit journal db base TIMEOUT 900)
ss_test(db audit_cmd SOURCES db/audit_cmd_test.c DEPENDS pg_fixture audit_cmd audit journal db base)
