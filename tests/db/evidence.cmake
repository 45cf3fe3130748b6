ss_test(db evidence SOURCES db/evidence_test.c DEPENDS line_fixture evidence figures verify base TIMEOUT 900)
