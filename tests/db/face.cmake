ss_test(db face SOURCES db/face_test.c DEPENDS pg_fixture db base)
